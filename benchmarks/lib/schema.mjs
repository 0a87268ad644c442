// The keyspace `bench` on the real node: what the recorded answers come from.
import { KEYS } from './load.mjs';

const ITEM_COLUMNS = 'id, name, city, note, age, total, score, active, seen, tags, attrs';
const EVENT_COLUMNS = 'part, seq, name, city, total, score, ratio, active, seen, source';

export const PAGE_ROWS = 5000;
export const LARGE_PAGE_ROWS = 10_000;
/** The partitions of `events`, and how many rows each holds. */
const EVENTS = { 1: PAGE_ROWS, 2: LARGE_PAGE_ROWS };
const DIMENSIONS = 1536;

export const QUERIES = {
  select1: `SELECT ${ITEM_COLUMNS} FROM bench.items WHERE id = ?`,
  insert1: `INSERT INTO bench.items (${ITEM_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  page100: `SELECT ${EVENT_COLUMNS} FROM bench.events WHERE part = ? LIMIT 100`,
  page5000: `SELECT ${EVENT_COLUMNS} FROM bench.events WHERE part = ? LIMIT 5000`,
  page10000: `SELECT ${EVENT_COLUMNS} FROM bench.events WHERE part = ? LIMIT ${LARGE_PAGE_ROWS}`,
  stream: `SELECT ${EVENT_COLUMNS} FROM bench.events WHERE part = ?`,
  vectorRead: 'SELECT v FROM bench.vectors WHERE id = ?',
  vectorWrite: 'INSERT INTO bench.vectors (id, v) VALUES (?, ?)',
  small: 'INSERT INTO bench.small (part, seq, value) VALUES (?, ?, ?)',
  held: 'SELECT value FROM bench.small WHERE part = ? AND seq = ? /* held */',
};

const TABLES = [
  "CREATE KEYSPACE IF NOT EXISTS bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
  `CREATE TABLE IF NOT EXISTS bench.items (id uuid PRIMARY KEY, name text, city text, note text, age int, total bigint,
     score double, active boolean, seen timestamp, tags list<text>, attrs map<text, text>)`,
  `CREATE TABLE IF NOT EXISTS bench.events (part int, seq int, name text, city text, total bigint, score double,
     ratio float, active boolean, seen timestamp, source uuid, PRIMARY KEY (part, seq))`,
  `CREATE TABLE IF NOT EXISTS bench.vectors (id int PRIMARY KEY, v vector<float, ${DIMENSIONS}>)`,
  'CREATE TABLE IF NOT EXISTS bench.small (part int, seq int, value text, PRIMARY KEY (part, seq))',
];

/** One row of `items` in plain values; each subject makes of it what it likes best. */
export function item(i) {
  return {
    id: KEYS[i % KEYS.length],
    name: `customer number ${i % KEYS.length}`,
    city: 'Clermont-Ferrand',
    note: 'prefers to be called in the afternoon, never on a Monday',
    age: 20 + (i % 60),
    total: 9_000_000_000n + BigInt(i % KEYS.length),
    score: 0.5 + (i % 97),
    active: i % 3 !== 0,
    seen: new Date(1_700_000_000_000 + i * 1000),
    tags: ['blue', 'large', 'returned'],
    attrs: { channel: 'web', tier: 'gold' },
  };
}

export function vector() {
  return Float32Array.from({ length: DIMENSIONS }, (_, i) => Math.sin(i));
}

function event(part, seq) {
  const source = KEYS[seq % KEYS.length];
  const seen = new Date(1_700_000_000_000 + seq * 1000);
  return [part, seq, `event ${seq}`, 'Wrocław', BigInt(seq) * 1000n, seq / 7, seq / 3, seq % 2 === 0, seen, source];
}

/** Makes the keyspace and fills it, straight on the node. */
export async function fill(session) {
  for (const statement of TABLES) await session.execute(statement);
  const items = KEYS.map((_, i) => Object.values(item(i)));
  await session.executeConcurrent(QUERIES.insert1, items, { concurrency: 32 });
  const insert = `INSERT INTO bench.events (${EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const events = Object.entries(EVENTS).flatMap(([part, rows]) =>
    Array.from({ length: rows }, (_, seq) => event(Number(part), seq)),
  );
  await session.executeConcurrent(insert, events, { concurrency: 64 });
  await session.execute(QUERIES.vectorWrite, [1, vector()]);
}
