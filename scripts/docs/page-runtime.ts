/** What a page's modules import: a session in a keyspace of their own, and what the blocks are held against. */

import { AsyncCluster, type AsyncCassandraSession } from 'async-cassandra';
import { cqlStatements } from './cql-statements.js';
import { SHOWN_KEYSPACE, type RunNames } from './example-names.js';
import { assertOutput } from './output.js';

/** The names of this run, which scripts/docs/run-page.ts puts into the environment. */
const names = JSON.parse(process.env['DOCS_RUN_NAMES'] ?? '{}') as RunNames;

/** Dropping takes a flush of every table. */
const SLOW = { timeoutMs: 60_000 };

export const cluster = new AsyncCluster({
  contactPoints: [names.contactPoint],
  localDatacenter: names.localDatacenter,
});

async function openKeyspace(): Promise<AsyncCassandraSession> {
  const opened = await cluster.connect();
  await opened.execute(`DROP KEYSPACE IF EXISTS ${names.keyspace}`, undefined, SLOW);
  await opened.execute(
    `CREATE KEYSPACE ${names.keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
    undefined,
    SLOW,
  );
  await opened.setKeyspace(names.keyspace);
  return opened;
}

export const session = await openKeyspace();

/** The blocks' own session may be closed or elsewhere by the end. */
const behind = await cluster.connect(names.keyspace);

let printed = '';

function keepOutput(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...rest: unknown[]) => boolean;
  stream.write = (text: Uint8Array | string, ...rest: unknown[]) => {
    printed += typeof text === 'string' ? text : Buffer.from(text).toString();
    return write(text, ...rest);
  };
}
keepOutput(process.stdout);
keepOutput(process.stderr);

/** The line of the block that runs. */
let current = 0;

function begin(line: number): void {
  current = line;
  process.send?.({ began: line });
}

export const page = {
  /** A `ts` block begins. */
  begin(line: number): void {
    begin(line);
    printed = '';
  },

  async program(line: number, load: () => Promise<unknown>): Promise<void> {
    page.begin(line);
    await load();
  },

  async cql(line: number, text: string): Promise<void> {
    begin(line);
    for (const statement of cqlStatements(text)) await behind.execute(statement, undefined, SLOW);
  },

  /** The block before this one must have printed that. */
  compareOutput(line: number, expected: string): void {
    current = line;
    assertOutput(printed.replaceAll(names.keyspace, SHOWN_KEYSPACE), expected);
  },

  get currentLine(): number {
    return current;
  },

  async close(): Promise<void> {
    try {
      await behind.execute(`DROP KEYSPACE IF EXISTS ${names.keyspace}`, undefined, SLOW);
    } finally {
      await cluster.shutdown();
    }
  },
};
