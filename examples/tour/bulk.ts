import { uuid, type AsyncCassandraSession } from 'async-cassandra';
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

export async function streamMany(session: AsyncCassandraSession, ledger: Ledger, count: number): Promise<void> {
  const insert = await session.prepare('INSERT INTO readings (sensor, at, value) VALUES (?, ?, ?)');
  const filling = new Progress('written', count);
  await ledger.step('fill the table', async (operation) => {
    let done = 0;
    const readings = function* (): Generator<[number, number, number]> {
      for (let i = 0; i < count; i++) yield [i % 200, Math.floor(i / 200), Math.sqrt(i)];
    };
    await operation(() =>
      session.executeConcurrent(insert, readings(), {
        concurrency: 512,
        onResult: () => {
          filling.update(++done);
        },
      }),
    );
  });

  const reading = new Progress('streamed', count);
  let peak = 0;
  let rows = 0;
  let sum = 0;
  await ledger.step('stream', (operation) =>
    operation(async () => {
      await using stream = await session.executeStream<{ value: number }>('SELECT value FROM readings', undefined, {
        fetchSize: 5000,
        pageCallback: () => {
          peak = Math.max(peak, process.memoryUsage().heapUsed);
        },
      });
      for await (const row of stream) {
        sum += row.value;
        reading.update(++rows);
      }
    }),
  );
  line(`${rows.toLocaleString('en')} rows, sum ${sum.toFixed(1)}; peak heap ${(peak / 1024 / 1024).toFixed(0)} MB`);
}
