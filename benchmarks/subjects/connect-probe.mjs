// A cold start: how long the module takes to load, and how long it is from then to the first row.
import { performance } from 'node:perf_hooks';

const STARTS = {
  async 'async-cassandra'({ entry, contactPoint, port, query, key }) {
    const { AsyncCluster } = await import(entry);
    return async () => {
      const cluster = new AsyncCluster({ contactPoints: [contactPoint], port });
      const session = await cluster.connect();
      const result = await session.execute(query, [key]);
      return { rows: result.rows, close: () => cluster.shutdown() };
    };
  },

  async 'cassandra-driver'({ contactPoint, port, localDatacenter, query, key }) {
    const { default: cassandra } = await import('cassandra-driver');
    return async () => {
      const client = new cassandra.Client({
        contactPoints: [contactPoint],
        localDataCenter: localDatacenter,
        protocolOptions: { port, maxVersion: cassandra.types.protocolVersion.v4 },
        monitorReporting: { enabled: false },
      });
      const result = await client.execute(query, [key], { prepare: true });
      return { rows: result.rows, close: () => client.shutdown() };
    };
  },
};

process.once('message', ({ kind, settings }) => {
  void (async () => {
    const cpu = process.cpuUsage();
    const started = performance.now();
    const connect = await STARTS[kind](settings);
    const loaded = performance.now();
    const { rows, close } = await connect();
    const answered = performance.now();
    const { user, system } = process.cpuUsage(cpu);
    if (rows.length !== 1) throw new Error(`The first query gave ${rows.length} rows`);
    process.send({ loadMs: loaded - started, connectMs: answered - loaded, cpuMs: (user + system) / 1000 });
    await close();
    process.disconnect();
  })();
});
