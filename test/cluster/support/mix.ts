import { ConsistencyLevel, type AsyncCassandraSession, type AsyncResultSet } from '../../../src/index.js';
import { increment, Journal, type Kind } from './journal.js';
import { createTable } from './three-nodes.js';

/** How many rows the counts and the appends are spread over. */
const COUNTERS = 64;
const LISTS = 512;
const MIX: readonly Kind[] = ['write', 'read', 'write', 'read', 'count', 'write', 'read', 'append'];

const WRITE = 'INSERT INTO items (k, v) VALUES (?, ?)';
const READ = 'SELECT k, v FROM items WHERE k = ?';
const COUNT = 'UPDATE counters SET n = n + 1 WHERE k = ?';
const APPEND = 'UPDATE lists SET l = l + ? WHERE k = ?';

export async function createMixTables(session: AsyncCassandraSession): Promise<void> {
  await createTable(session, 'items', 'k int PRIMARY KEY, v text');
  await createTable(session, 'counters', 'k int PRIMARY KEY, n counter');
  await createTable(session, 'lists', 'k int PRIMARY KEY, l list<int>');
}

/** What the row of `items` with that key holds. */
export function valueOf(key: number): string {
  return `value of ${String(key)}`;
}

/** Writes, reads, increments and appends by number, all at LOCAL_QUORUM; their outcomes stand in the journal. */
export class Mix {
  readonly journal = new Journal();
  readonly #session: AsyncCassandraSession;
  #next = 0;

  /** The session's keyspace holds the tables of `createMixTables`, empty. */
  constructor(session: AsyncCassandraSession) {
    this.#session = session;
  }

  /** Sends the next request. Resolves with its kind when it is answered or has failed; never rejects. */
  async send(): Promise<Kind> {
    const number = this.#next++;
    const kind = MIX[number % MIX.length] ?? 'write';
    this.journal.sent[kind]++;
    await this.#sendOne(kind, number);
    return kind;
  }

  #sendOne(kind: Kind, number: number): Promise<void> {
    switch (kind) {
      case 'write':
        return this.#write(number);
      case 'read':
        return this.#read();
      case 'count':
        return this.#count(Math.floor(number / MIX.length) % COUNTERS);
      case 'append':
        return this.#append(Math.floor(number / MIX.length) % LISTS, number);
    }
  }

  async #write(key: number): Promise<void> {
    const result = await this.#ask('write', WRITE, [key, valueOf(key)], true);
    if (result !== null) this.journal.written.push(key);
  }

  async #read(): Promise<void> {
    const { written, wrongRows } = this.journal;
    const key = written[Math.floor(Math.random() * written.length)];
    if (key === undefined) return;
    const result = await this.#ask('read', READ, [key], true);
    if (result === null) return;
    const [row] = result.rows;
    if (result.length !== 1 || row?.['k'] !== key || row['v'] !== valueOf(key)) {
      wrongRows.push(`asked for ${String(key)}, got ${JSON.stringify(result.rows)}`);
    }
  }

  async #count(key: number): Promise<void> {
    const { counted, maybeCounted } = this.journal;
    const result = await this.#ask('count', COUNT, [key], false);
    increment(result === null ? maybeCounted : counted, key);
  }

  async #append(list: number, element: number): Promise<void> {
    const { appended, maybeAppended } = this.journal;
    const result = await this.#ask('append', APPEND, [[element], list], false);
    (result === null ? maybeAppended : appended).set(element, list);
  }

  /** Null if the request failed, which is written down. */
  async #ask(
    kind: Kind,
    query: string,
    parameters: readonly unknown[],
    isIdempotent: boolean,
  ): Promise<AsyncResultSet | null> {
    const startedAt = performance.now();
    try {
      return await this.#session.execute(query, parameters, {
        isIdempotent,
        consistencyLevel: ConsistencyLevel.LOCAL_QUORUM,
      });
    } catch (error) {
      this.journal.failures.push({ kind, error, startedAt });
      return null;
    }
  }
}
