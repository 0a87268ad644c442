import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { startCassandra, type EmbeddedCassandra } from '../../src/embedded/index.js';
import {
  AsyncCassandraError,
  AsyncCluster,
  QueryError,
  type AsyncCassandraSession,
  type Row,
} from '../../src/index.js';

let db: EmbeddedCassandra;
const SLOW = { timeoutMs: 60_000 };
const KEYS = 8;
const ROWS = 60;

before(
  async () => {
    db = await startCassandra({ version: '5.0' });
  },
  { timeout: 720_000 },
);
after(async () => {
  await db.stop();
});

function newCluster(): AsyncCluster {
  const { contactPoints, port, localDatacenter } = db;
  return new AsyncCluster({ contactPoints, port, localDatacenter });
}

function change(session: AsyncCassandraSession, cql: string): Promise<unknown> {
  return session.execute(cql, undefined, SLOW);
}

// ---- rows that check themselves --------------------------------------------------------------------------------------

/** The value of a text column: it names its column and its row. */
function textOf(column: string, k: number, c: number): string {
  return `${column} of ${String(k)}/${String(c)}`;
}

/** `n_0` tells the row, `k` and `position` its key; any other column must hold its own value, or null. */
function checkRow(row: Row): void {
  const n = row['n_0'];
  assert.ok(typeof n === 'number', inspect(row));
  const k = Math.floor(n / 1000);
  const c = n % 1000;
  for (const [column, value] of Object.entries(row)) {
    if (column === 'n_0') continue;
    if (column === 'k') assert.equal(value, k, inspect(row));
    else if (column.startsWith('position')) assert.equal(value, c, inspect(row));
    else if (column === 't_0') assert.equal(value, textOf('t_0', k, c), inspect(row));
    else if (column.startsWith('t_')) assert.ok(value === null || value === textOf(column, k, c), inspect(row));
    else assert.fail(`a column that was never made: ${column}`);
  }
}

/** Runs until `stop`; counts rounds, and rethrows what a round threw. */
class Loop {
  rounds = 0;
  /** `stop` tells with what. */
  hasFailed = false;
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(round: () => Promise<void>) {
    this.#running = this.#run(round);
    this.#running.catch(() => (this.hasFailed = true));
  }

  async #run(round: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      await round();
      this.rounds++;
    }
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return this.#running;
  }
}

async function fill(session: AsyncCassandraSession, table: string): Promise<void> {
  const insert = `INSERT INTO ${table} (k, position, n_0, t_0) VALUES (?, ?, ?, ?)`;
  for (let k = 0; k < KEYS; k++) {
    await Promise.all(
      Array.from({ length: ROWS }, (_, c) => session.execute(insert, [k, c, k * 1000 + c, textOf('t_0', k, c)])),
    );
  }
}

async function readers(session: AsyncCassandraSession): Promise<Loop[]> {
  const all = await session.prepare('SELECT * FROM alters.t WHERE k = ?');
  const named = await session.prepare('SELECT t_0, k, n_0 FROM alters.t WHERE k = ?');
  const whole = await session.prepare('SELECT * FROM alters.t');
  let key = 0;
  const next = (): number[] => [key++ % KEYS];
  return [
    new Loop(async () => {
      const { rows } = await session.execute(all, next());
      assert.equal(rows.length, ROWS);
      rows.forEach(checkRow);
    }),
    new Loop(async () => {
      const { rows } = await session.execute(named, next());
      assert.equal(rows.length, ROWS);
      for (const row of rows) {
        assert.deepEqual(Object.keys(row), ['t_0', 'k', 'n_0']);
        checkRow(row);
      }
    }),
    new Loop(async () => {
      let count = 0;
      for await (const row of await session.executeStream(whole, [], { fetchSize: 40 })) {
        checkRow(row);
        count++;
      }
      assert.equal(count, KEYS * ROWS);
    }),
  ];
}

test('ALTER TABLE under live prepared statements never shifts a column', { timeout: 540_000 }, async () => {
  await using one = newCluster();
  await using two = newCluster();
  const sessions = [await one.connect(), await two.connect()] as const;
  const [changing, other] = sessions;
  await change(
    changing,
    "CREATE KEYSPACE alters WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
  );
  await change(changing, 'CREATE TABLE alters.t (k int, position int, n_0 int, t_0 text, PRIMARY KEY (k, position))');
  await fill(changing, 'alters.t');
  const loops = (await Promise.all(sessions.map(readers))).flat();
  const position = (i: number): string => (i === 0 ? 'position' : `position${String(i)}`);
  for (let i = 1; i <= 8; i++) {
    const column = `t_${String(i)}`;
    await change(changing, `ALTER TABLE alters.t ADD ${column} text`);
    // The other client writes into it at once, by a statement that it has not prepared before.
    const update = `UPDATE alters.t SET ${column} = ? WHERE k = ? AND ${position(i - 1)} = ?`;
    await Promise.all(
      Array.from({ length: KEYS * 4 }, (_, at) => {
        const [k, c] = [at % KEYS, at % ROWS];
        return other.execute(update, [textOf(column, k, c), k, c]);
      }),
    );
    if (i > 1) await change(changing, `ALTER TABLE alters.t DROP t_${String(i - 1)}`);
    await change(changing, `ALTER TABLE alters.t RENAME ${position(i - 1)} TO ${position(i)}`);
    await aRoundOf(loops);
  }
  for (const loop of loops) await loop.stop();
  const last = await other.execute('SELECT * FROM alters.t WHERE k = 0');
  assert.deepEqual(last.columns.map(({ name }) => name).sort(), ['k', 'n_0', 'position8', 't_0', 't_8']);
  assert.ok(last.rows.some((row) => row['t_8'] === textOf('t_8', 0, 0)));
});

/** Each has begun and ended a round since. */
async function aRoundOf(loops: readonly Loop[]): Promise<void> {
  const before = loops.map(({ rounds }) => rounds);
  const isBehind = ({ rounds, hasFailed }: Loop, i: number): boolean => !hasFailed && rounds < (before[i] ?? 0) + 2;
  while (loops.some(isBehind)) await sleep(5);
}

// ---- a keyspace that comes back --------------------------------------------------------------------------------------

const KEYSPACES = {
  simple: "CREATE KEYSPACE returns WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
  topology: "CREATE KEYSPACE returns WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}",
};

async function recreate(session: AsyncCassandraSession, keyspace: string, type: string): Promise<void> {
  await change(session, 'DROP KEYSPACE returns');
  await change(session, keyspace);
  await change(session, `CREATE TABLE returns.t (id int PRIMARY KEY, v ${type})`);
}

/** Reads and writes without a pause, by prepared statements and by texts; collects what failed. */
function traffic(session: AsyncCassandraSession, errors: unknown[]): Loop {
  let id = 0;
  return new Loop(async () => {
    id = (id + 1) % 100;
    const attempts = [
      session.execute('SELECT id, v FROM t WHERE id = ?', [id]),
      session.execute('SELECT id FROM returns.t WHERE id = 1'),
      session.execute('INSERT INTO returns.t (id) VALUES (?)', [id]),
    ];
    for (const outcome of await Promise.allSettled(attempts)) {
      if (outcome.status === 'rejected') errors.push(outcome.reason);
    }
  });
}

test(
  'a keyspace that is dropped and made again: typed errors in between at most, then all works',
  { timeout: 540_000 },
  async () => {
    await using admin = newCluster();
    await using cluster = newCluster();
    const changing = await admin.connect();
    await change(changing, KEYSPACES.simple);
    await change(changing, 'CREATE TABLE returns.t (id int PRIMARY KEY, v int)');
    const session = await cluster.connect('returns');
    const insert = await session.prepare('INSERT INTO t (id, v) VALUES (?, ?)');
    const select = await session.prepare('SELECT id, v FROM t WHERE id = ?');
    await session.execute(insert, [1, 11]);

    for (const keyspace of [KEYSPACES.simple, KEYSPACES.topology]) {
      const errors: unknown[] = [];
      const loop = traffic(session, errors);
      await recreate(changing, keyspace, 'int');
      // The same statements, held by the user, without preparing anew.
      await session.execute(insert, [1, 12]);
      assert.deepEqual((await session.execute(select, [1])).rows, [{ id: 1, v: 12 }]);
      const failedSoFar = errors.length;
      await sleep(200);
      await loop.stop();
      assert.equal(errors.length, failedSoFar, 'once it is back nothing fails any more');
      for (const error of errors) assert.ok(error instanceof AsyncCassandraError, inspect(error));
      assert.ok(loop.rounds > 5);
    }
    assert.equal(session.isClosed, false);
  },
);

test(
  'a keyspace that comes back with other types: what is held says that it must be prepared anew, and that works',
  { timeout: 540_000 },
  async () => {
    await using admin = newCluster();
    await using cluster = newCluster();
    const changing = await admin.connect();
    await change(changing, 'DROP KEYSPACE IF EXISTS returns');
    await change(changing, KEYSPACES.simple);
    await change(changing, 'CREATE TABLE returns.t (id int PRIMARY KEY, v bigint)');
    const session = await cluster.connect('returns');
    const cql = 'INSERT INTO t (id, v) VALUES (?, ?)';
    let insert = await session.prepare(cql);
    const select = await session.prepare('SELECT id, v FROM t WHERE id = ?');
    await session.execute(insert, [1, 5n]);
    await session.execute(select, [1]);

    const values: [string, unknown, unknown][] = [
      ['text', 5n, 'five'],
      ['double', 'five', 5.5],
      ['bigint', 5.5, 7n],
    ];
    for (const [type, old, fresh] of values) {
      await recreate(changing, KEYSPACES.topology, type);
      // Many at a time: not one of them may be taken by the server in the old encoding.
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, (_, id) => session.execute(insert, [id, old])),
      );
      for (const outcome of outcomes) {
        assert.ok(outcome.status === 'rejected' && outcome.reason instanceof QueryError, inspect(outcome));
        assert.match(outcome.reason.message, /prepare it again/);
      }
      assert.equal(
        (await session.execute('SELECT id FROM returns.t')).length,
        0,
        'nothing was written in the old encoding',
      );
      insert = await session.prepare(cql);
      await session.execute(insert, [1, fresh]);
      // A statement whose parameters are the same goes on, with the new columns.
      assert.deepEqual((await session.execute(select, [1])).rows, [{ id: 1, v: fresh }]);
      // A text that is prepared behind the scenes needs nobody's help.
      await session.execute(cql, [2, fresh]);
    }
  },
);
