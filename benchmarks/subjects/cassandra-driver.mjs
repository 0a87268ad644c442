// The npm driver of the Apache project, in what was found to be its best settings: everything prepared, values already of
// its own classes, one connection that takes as many requests as ours does, no version negotiation, no report of itself.
import { item, LARGE_PAGE_ROWS, PAGE_ROWS, QUERIES, vector } from '../lib/schema.mjs';
import { BATCH_SIZE, REQUEST_TIMEOUT_MS } from '../lib/workloads.mjs';

export async function open({ contactPoint, port, localDatacenter, options = {} }) {
  const { default: cassandra } = await import('cassandra-driver');
  const { types } = cassandra;
  const client = new cassandra.Client({
    contactPoints: [contactPoint],
    localDataCenter: localDatacenter,
    protocolOptions: { port, maxVersion: types.protocolVersion.v4 },
    pooling: {
      maxRequestsPerConnection: 2048,
      coreConnectionsPerHost: { [types.distance.local]: options.connectionsPerHost ?? 1 },
      heartBeatInterval: options.heartbeatIntervalMs ?? 30_000,
    },
    // Where the client is slow by itself, its answers are late without any fault of the server's.
    socketOptions: { readTimeout: REQUEST_TIMEOUT_MS },
    monitorReporting: { enabled: false },
    maxPrepared: options.maxPreparedStatements ?? 500,
  });
  await client.connect();

  const prepared = { prepare: true };
  const items = Array.from({ length: 256 }, (_, i) => itemValues(types, item(i)));
  const keys = items.map(([id]) => [id]);
  const one = [1];

  const repeated = (query, parametersOf) => (i) => client.execute(query, parametersOf(i), prepared);

  const operations = {
    select1: () => repeated(QUERIES.select1, (i) => keys[i & 255]),
    insert1: () => repeated(QUERIES.insert1, (i) => items[i & 255]),
    page100: () => repeated(QUERIES.page100, () => one),
    page5000: () => repeated(QUERIES.page5000, () => one),
    page10000: () => () => client.execute(QUERIES.page10000, [2], { prepare: true, fetchSize: LARGE_PAGE_ROWS }),
    vectorRead: () => repeated(QUERIES.vectorRead, () => one),
    vectorWrite: () => {
      const parameters = [1, new types.Vector(vector(), 'float')];
      return repeated(QUERIES.vectorWrite, () => parameters);
    },
    held: () => repeated(QUERIES.held, (i) => [1, i]),
    batch50: () => (i) => {
      const queries = [];
      for (let n = 0; n < BATCH_SIZE; n++) {
        queries.push({ query: QUERIES.small, params: [i & 255, n, 'a short text'] });
      }
      return client.batch(queries, { prepare: true, logged: false });
    },
    // The cheapest of its ways: a callback for each row, pages fetched by themselves.
    stream1M: () => () =>
      new Promise((resolve, reject) => {
        let rows = 0;
        client.eachRow(
          QUERIES.stream,
          one,
          { prepare: true, fetchSize: PAGE_ROWS, autoPage: true },
          (_, row) => (rows += row.part),
          (error) => (error ? reject(error) : resolve(rows)),
        );
      }),
  };

  return {
    client,
    operation: async (name) => operations[name](),
    numbered: (query, parameters) => client.execute(query, parameters, prepared),
    close: () => client.shutdown(),
  };
}

function itemValues(types, row) {
  const values = { ...row, id: types.Uuid.fromString(row.id), total: types.Long.fromString(String(row.total)) };
  return Object.values(values);
}
