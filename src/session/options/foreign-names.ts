const ms = (name: string): string => `it is called ${name} here, in milliseconds`;
const inPooling = (name: string): string => `it is part of pooling: { ${name} }`;
const inProfile = (name: string): string =>
  `it is part of an execution profile: executionProfiles: { default: { ${name} } }`;

/**
 * Options of the Python driver and of cassandra-driver that are called or solved otherwise here, by name; compared
 * without underscores and letter case. Names that differ from ours in those alone need no entry.
 */
export const FOREIGN_CLUSTER_OPTIONS: Readonly<Record<string, string>> = {
  // Python
  executorThreads: 'there is no thread pool here, requests never block a thread: leave it out',
  sslContext: 'TLS is the option tls (true, or the options of node:tls)',
  sslOptions: 'TLS is the option tls (true, or the options of node:tls)',
  ssl: 'TLS is the option tls (true, or the options of node:tls)',
  maxSchemaAgreementWait: ms('maxSchemaAgreementWaitMs'),
  controlConnectionTimeout: ms('controlConnectionTimeoutMs'),
  connectTimeout: ms('connectTimeoutMs'),
  idleHeartbeatInterval: ms('idleHeartbeatIntervalMs'),
  idleHeartbeatTimeout: ms('heartbeatTimeoutMs'),
  schemaEventRefreshWindow: ms('schemaEventRefreshWindowMs'),
  topologyEventRefreshWindow: ms('topologyEventRefreshWindowMs'),
  statusEventRefreshWindow: ms('statusEventRefreshWindowMs'),
  defaultTimeout: ms('requestTimeoutMs'),
  requestTimeout: ms('requestTimeoutMs'),
  defaultRetryPolicy: 'it is called retryPolicy here',
  defaultFetchSize: inProfile('fetchSize'),
  defaultConsistencyLevel: inProfile('consistencyLevel'),
  defaultSerialConsistencyLevel: inProfile('serialConsistencyLevel'),
  rowFactory: 'rowMode is an option of each call',
  metricsEnabled: 'give a middleware as metrics',
  connectionClass: 'there is one kind of connection: leave it out',
  cqlVersion: 'it is settled with the server: leave it out',
  tokenMetadataEnabled: 'tokens are always known: leave it out',
  schemaMetadataEnabled: 'schema is read when it is asked for: leave it out',
  // cassandra-driver
  localDc: 'it is called localDatacenter here',
  queryOptions:
    'consistencyLevel, serialConsistencyLevel and fetchSize are part of executionProfiles: { default: { … } }, ' +
    'and a string with parameters is always prepared',
  policies: 'loadBalancingPolicy, retryPolicy, reconnectionPolicy … are options of their own',
  protocolOptions: 'port and protocolVersion are options of their own',
  socketOptions: 'connectTimeoutMs and requestTimeoutMs are options of their own',
  profiles: 'it is called executionProfiles here, an object of options by name',
  credentials: 'give authProvider: new PlainTextAuthProvider(username, password), or use AsyncCluster.createWithAuth',
  username: 'give authProvider: new PlainTextAuthProvider(username, password), or use AsyncCluster.createWithAuth',
  password: 'give authProvider: new PlainTextAuthProvider(username, password), or use AsyncCluster.createWithAuth',
  encoding: 'how values are read is the option values',
  maxPrepared: 'it is called maxPreparedStatements here',
  isMetadataSyncEnabled: 'metadata is read when it is asked for: leave it out',
  refreshSchemaDelay: ms('schemaEventRefreshWindowMs'),
  promiseFactory: 'promises are those of JavaScript: leave it out',
  monitorReporting: 'give a middleware as metrics',
  addressResolution: 'give an addressTranslator',
  timestampGeneration: 'it is called timestampGenerator here',
  cloud: 'secure connect bundles are not supported',
  requestTracker: 'subscribe to the tracing channels (node:diagnostics_channel), or give slowQueryMs',
  id: 'applicationName and applicationVersion are what servers are told',
  graphOptions: 'there is no graph engine in Apache Cassandra',
  // Ours, in another place
  consistency: inProfile('consistencyLevel'),
  consistencyLevel: inProfile('consistencyLevel'),
  serialConsistencyLevel: inProfile('serialConsistencyLevel'),
  fetchSize: inProfile('fetchSize'),
  readTimeout: ms('requestTimeoutMs'),
  timeoutMs: 'it is called requestTimeoutMs here',
  heartBeatInterval: ms('idleHeartbeatIntervalMs'),
  heartbeatIntervalMs: 'it is called idleHeartbeatIntervalMs here',
  coreConnectionsPerHost: 'give pooling: { connectionsPerLocalHost, connectionsPerRemoteHost }',
  connectionsPerLocalHost: inPooling('connectionsPerLocalHost'),
  connectionsPerRemoteHost: inPooling('connectionsPerRemoteHost'),
  maxRequestsPerConnection: inPooling('maxRequestsPerConnection'),
  maxQueuedRequests: inPooling('maxQueuedRequests'),
  queueTimeoutMs: inPooling('queueTimeoutMs'),
  hosts: 'it is called contactPoints here',
  nodes: 'it is called contactPoints here',
  codecs: 'it is part of values: { codecs }',
};

export const FOREIGN_POOLING_OPTIONS: Readonly<Record<string, string>> = {
  coreConnectionsPerHost: 'give connectionsPerLocalHost and connectionsPerRemoteHost, both numbers',
  heartBeatInterval: 'it is the option idleHeartbeatIntervalMs of the cluster',
  queueTimeout: 'it is called queueTimeoutMs here',
  warmup: 'new ConnectionMonitor(session).warmupConnections() does that',
};
