import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DRIVER_VERSION } from '../../../src/version.js';
import { runCommand, type CommandOutcome, type CommandSurroundings } from '../../support/command-line.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { sharedNode } from '../../support/nodes.js';

const KEYSPACE = 'it_cli';
/** With capitals, so that it is a name that needs quotes. */
const RICH = 'It_Cli_Rich';
const node = sharedNode();
const endpoint = `${node.contactPoints[0] ?? ''}:${String(node.port)}`;

let space: Workspace;
let folder = '';

before(async () => {
  space = await openWorkspace(KEYSPACE);
  folder = await mkdtemp(join(tmpdir(), 'async-cassandra-cli-'));
});
after(async () => {
  await space.session.execute(`DROP KEYSPACE IF EXISTS "${RICH}"`, undefined, { timeoutMs: 60_000 });
  await space.close();
  await rm(folder, { recursive: true, force: true });
});

/** The command line, with the shared node in its environment. */
function cli(args: readonly string[], around: CommandSurroundings = {}): Promise<CommandOutcome> {
  return runCommand(args, { ...around, env: { CASSANDRA_CONTACT_POINTS: endpoint, ...around.env } });
}

/** What it prints when all is well. */
async function printed(args: readonly string[], around?: CommandSurroundings): Promise<string> {
  const { code, stdout, stderr } = await cli(args, around);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, args.join(' '));
  return stdout;
}

function query(cql: string, ...args: string[]): Promise<string> {
  return printed(['query', cql, '-k', KEYSPACE, '--timeout', '60', ...args]);
}

test('version: ours and Node.js; with contact points the server too', async () => {
  const own = `async-cassandra ${DRIVER_VERSION}\nNode.js ${process.versions.node}\n`;
  assert.equal(await printed(['version']), own);
  assert.equal(await printed(['--version']), `${DRIVER_VERSION}\n`);
  const served = await printed(['version', endpoint]);
  assert.match(served.slice(own.length), /^Cassandra 5\.0\.\d+ \(\S+:\d+\)\n$/);
  const json = JSON.parse(await printed(['version', '-c', endpoint, '--json'])) as { servers: { node: string }[] };
  assert.equal(json.servers[0]?.node, endpoint);
});

test('ping: a line for each node', async () => {
  const lines = (await printed(['ping', '--count', '3', '--interval', '0'])).split('\n');
  assert.match(lines[0] ?? '', /^Cluster '.*', 1 node$/);
  assert.match(
    lines[2] ?? '',
    /^node +\| datacenter \| rack +\| version \| protocol \| answered \| min ms \| median ms \| max ms$/,
  );
  const cells = lines[4]?.split('|').map((cell) => cell.trim()) ?? [];
  assert.deepEqual([cells[0], cells[1], cells[4], cells[5]], [endpoint, node.localDatacenter, 'v5', '3/3']);
  const [min, median, max] = cells.slice(6).map(Number);
  assert.ok(
    min !== undefined && median !== undefined && max !== undefined && 0 < min && min <= median && median <= max,
  );
  const json = JSON.parse(await printed(['ping', endpoint, '-n', '1', '--json'])) as {
    nodes: Record<string, unknown>[];
  };
  const [first] = json.nodes;
  assert.deepEqual(
    [first?.['node'], first?.['protocol'], first?.['answered'], first?.['error']],
    [endpoint, 5, 1, null],
  );
});

test('query: a table of all kinds of values, and the same as JSON', async () => {
  assert.equal(
    await query(
      'CREATE TABLE kinds (id int PRIMARY KEY, b blob, l list<text>, m map<text, int>, n bigint, t timestamp, v text)',
    ),
    'ok\n',
  );
  assert.equal(
    await query(
      `INSERT INTO kinds (id, b, l, m, n, t, v) VALUES (1, 0xcafe, ['a', 'it''s'], {'k': 1}, 9223372036854775807, '2026-01-31T12:00:00Z', 'two
lines')`,
    ),
    'ok\n',
  );
  await query('INSERT INTO kinds (id) VALUES (2)');
  const select = 'SELECT id, n, b, l, m, t, v FROM kinds';
  assert.equal(
    await query(select),
    `id | n                   | b      | l              | m        | t                        | v
---+---------------------+--------+----------------+----------+--------------------------+-----------
 1 | 9223372036854775807 | 0xcafe | ['a', 'it''s'] | {'k': 1} | 2026-01-31T12:00:00.000Z | two\\nlines
 2 |              <null> | <null> | <null>         | <null>   | <null>                   | <null>
(2 rows)
`.replace('n                   |', 'n'.padStart(19) + ' |'),
  );
  const rows = [
    {
      id: 1,
      n: '9223372036854775807',
      b: '0xcafe',
      l: ['a', "it's"],
      m: { k: 1 },
      t: '2026-01-31T12:00:00.000Z',
      v: 'two\nlines',
    },
    { id: 2, n: null, b: null, l: null, m: null, t: null, v: null },
  ];
  assert.equal(await query(select, '--json'), `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
  assert.equal(await query(select, '--ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  assert.equal(await query(`${select} WHERE id = 3`, '--json'), '[]\n');
  assert.equal(await query(`${select} WHERE id = 3`, '--ndjson'), '');
  assert.equal(await query('SELECT id FROM kinds WHERE id = 3'), 'id\n--\n(0 rows)\n');
  assert.equal(await query('SELECT v FROM kinds WHERE id = 1', '--max-width', '6'), 'v\n------\ntwo\\n…\n(1 row)\n');
});

test('query: fields of a user type show as they are; columns of one name are no JSON', async () => {
  await query('CREATE TYPE moment (at time, share float)');
  await query('CREATE TABLE moments (id int PRIMARY KEY, m frozen<moment>)');
  await query("INSERT INTO moments (id, m) VALUES (1, {at: '12:30:00.5', share: 0.1})");
  assert.equal(await query('SELECT m FROM moments', '--ndjson'), '{"m":{"at":"12:30:00.500000000","share":0.1}}\n');
  assert.match(await query('SELECT m FROM moments'), /\{at: '12:30:00\.500000000', share: 0\.1\}/);
  const twice = ['query', 'SELECT id AS x, m AS x FROM moments', '-k', KEYSPACE];
  assert.match(await printed(twice), /^x +\| x\n/);
  const { code, stderr } = await cli([...twice, '--json']);
  assert.equal(code, 1);
  assert.match(stderr, /^error: Several columns are called x: .*\n {2}Give each a name of its own with AS\.\n$/);
});

test('query: parameters of every kind come back as they were given', async () => {
  await query('CREATE TYPE address (street text, zip int)');
  await query(`CREATE TABLE types (id uuid PRIMARY KEY, ti tinyint, big varint, d decimal, f float, bo boolean, da date, tm time,
    du duration, ip inet, bl blob, s set<int>, m map<int, text>, tu frozen<tuple<int, text>>, a frozen<address>, vec vector<float, 2>,
    ts timestamp, te text)`);
  const values = {
    id: '5132b130-ae79-11e4-ab27-0800200c9a66',
    ti: -128,
    big: '99999999999999999999999',
    d: '12.50',
    f: 0.1,
    bo: true,
    da: '2026-01-31',
    tm: '12:30:00.500000000',
    du: '1h30m',
    ip: '10.0.0.1',
    bl: '0xcafe',
    s: [1, 2],
    m: { '1': 'a' },
    tu: [1, 'x'],
    a: { street: 'Main', zip: 7 },
    vec: [0.5, 1],
    ts: '2026-01-31T12:00:00.000Z',
    te: "it's = null",
  };
  const texts = Object.entries(values).map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
  const names = texts.map(([name]) => name);
  const insert = `INSERT INTO types (${names.join(', ')}) VALUES (${names.map((name) => `:${name}`).join(', ')})`;
  await query(insert, ...texts.flatMap(([name, text]) => ['--param', `${name}=${text}`]));
  const select = `SELECT ${names.join(', ')} FROM types WHERE id = ?`;
  assert.deepEqual(JSON.parse(await query(select, '--json', '--param', values.id)), [values]);
  const nulls = names.map((name) =>
    name === 'id' || name === 'te' ? (texts.find(([known]) => known === name)?.[1] ?? '') : 'null',
  );
  await query(insert, ...nulls.flatMap((text) => ['--param', text]));
  const [row] = JSON.parse(await query(select, '--json', '--param', `id=${values.id}`)) as Record<string, unknown>[];
  assert.deepEqual(row, { ...Object.fromEntries(names.map((name) => [name, null])), id: values.id, te: values.te });
});

test('query: conditional statements say whether they were applied', async () => {
  await query('CREATE TABLE lwt (id int PRIMARY KEY, v int)');
  assert.equal(
    await query('INSERT INTO lwt (id, v) VALUES (1, 1) IF NOT EXISTS'),
    '[applied]\n---------\ntrue\n(1 row)\n',
  );
  assert.equal(
    await query('INSERT INTO lwt (id, v) VALUES (1, 2) IF NOT EXISTS', '--ndjson'),
    '{"[applied]":false,"id":1,"v":1}\n',
  );
});

test('query: a file of statements, USE and a batch among them; stdin; the first failure ends it', async () => {
  const file = join(folder, 'statements.cql');
  await writeFile(
    file,
    `-- a comment; with a semicolon
USE ${KEYSPACE};
CREATE TABLE numbers (p int, c int, PRIMARY KEY (p, c));
BEGIN BATCH INSERT INTO numbers (p, c) VALUES (1, 1); INSERT INTO numbers (p, c) VALUES (1, 2); APPLY BATCH;
SELECT c FROM numbers;`,
  );
  assert.equal(await printed(['query', '--file', file, '--timeout', '60']), 'ok\nok\nok\nc\n-\n1\n2\n(2 rows)\n');
  const stdin = `SELECT c FROM ${KEYSPACE}.numbers LIMIT 1; SELEC; SELECT c FROM ${KEYSPACE}.numbers`;
  const { code, stdout, stderr } = await cli(['query', '-'], { stdin });
  assert.equal(code, 4);
  assert.equal(stdout, 'c\n-\n1\n(1 row)\n');
  assert.match(stderr, /^error: line 1:0 no viable alternative at input 'SELEC' .*\n {2}SELEC\n {2}\^\n$/);
});

test('query: pages, the limit of rows, the level, the trace', async () => {
  await query('CREATE TABLE pages (p int, c int, PRIMARY KEY (p, c))');
  await space.session.executeConcurrent(
    'INSERT INTO pages (p, c) VALUES (1, ?)',
    Array.from({ length: 25 }, (_, c) => [c]),
  );
  const lines = (await query('SELECT c FROM pages', '--fetch-size', '10')).split('\n');
  assert.deepEqual(
    lines.slice(2, -2).map(Number),
    Array.from({ length: 25 }, (_, c) => c),
  );
  assert.equal(lines.at(-2), '(25 rows)');
  assert.match(
    await query('SELECT c FROM pages', '--fetch-size', '2', '--limit-rows', '3'),
    /\n2\n\(3 rows; there are more\)\n$/,
  );
  assert.match(
    await query('SELECT c FROM pages', '--fetch-size', '5', '--limit-rows', '10'),
    /\n9\n\(10 rows; there are more\)\n$/,
  );
  assert.match(await query('SELECT c FROM pages', '--limit-rows', '25'), /\(25 rows(?:; there are more)?\)\n$/);
  assert.match(await query('SELECT c FROM pages', '--limit-rows', '26'), /\(25 rows\)\n$/);
  const traced = await cli([
    'query',
    `SELECT c FROM ${KEYSPACE}.pages WHERE p = 1`,
    '--tracing',
    '--consistency',
    'local-one',
  ]);
  assert.equal(traced.code, 0);
  assert.match(traced.stdout, /\(25 rows\)\n$/);
  assert.match(
    traced.stderr,
    /^Trace [0-9a-f-]{36}: Execute CQL3 query at \S+, \d+\.\d{3} ms\n *ms \| node +\| step\n/,
  );
  assert.match(traced.stderr, /Parsing SELECT c FROM it_cli\.pages/);
});

test("query: the server's warnings go to stderr", async () => {
  await query('CREATE TABLE wide_batch (p int PRIMARY KEY, v text)');
  const inserts = Array.from(
    { length: 12 },
    (_, p) => `INSERT INTO wide_batch (p, v) VALUES (${String(p)}, '${'x'.repeat(600)}');`,
  );
  const { code, stdout, stderr } = await cli([
    'query',
    `BEGIN UNLOGGED BATCH ${inserts.join('')} APPLY BATCH`,
    '-k',
    KEYSPACE,
  ]);
  assert.deepEqual([code, stdout], [0, 'ok\n']);
  assert.match(stderr, /^warning: .*[Bb]atch/);
});

// ---- describe --------------------------------------------------------------------------------------------------------

/** Names that need quotes, and everything that a name can be of. In an order that can be run. */
const SCHEMA: readonly string[] = [
  `CREATE TYPE "select" ("Y y" text)`,
  `CREATE TYPE "A ""quoted"" type" (f frozen<"select">)`,
  `CREATE FUNCTION plus (s int, v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return s;'`,
  `CREATE FUNCTION plus (s text) CALLED ON NULL INPUT RETURNS text LANGUAGE java AS $$return s + "; it's";$$`,
  `CREATE AGGREGATE total (int) SFUNC plus STYPE int`,
  `CREATE TABLE wide (p int, "C;c" text, l list<int>, t frozen<"A ""quoted"" type">, PRIMARY KEY (p, "C;c"))
    WITH comment = 'it''s; a "table"'`,
  `CREATE INDEX "OddIndex" ON wide (l)`,
  `CREATE TABLE base (a int PRIMARY KEY, v text)`,
  `CREATE MATERIALIZED VIEW "ByV" AS SELECT * FROM base WHERE a IS NOT NULL AND v IS NOT NULL PRIMARY KEY (v, a)`,
];

test('describe: what it prints makes the same schema again, with query --file', async () => {
  const slow = { timeoutMs: 60_000 };
  await space.session.execute(
    `CREATE KEYSPACE "${RICH}" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
    undefined,
    slow,
  );
  for (const statement of SCHEMA) await space.session.execute(statement, undefined, { ...slow, keyspace: RICH });
  const before = await printed(['describe', RICH]);
  assert.match(before, /^CREATE KEYSPACE "It_Cli_Rich" WITH replication = /);
  await space.session.execute(`DROP KEYSPACE "${RICH}"`, undefined, slow);
  const file = join(folder, 'schema.cql');
  await writeFile(file, before);
  const made = await cli(['query', '--file', file, '--timeout', '60']);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(made.stdout, 'ok\n'.repeat(SCHEMA.length + 1));
  assert.match(made.stderr, /^warning: Materialized views are experimental/);
  assert.equal(await printed(['describe', RICH]), before);
});

test('describe: names with their case, with quotes, with dots; kinds; JSON', async () => {
  const table = await printed(['describe', RICH, 'wide']);
  assert.match(table, /^CREATE TABLE "It_Cli_Rich"\.wide \(\n/);
  assert.match(table, /\n\nCREATE INDEX "OddIndex" ON "It_Cli_Rich"\.wide/);
  for (const args of [
    [`${RICH}.wide`],
    [`"${RICH}"."wide"`],
    [`"${RICH}"`, '"wide"'],
    ['wide', '-k', RICH],
    [RICH, 'WIDE'],
  ]) {
    assert.equal(await printed(['describe', ...args]), table, args.join(' '));
  }
  assert.match(await printed(['describe', RICH, 'select']), /^CREATE TYPE "It_Cli_Rich"\."select" \(/);
  assert.match(
    await printed(['describe', RICH, '"A ""quoted"" type"']),
    /^CREATE TYPE "It_Cli_Rich"\."A ""quoted"" type" \(/,
  );
  assert.equal((await printed(['describe', RICH, 'plus'])).match(/CREATE FUNCTION/g)?.length, 2);
  assert.match(await printed(['describe', RICH, 'total']), /^CREATE AGGREGATE /);
  assert.match(await printed(['describe', RICH, 'ByV']), /^CREATE MATERIALIZED VIEW /);
  assert.match(await printed(['describe', RICH, 'OddIndex']), /^CREATE INDEX "OddIndex" /);
  const base = JSON.parse(await printed(['describe', RICH, 'base', '--json'])) as Record<string, string>[];
  assert.deepEqual(base.map(({ kind, name }) => `${kind ?? ''} ${name ?? ''}`).sort(), ['table base', 'view ByV']);
  assert.match(await printed(['describe', 'system_views', 'clients']), /^\/\*\nTable system_views\.clients is virtual/);
});

test("describe alone: all keyspaces but the server's own; --cluster: its nodes", async () => {
  const all = await printed(['describe']);
  assert.match(all, new RegExp(`CREATE KEYSPACE ${KEYSPACE} `));
  assert.match(all, new RegExp(`CREATE KEYSPACE "${RICH}" `));
  assert.doesNotMatch(all, /CREATE KEYSPACE system/);
  const cluster = await printed(['describe', '--cluster']);
  assert.match(cluster, /^Cluster: .+\nPartitioner: org\.apache\.cassandra\.dht\.Murmur3Partitioner\n\nnode /);
  assert.match(cluster, new RegExp(`\n${endpoint.replaceAll('.', '\\.')} .*\\| up `));
  const json = JSON.parse(await printed(['describe', '--cluster', '--json'])) as { nodes: { node: string }[] };
  assert.equal(json.nodes[0]?.node, endpoint);
});

// ---- what goes wrong -------------------------------------------------------------------------------------------------

const WRONG: readonly (readonly [name: string, args: readonly string[], code: number, told: RegExp])[] = [
  [
    'an unknown keyspace of query',
    ['query', 'SELECT 1', '-k', 'it_clj'],
    4,
    /^error: There is no keyspace it_clj: did you mean it_cli\?\n {2}The keyspaces are .*it_cli, system/,
  ],
  [
    'an unknown keyspace of describe',
    ['describe', 'It_cli'.concat('s')],
    4,
    /There is no keyspace It_clis: did you mean it_cli\?/,
  ],
  [
    'an unknown table of describe',
    ['describe', KEYSPACE, 'kind'],
    4,
    /^error: There is nothing named kind in keyspace it_cli: did you mean kinds\?\n {2}There are: .*kinds/,
  ],
  ['an unknown keyspace before the dot', ['describe', 'nope.x'], 4, /There is no keyspace nope/],
  [
    'a table without a keyspace',
    ['query', 'SELECT * FROM kinds'],
    4,
    /No keyspace has been specified.*\n {2}Give --keyspace <name>, or write keyspace\.table/,
  ],
  [
    'an unknown table',
    ['query', 'SELECT * FROM nope', '-k', KEYSPACE],
    4,
    /table nope does not exist\n {2}`async-cassandra describe` shows/,
  ],
  [
    'a marker without a value',
    ['query', 'SELECT * FROM kinds WHERE id = ?', '-k', KEYSPACE],
    4,
    /bind variables\n {2}Give a --param for each/,
  ],
  [
    'a value that is none',
    ['query', 'SELECT * FROM kinds WHERE id = ?', '-k', KEYSPACE, '--param', 'x'],
    1,
    /^error: The parameter id \(int\) must be a whole number from/,
  ],
  [
    'a uuid that is none',
    ['query', 'SELECT * FROM types WHERE id = ?', '-k', KEYSPACE, '--param', 'x'],
    1,
    /^error: Parameter 'id' \(uuid\): expected /,
  ],
  [
    'no key',
    ['query', "SELECT * FROM kinds WHERE v = 'x'", '-k', KEYSPACE],
    4,
    /ALLOW FILTERING\n {2}Name the partition key in WHERE/,
  ],
  [
    'too few replicas',
    ['query', 'SELECT * FROM kinds', '-k', KEYSPACE, '--consistency', 'TWO'],
    5,
    /\n {2}Ask for fewer replicas with --consistency/,
  ],
  [
    'a datacenter that does not exist',
    ['ping', '--local-datacenter', 'moon'],
    2,
    /^error: No host is in localDatacenter 'moon'; the cluster's datacenters are: \S+\n {2}Name one of these datacenters with --local-datacenter/,
  ],
];

test('errors of queries and names: what, where and what to do, and each its exit code', async () => {
  for (const [name, args, expected, told] of WRONG) {
    const { code, stdout, stderr } = await cli(args);
    assert.match(stderr, told, name);
    assert.deepEqual([code, stdout], [expected, ''], name);
    assert.doesNotMatch(stderr, /\n\s+at /, name);
  }
});

test('--debug adds the stack', async () => {
  const { code, stderr } = await cli(['query', 'SELEC', '--debug']);
  assert.equal(code, 4);
  assert.match(stderr, /SyntaxException: line 1:0 .*\n\s+at /);
});
