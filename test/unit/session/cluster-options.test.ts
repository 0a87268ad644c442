import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { PlainTextAuthProvider } from '../../../src/connection/auth.js';
import { ExponentialReconnectionPolicy } from '../../../src/policies/reconnection.js';
import { AsyncRetryPolicy } from '../../../src/policies/retry.js';
import { RoundRobinPolicy } from '../../../src/policies/round-robin.js';
import { NoSpeculativeExecution } from '../../../src/policies/speculative.js';
import { TokenAwarePolicy } from '../../../src/policies/token-aware.js';
import {
  CLUSTER_TABLE,
  defaultProfile,
  POOLING_TABLE,
  validateClusterOptions,
  type AsyncClusterOptions,
} from '../../../src/session/options/index.js';
import { FOREIGN_CLUSTER_OPTIONS, FOREIGN_POOLING_OPTIONS } from '../../../src/session/options/foreign-names.js';
import { PROFILE_CHECKS } from '../../../src/session/options/profiles.js';

function message(options: unknown): string {
  try {
    validateClusterOptions(options as AsyncClusterOptions);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.message;
  }
  return assert.fail('nothing was thrown');
}

test('the defaults are those of the documentation', () => {
  const options = validateClusterOptions();
  assert.deepEqual(options.contactPoints, [{ host: '127.0.0.1', port: 9042 }]);
  assert.equal(options.tls, false);
  assert.equal(options.connectTimeoutMs, 5000);
  assert.equal(options.controlConnectionTimeoutMs, 2000);
  assert.equal(options.idleHeartbeatIntervalMs, 30_000);
  assert.equal(options.heartbeatTimeoutMs, 5000);
  assert.equal(options.maxSchemaAgreementWaitMs, 10_000);
  assert.equal(options.schemaEventRefreshWindowMs, 2000);
  assert.equal(options.topologyEventRefreshWindowMs, 10_000);
  assert.equal(options.statusEventRefreshWindowMs, 2000);
  assert.deepEqual(options.pooling, {
    connectionsPerLocalHost: 1,
    connectionsPerRemoteHost: 1,
    maxRequestsPerConnection: 2048,
    maxQueuedRequests: 10_000,
    queueTimeoutMs: 0,
  });
  assert.equal(options.prepareOnAllHosts, false);
  assert.equal(options.reprepareOnUp, true);
  assert.equal(options.maxPreparedStatements, 1000);
  for (const name of ['localDatacenter', 'keyspace', 'authProvider', 'compression', 'metrics'] as const) {
    assert.equal(options[name], null);
  }
  const profile = defaultProfile(options);
  assert.equal(profile.requestTimeoutMs, 12_000);
  assert.ok(profile.loadBalancingPolicy instanceof TokenAwarePolicy);
  assert.ok(profile.retryPolicy instanceof AsyncRetryPolicy);
  assert.ok(options.reconnectionPolicy instanceof ExponentialReconnectionPolicy);
  assert.equal(options.reconnectionPolicy.baseDelayMs, 1000);
  assert.equal(options.reconnectionPolicy.maxDelayMs, 60_000);
  assert.ok(profile.speculativeExecutionPolicy instanceof NoSpeculativeExecution);
});

test('clusters do not share the policies that are made for them', () => {
  const [one, other] = [validateClusterOptions(), validateClusterOptions()].map(defaultProfile);
  assert.notEqual(one?.loadBalancingPolicy, other?.loadBalancingPolicy);
});

test('what is given is taken over; undefined counts as left out', () => {
  const loadBalancingPolicy = new RoundRobinPolicy();
  const options = validateClusterOptions({
    contactPoints: ['a', 'b:1', '[::1]:2'],
    port: 7,
    loadBalancingPolicy,
    pooling: { maxQueuedRequests: 0, queueTimeoutMs: undefined },
    tls: { rejectUnauthorized: false },
    keyspace: undefined,
    protocolVersion: 5,
    values: { int64: 'number' },
  });
  assert.deepEqual(options.contactPoints, [
    { host: 'a', port: 7 },
    { host: 'b', port: 1 },
    { host: '::1', port: 2 },
  ]);
  assert.equal(defaultProfile(options).loadBalancingPolicy, loadBalancingPolicy);
  assert.equal(options.pooling.maxQueuedRequests, 0);
  assert.deepEqual(options.tls, { rejectUnauthorized: false });
  assert.equal(options.keyspace, null);
  assert.ok(Object.isFrozen(options));
});

test('an old protocol version is refused with the words of the contract', () => {
  for (const version of [4, 3, 1]) {
    assert.ok(
      message({ protocolVersion: version, nonsense: 1 }).startsWith(
        `Protocol version ${String(version)} is not supported. async-cassandra requires CQL protocol v5 or higher for optimal async performance.`,
      ),
    );
  }
  assert.match(message({ protocolVersion: 6 }), /protocolVersion must be 5.*got 6/);
  assert.match(message({ protocolVersion: '5' }), /protocolVersion must be 5/);
});

test('everything that is wrong is said at once', () => {
  const text = message({
    contactPoints: ['ok', 'host:99999'],
    port: 0,
    requestTimeoutMs: -1,
    pooling: { maxRequestsPerConnection: 32_768, coreConnectionsPerHost: {} },
    executionProfiles: { olap: { fetchSize: '5', consistancyLevel: 1 } },
    values: { int64: 'Long' },
    keyspce: 'ks',
  });
  for (const part of [
    'contactPoints[1] must name a port',
    'port must be a whole number from 1 to 65535; got 0',
    'requestTimeoutMs must be a number of milliseconds',
    'pooling.maxRequestsPerConnection must be',
    'unknown option pooling.coreConnectionsPerHost: give connectionsPerLocalHost',
    'executionProfiles.olap.fetchSize must be',
    'did you mean executionProfiles.olap.consistencyLevel?',
    "values.int64 must be 'bigint', 'number' or 'string'; got 'Long'",
    'unknown option keyspce: did you mean keyspace?',
  ]) {
    assert.ok(text.includes(part), `${part} is not in: ${text}`);
  }
});

test('names of the Python driver and of cassandra-driver are answered with ours', () => {
  const answers: Record<string, RegExp> = {
    executorThreads: /there is no thread pool/,
    executor_threads: /there is no thread pool/,
    localDataCenter: /did you mean localDatacenter\?/,
    local_datacenter: /did you mean localDatacenter\?/,
    contact_points: /did you mean contactPoints\?/,
    load_balancing_policy: /did you mean loadBalancingPolicy\?/,
    auth_provider: /did you mean authProvider\?/,
    ssl_context: /the option tls/,
    sslOptions: /the option tls/,
    queryOptions: /always prepared/,
    rePrepareOnUp: /did you mean reprepareOnUp\?/,
    idle_heartbeat_interval: /idleHeartbeatIntervalMs here, in milliseconds/,
    max_schema_agreement_wait: /maxSchemaAgreementWaitMs/,
    control_connection_timeout: /controlConnectionTimeoutMs/,
    profiles: /executionProfiles/,
    policies: /options of their own/,
    credentials: /PlainTextAuthProvider/,
    socketOptions: /connectTimeoutMs/,
    consistency: /executionProfiles: \{ default: \{ consistencyLevel \} \}/,
    maxRequestsPerConnection: /pooling: \{ maxRequestsPerConnection \}/,
    requestTracker: /tracing channels.*slowQueryMs/,
    id: /applicationName/,
  };
  for (const [name, answer] of Object.entries(answers)) assert.match(message({ [name]: 1 }), answer, name);
  assert.match(message({ pooling: { warmup: true } }), /warmupConnections\(\)/);
});

test('advice names only options that exist', () => {
  const known = new Set([...Object.keys(CLUSTER_TABLE), ...Object.keys(POOLING_TABLE), ...Object.keys(PROFILE_CHECKS)]);
  const called = /(?:it is called|it is the option|\{ default: \{|it is part of pooling: \{) (\w+)/;
  const named = [FOREIGN_CLUSTER_OPTIONS, FOREIGN_POOLING_OPTIONS]
    .flatMap((names) => Object.values(names))
    .flatMap((advice) => called.exec(advice)?.[1] ?? []);
  assert.ok(named.length > 30, String(named.length));
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
});

test('wrong kinds are refused, and what may be a secret is not shown', () => {
  assert.match(
    message({ contactPoints: 'localhost' }),
    /contactPoints must be an array of at least one host; got 'localhost'/,
  );
  assert.match(message({ contactPoints: [] }), /contactPoints must be/);
  assert.match(message({ contactPoints: [5] }), /contactPoints\[0\] must be a string/);
  assert.match(message({ loadBalancingPolicy: RoundRobinPolicy }), /did you mean new RoundRobinPolicy\(…\)\?/);
  assert.match(
    message({ retryPolicy: {} }),
    /retryPolicy must be a RetryPolicy; got an object without onReadTimeout\(\)/,
  );
  assert.match(message({ compression: 'snappy' }), /compression must be 'lz4'/);
  assert.match(message('localhost'), /the options must be an object; got 'localhost'/);
  assert.match(message(['localhost']), /the options must be an object; got an array/);
  for (const options of [
    { authProvider: 'hunter2' },
    { authProvider: { username: 'u', password: 'hunter2' } },
    { tls: 'hunter2' },
    { password: 'hunter2' },
  ]) {
    assert.doesNotMatch(message(options), /hunter2/);
  }
});

test('a password in a contact point is not repeated, wherever the contact point stands', () => {
  for (const text of [
    'cassandra://user:hunter2@host:9042',
    'user:hunter2@host',
    'user:hunter2@host:9042',
    'user:p@hunter2@host',
    'hunter2@',
    'cassandra://host/?password=hunter2',
    'us,er:hunter2@host',
  ]) {
    for (const options of [
      text,
      { contactPoints: text },
      { contactPoints: [text] },
      { keyspace: [text], port: text },
    ]) {
      const told = message(options);
      assert.doesNotMatch(told, /hunter2/);
      assert.match(told, /got (?:a string of \d+ characters|an array)/);
    }
  }
  assert.match(message({ contactPoints: ['user:hunter2@host'] }), /contactPoints\[0\] must be host.*without user name/);
});

test('wrong codecs are found with the rest', () => {
  assert.match(message({ values: { codecs: [{ type: 'text' }] }, port: -1 }), /port must.*values\.codecs: A codec has/);
  assert.match(message({ values: { codecs: 'x' } }), /values\.codecs must be an array/);
});

test('an authProvider and policies of the user’s own are taken by their shape', () => {
  const authProvider = { initialResponse: () => null };
  assert.equal(validateClusterOptions({ authProvider }).authProvider, authProvider);
  assert.ok(validateClusterOptions({ authProvider: new PlainTextAuthProvider('u', 'p') }).authProvider);
});

test('every row of the table has a documentation, and its default passes its own check', () => {
  for (const table of [CLUSTER_TABLE, POOLING_TABLE]) {
    for (const [name, { check, byDefault, doc, shown }] of Object.entries(table)) {
      assert.match(doc, /\.$/, name);
      assert.notEqual(shown, '', name);
      const value: unknown = byDefault();
      if (value !== undefined) assert.equal(check(value), null, name);
    }
  }
});
