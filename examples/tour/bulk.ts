import { BatchStatement, BatchType, uuid, type AsyncCassandraSession, type PreparedStatement } from 'async-cassandra';
import type { Ledger } from './ledger.js';
import { line, Progress } from './screen.js';

export async function bulkInsert(session: AsyncCassandraSession, ledger: Ledger, count: number): Promise<string[]> {
  const insert = await session.prepare('INSERT INTO users (id, name, email, born, tags) VALUES (?, ?, ?, ?, ?)');
  const ids = Array.from({ length: count }, () => uuid());
  const progress = new Progress('inserted', count);
  let done = 0;
  await ledger.step('insert', (operation) =>
    Promise.all(
      ids.map((id, i) =>
        operation(async () => {
          const name = `user ${String(i)}`;
          await session.execute(insert, [id, name, `user${String(i)}@example.com`, '1990-02-03', new Set(['a', 'b'])]);
          progress.update(++done);
        }),
      ),
    ),
  );
  return ids;
}

export async function readBack(session: AsyncCassandraSession, ledger: Ledger, ids: readonly string[]): Promise<void> {
  const byPosition = await session.prepare('SELECT name, email FROM users WHERE id = ?');
  const byName = await session.prepare('SELECT name, born, tags FROM users WHERE id = :id');
  const sample = ids.slice(0, 1000);
  await ledger.step('read by position', (operation) =>
    Promise.all(sample.map((id) => operation(() => session.execute(byPosition, [id])))),
  );
  const users = await ledger.step('read by name', (operation) =>
    Promise.all(sample.map((id) => operation(() => session.execute(byName, { id })))),
  );
  const first = users[0]?.one();
  line(
    `the first of ${String(users.length)}: ${JSON.stringify(first, (_key, value: unknown) => (value instanceof Set ? [...value] : value))}`,
  );
}

const SENSORS = 200;
const BATCH = 100;

/** One unlogged batch for each stretch of a partition: one write on the node, however many rows. */
function* batches(insert: PreparedStatement, count: number): Generator<BatchStatement> {
  const perSensor = count / SENSORS;
  for (let sensor = 0; sensor < SENSORS; sensor++) {
    for (let at = 0; at < perSensor; at += BATCH) {
      const batch = new BatchStatement({ type: BatchType.UNLOGGED, isIdempotent: true });
      for (let i = at; i < Math.min(at + BATCH, perSensor); i++) batch.add(insert, [sensor, i, Math.sqrt(i)]);
      yield batch;
    }
  }
}

export async function streamMany(session: AsyncCassandraSession, ledger: Ledger, count: number): Promise<void> {
  const insert = await session.prepare('INSERT INTO readings (sensor, at, value) VALUES (?, ?, ?)');
  const filling = new Progress('written', count);
  await ledger.step('fill, 100 rows a batch', async (operation) => {
    const source = batches(insert, count);
    let done = 0;
    const worker = async (): Promise<void> => {
      for (let next = source.next(); next.done !== true; next = source.next()) {
        const batch = next.value;
        await operation(() => session.executeBatch(batch));
        filling.update((done += batch.length));
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  });

  const reading = new Progress('streamed', count);
  const peak = { heap: 0, rss: 0 };
  let rows = 0;
  let sum = 0;
  await ledger.step('stream, 1000 rows a page', async (operation) => {
    await using stream = await session.executeStream<{ value: number }>('SELECT value FROM readings');
    const pages = stream.pages();
    for (;;) {
      const page = await operation(() => pages.next());
      if (page.done === true) break;
      for (const { value } of page.value) sum += value;
      reading.update((rows += page.value.length));
      const { heapUsed, rss } = process.memoryUsage();
      peak.heap = Math.max(peak.heap, heapUsed);
      peak.rss = Math.max(peak.rss, rss);
    }
  });
  const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
  line(
    `${rows.toLocaleString('en')} rows, sum ${sum.toFixed(1)}; peak heap ${megabytes(peak.heap)}, process ${megabytes(peak.rss)}`,
  );
}
