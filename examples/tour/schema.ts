import type { AsyncCassandraSession } from 'async-cassandra';
import type { Ledger } from './ledger.js';
import { line } from './screen.js';

export async function createSchema(session: AsyncCassandraSession, ledger: Ledger): Promise<void> {
  await ledger.step('schema', async (operation) => {
    await operation(() =>
      session.execute(
        "CREATE KEYSPACE IF NOT EXISTS tour WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
      ),
    );
    await session.setKeyspace('tour');
    const tables = [
      'CREATE TABLE IF NOT EXISTS users (id uuid PRIMARY KEY, name text, email text, born date, tags set<text>)',
      'CREATE TABLE IF NOT EXISTS readings (sensor int, at int, value double, PRIMARY KEY (sensor, at))',
      'CREATE TABLE IF NOT EXISTS visits (page text PRIMARY KEY, hits counter)',
    ];
    for (const table of tables) await operation(() => session.execute(table));
  });
  line('keyspace tour with the tables users, readings and visits');
}
