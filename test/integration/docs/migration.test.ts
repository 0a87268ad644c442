import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { format } from 'node:util';
import cassandra from 'cassandra-driver';
import * as ours from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

/** The page whose pairs of blocks say the same to cassandra-driver and to this client. */
const PAGE = await readFile(new URL('../../../docs/migrating-from-cassandra-driver.md', import.meta.url), 'utf8');
const FENCED = '```([^\\n]*)\\n([\\s\\S]*?)\\n```';
const LEAST_PAIRS = 15;

interface Pair {
  /** The heading above. */
  readonly title: string;
  readonly theirs: string;
  readonly ours: string;
}

function pairsOf(page: string): Pair[] {
  const pairs: Pair[] = [];
  let title = '';
  let theirs: string | null = null;
  for (const [, heading, language, code = ''] of page.matchAll(new RegExp(`^#+ (.*)$|^${FENCED}$`, 'gm'))) {
    if (heading !== undefined) title = heading;
    else if (language === 'js cassandra-driver') theirs = code;
    else if (language === 'ts' && theirs !== null) {
      pairs.push({ title, theirs, ours: code });
      theirs = null;
    } else assert.fail(`A block under '${title}' is not one of a pair`);
  }
  assert.equal(theirs, null, `'${title}' has no block of ours`);
  return pairs;
}

/** The statements of the hidden block that makes the page's tables. */
const TABLES = (/<!-- setup: cql\n([\s\S]*?)-->/.exec(PAGE)?.[1] ?? '')
  .split(';')
  .map((text) => text.trim())
  .filter((text) => text !== '');

let space: Workspace;
let other: Workspace;
let client: cassandra.Client;
/** What is open, so that a node which goes away in between leaves nothing behind that keeps this process alive. */
const opened: (() => Promise<unknown>)[] = [];

before(async () => {
  space = await openWorkspace('docs_migration_ours');
  opened.push(() => space.close());
  other = await openWorkspace('docs_migration_theirs');
  opened.push(() => other.close());
  for (const table of TABLES) {
    await space.session.execute(table);
    await other.session.execute(table);
  }
  const { contactPoints = [], localDatacenter = '' } = space.options;
  client = new cassandra.Client({
    contactPoints: [...contactPoints],
    localDataCenter: localDatacenter,
    protocolOptions: { port: space.options.port ?? 9042 },
    keyspace: other.keyspace,
  });
  opened.push(() => client.shutdown());
  await client.connect();
});
after(() => Promise.all(opened.map((close) => close())));

/** Runs a block as it stands on the page, but for the addresses; what it prints. */
async function printed(code: string, keyspace: string, scope: Readonly<Record<string, unknown>>): Promise<string[]> {
  const { contactPoints = [], localDatacenter = '', port = 9042 } = space.options;
  const adapted = code
    .replaceAll(/^import .* from '[\w-]+';$/gm, '')
    .replaceAll("'127.0.0.1'", `'${String(contactPoints[0]).replace(/:\d+$/, '')}:${String(port)}'`)
    .replaceAll("'dc1'", `'${localDatacenter}'`)
    .replaceAll("'shop'", `'${keyspace}'`);
  const lines: string[] = [];
  const names = { ...scope, console: { log: (...parts: unknown[]) => lines.push(format(...parts)) } };
  const source = `export default async ({ ${Object.keys(names).join(', ')} }) => {{ ${adapted}\n}};`;
  const module = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
    readonly default: (names: object) => Promise<void>;
  };
  await module.default(names);
  return lines;
}

describe('docs/migrating-from-cassandra-driver.md: both clients print the same', () => {
  const pairs = pairsOf(PAGE);

  test('the page has its pairs', () => {
    assert.ok(pairs.length >= LEAST_PAIRS, String(pairs.length));
  });

  for (const pair of pairs) {
    test(pair.title, async () => {
      const theirs = await printed(pair.theirs, other.keyspace, { cassandra, client });
      const { cluster, session } = space;
      const own = await printed(pair.ours, space.keyspace, { ...ours, cassandra, cluster, session });
      assert.ok(own.length > 0, 'it prints something');
      assert.deepEqual(own, theirs);
    });
  }
});
