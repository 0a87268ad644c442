// One life of a client, run by each Node that the package is for. The last line printed is what it found.
import { AsyncCluster, BatchStatement } from 'async-cassandra';
import { FakeNode, delay, rows } from 'async-cassandra/testing';

const { node, keyspace, tls } = JSON.parse(process.env.SMOKE);
const found = { node: process.versions.node };

const cluster = new AsyncCluster(node);
const session = await cluster.connect();
await session.execute(
  `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
);
await session.setKeyspace(keyspace);
await session.execute('CREATE TABLE IF NOT EXISTS t (k int PRIMARY KEY, v text)');
const insert = await session.prepare('INSERT INTO t (k, v) VALUES (?, ?)');
await session.execute(insert, [1, 'one']);
const batch = new BatchStatement();
for (let k = 2; k <= 20; k++) batch.add(insert, [k, `number ${k}`]);
await session.executeBatch(batch);
found.one = (await session.execute('SELECT v FROM t WHERE k = ?', [1])).one().v;
found.streamed = 0;
for await (const row of await session.executeStream('SELECT k FROM t', undefined, { fetchSize: 7 })) {
  if (row.k > 0) found.streamed++;
}
await session
  .execute('SELECT * FROM t', undefined, { signal: AbortSignal.abort() })
  .catch((error) => (found.aborted = error.name));
await session.execute(`DROP KEYSPACE ${keyspace}`, undefined, { timeoutMs: 60_000 });
await cluster.shutdown();

const fake = await FakeNode.start({ tls: { cert: tls.cert, key: tls.key } });
fake.on('SELECT slow', delay(60_000));
fake.on('SELECT a', rows([{ a: 1 }]));
const secure = new AsyncCluster({ contactPoints: [fake.contactPoint], tls: { ca: tls.ca } });
const overTls = await secure.connect();
found.tls = (await overTls.execute('SELECT a')).one().a;
const abort = new AbortController();
const slow = overTls.execute('SELECT slow', undefined, { signal: abort.signal });
setTimeout(() => abort.abort(), 20);
await slow.catch((error) => (found.abortedInFlight = error.name));
await secure.shutdown();
await fake.close();
console.log(JSON.stringify(found));
