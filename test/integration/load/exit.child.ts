// Uses a cluster, shuts it down and must end by itself:
//   node exit.child.ts <cluster options as JSON> <case>
import { AsyncCluster, type AsyncClusterOptions } from '../../../src/index.js';
import { tell } from '../../support/child.js';
import { OwnTime } from '../../support/own-time.js';

const [options = '{}', which = ''] = process.argv.slice(2);
const cluster = new AsyncCluster(JSON.parse(options) as AsyncClusterOptions);

/** The channel to the parent would keep this process alive; from here on only the client could. */
async function end(shutdown: Promise<void>, waits: boolean): Promise<void> {
  if (waits) await shutdown;
  await tell('over');
  const time = new OwnTime();
  process.on('exit', () => {
    process.stderr.write(`exit after ${String(time.ms)} ms\n`);
  });
  process.disconnect();
}

const QUERY = 'SELECT * FROM system.local';
switch (which) {
  case 'awaited': {
    const session = await cluster.connect();
    await session.execute(QUERY);
    await end(cluster.shutdown(), true);
    break;
  }
  case 'not awaited': {
    const session = await cluster.connect();
    await session.execute(QUERY);
    void end(cluster.shutdown(), false);
    break;
  }
  case 'after aborts': {
    const session = await cluster.connect();
    const controller = new AbortController();
    const outcomes = Array.from({ length: 100 }, () =>
      session.execute(QUERY, undefined, { signal: controller.signal }),
    );
    controller.abort(new Error('enough'));
    await Promise.allSettled(outcomes);
    await end(cluster.shutdown(), true);
    break;
  }
  case 'after timeouts and streams': {
    const session = await cluster.connect();
    await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        session.execute('SELECT * FROM system_schema.columns', undefined, { timeoutMs: 1 }),
      ),
    );
    const stream = await session.executeStream('SELECT * FROM system_schema.columns', undefined, {
      fetchSize: 10,
      timeoutMs: 60_000,
    });
    for await (const row of stream) if ('table_name' in row) break;
    await session.executeStream('SELECT * FROM system_schema.columns', undefined, { fetchSize: 10, timeoutMs: 60_000 });
    await session.close();
    await end(cluster.shutdown(), true);
    break;
  }
  case 'after setKeyspace': {
    const session = await cluster.connect();
    for (const keyspace of ['system', 'system_schema', 'system']) await session.setKeyspace(keyspace);
    await session.execute('SELECT * FROM local');
    await end(cluster.shutdown(), true);
    break;
  }
  case 'never connected': {
    await end(cluster.shutdown(), true);
    break;
  }
  case 'failed to connect': {
    const lost = new AsyncCluster({ contactPoints: ['127.0.0.1:1'] });
    await lost.connect().catch(() => undefined);
    await lost.shutdown();
    await end(cluster.shutdown(), true);
    break;
  }
  default:
    throw new Error(`No case '${which}'`);
}
