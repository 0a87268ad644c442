import { BatchStatement, uuid, type AsyncCassandraSession } from 'async-cassandra';
import type { Ledger } from './ledger.js';
import { line } from './screen.js';

export async function batchOfTwo(session: AsyncCassandraSession, ledger: Ledger): Promise<void> {
  const batch = new BatchStatement()
    .add('INSERT INTO users (id, name) VALUES (?, ?)', [uuid(), 'Alice'])
    .add('INSERT INTO users (id, name) VALUES (?, ?)', [uuid(), 'Bob']);
  await ledger.step('batch', (operation) => operation(() => session.executeBatch(batch)));
  line(`a logged batch of ${String(batch.length)} inserts`);
}

export async function lightweightTransaction(session: AsyncCassandraSession, ledger: Ledger): Promise<void> {
  const id = uuid();
  const outcomes = await ledger.step('lightweight transaction', async (operation) => {
    const query = 'INSERT INTO users (id, name) VALUES (?, ?) IF NOT EXISTS';
    const first = await operation(() => session.execute(query, [id, 'Carol']));
    const second = await operation(() => session.execute(query, [id, 'Dave']));
    return [first.wasApplied, second.wasApplied];
  });
  line(`IF NOT EXISTS twice for one id: applied ${outcomes.map(String).join(', then ')}`);
}

export async function counterColumn(session: AsyncCassandraSession, ledger: Ledger): Promise<void> {
  await ledger.step('counter', (operation) =>
    Promise.all(
      Array.from({ length: 100 }, () =>
        operation(() => session.execute('UPDATE visits SET hits = hits + 1 WHERE page = ?', ['/home'])),
      ),
    ),
  );
  const { rows } = await session.execute<{ hits: bigint }>('SELECT hits FROM visits WHERE page = ?', ['/home']);
  line(`100 increments at once: the counter is at ${String(rows[0]?.hits)}`);
}
