import assert from 'node:assert/strict';
import { AsyncCassandraError, ConsistencyLevel, type AsyncCassandraSession } from '../../../src/index.js';
import { IDEMPOTENT, type Journal } from './journal.js';
import { valueOf } from './mix.js';

const ALL_ROWS = { consistencyLevel: ConsistencyLevel.LOCAL_QUORUM, timeoutMs: 60_000, fetchSize: 2000 };

/** The three promises: nothing idempotent failed, nothing acknowledged is missing, nothing was applied twice. */
export async function verifyAll(session: AsyncCassandraSession, journal: Journal): Promise<void> {
  verifyOutcomes(journal);
  await verifyTables(session, journal);
}

/** No idempotent request failed, no read gave another row than it asked for, and what failed did so by a typed error. */
export function verifyOutcomes(journal: Journal): void {
  assert.deepEqual(journal.wrongRows, []);
  const lost = journal.failures.filter(({ kind }) => IDEMPOTENT.includes(kind));
  assert.deepEqual(
    lost.slice(0, 5).map(({ kind, error }) => ({ kind, error })),
    [],
    `${String(lost.length)} idempotent requests failed`,
  );
  for (const { error } of journal.failures) assert.ok(error instanceof AsyncCassandraError, String(error));
}

/** What was acknowledged is there, once; what failed may be there, once. */
export async function verifyTables(session: AsyncCassandraSession, journal: Journal): Promise<void> {
  await verifyItems(session, journal);
  await verifyCounters(session, journal);
  await verifyLists(session, journal);
}

async function verifyItems(session: AsyncCassandraSession, journal: Journal): Promise<void> {
  const found = new Map<unknown, unknown>();
  const stream = await session.executeStream('SELECT k, v FROM items', [], ALL_ROWS);
  for await (const row of stream) found.set(row['k'], row['v']);
  const missing = journal.written.filter((key) => found.get(key) !== valueOf(key));
  assert.deepEqual(missing, [], 'acknowledged writes that cannot be read');
}

async function verifyCounters(session: AsyncCassandraSession, journal: Journal): Promise<void> {
  const { rows } = await session.execute('SELECT k, n FROM counters', [], ALL_ROWS);
  const found = new Map(rows.map((row) => [row['k'], Number(row['n'])]));
  const keys = new Set([...journal.counted.keys(), ...journal.maybeCounted.keys()]);
  const wrong: string[] = [];
  for (const key of keys) {
    const least = journal.counted.get(key) ?? 0;
    const most = least + (journal.maybeCounted.get(key) ?? 0);
    const count = found.get(key) ?? 0;
    if (count < least || count > most) wrong.push(`counter ${key} is ${count}, must be ${least} to ${most}`);
  }
  assert.deepEqual(wrong, []);
}

async function verifyLists(session: AsyncCassandraSession, journal: Journal): Promise<void> {
  const found = new Map<number, number>();
  const wrong: string[] = [];
  const stream = await session.executeStream('SELECT k, l FROM lists', [], ALL_ROWS);
  for await (const row of stream) {
    for (const element of row['l'] as number[]) {
      found.set(element, (found.get(element) ?? 0) + 1);
      const list = journal.appended.get(element) ?? journal.maybeAppended.get(element);
      if (list !== row['k']) wrong.push(`${element} stands in list ${String(row['k'])}`);
    }
  }
  for (const [element, times] of found) if (times > 1) wrong.push(`${element} was appended ${times} times`);
  for (const element of journal.appended.keys()) if (!found.has(element)) wrong.push(`${element} is missing`);
  assert.deepEqual(wrong, []);
}
