// npm run example -- context-managers — `await using` closes what a block opened, however the block is left.
// (TypeScript compiles it for every Node; plain JavaScript has it from Node 24. Before that: try … finally, close().)
import {
  AsyncCluster,
  ConnectionError,
  InvalidRequest,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
  type AsyncStreamingResultSet,
} from 'async-cassandra';
import { numberArgument, openWorkspace } from '../support/workspace.js';

const KEYSPACE = 'example_context_managers';
const rowCount = numberArgument(0, 3000);

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

/** What is opened last is closed first: the session, then its cluster. */
async function clusterAndSession(options: AsyncClusterOptions): Promise<void> {
  heading('A cluster and a session');
  let cluster: AsyncCluster;
  let session: AsyncCassandraSession;
  {
    await using ownCluster = new AsyncCluster(options);
    await using ownSession = await ownCluster.connect(KEYSPACE);
    [cluster, session] = [ownCluster, ownSession];
    const { rows } = await session.execute('SELECT release_version FROM system.local');
    console.log('inside:', rows[0]);
  }
  console.log(`after: session closed ${session.isClosed}, cluster closed ${cluster.isClosed}`);
  await session.execute('SELECT * FROM items').catch((error: unknown) => {
    if (!(error instanceof ConnectionError)) throw error;
    console.log(`use after close: ConnectionError: ${error.message}`);
  });
}

/** The error arrives as it was; everything is closed by then. */
async function anErrorInside(options: AsyncClusterOptions): Promise<void> {
  heading('An error inside');
  let cluster: AsyncCluster | undefined;
  try {
    await using ownCluster = new AsyncCluster(options);
    cluster = ownCluster;
    await using session = await ownCluster.connect(KEYSPACE);
    await session.execute('SELECT * FROM no_such_table');
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    console.log(`caught: InvalidRequest: ${error.message}`);
  }
  console.log(`after: cluster closed ${String(cluster?.isClosed)}`);
}

/** A session is closed alone: others of the same cluster go on. */
async function oneOfTwoSessions(cluster: AsyncCluster): Promise<void> {
  heading('One of two sessions');
  await using other = await cluster.connect(KEYSPACE);
  {
    await using first = await cluster.connect(KEYSPACE);
    await first.execute('SELECT id FROM items WHERE id = ?', [1]);
  }
  const { rows } = await other.execute('SELECT id FROM items WHERE id = ?', [2]);
  console.log('the other session goes on:', rows[0]);
}

/** Leaving the loop early gives up the page under way; nothing more is read. */
async function streamLeftEarly(session: AsyncCassandraSession): Promise<void> {
  heading('A stream that is left early');
  let stream: AsyncStreamingResultSet;
  const seen: unknown[] = [];
  {
    await using rows = await session.executeStream('SELECT * FROM items', undefined, { fetchSize: 100 });
    stream = rows;
    for await (const row of rows) {
      seen.push(row['id']);
      if (seen.length === 250) break;
    }
  }
  const { totalRowsFetched } = stream;
  console.log(`used ${seen.length} of ${rowCount} rows, fetched ${totalRowsFetched}`);
}

/** A signal ends whatever is under way; the block still closes what it opened. */
async function aborted(session: AsyncCassandraSession): Promise<void> {
  heading('An abort');
  const controller = new AbortController();
  const seen: unknown[] = [];
  try {
    await using rows = await session.executeStream('SELECT * FROM items', undefined, {
      fetchSize: 100,
      signal: controller.signal,
    });
    for await (const row of rows) {
      seen.push(row['id']);
      if (seen.length === 150) controller.abort(new Error('the user has left'));
    }
  } catch (error) {
    console.log(`after ${seen.length} rows: ${error instanceof Error ? error.message : String(error)}`);
  }
  await session.execute('SELECT id FROM items WHERE id = ?', [1]);
  console.log('the session is as good as before');
}

await using work = await openWorkspace(KEYSPACE);
await work.session.execute('CREATE TABLE items (id int PRIMARY KEY, name text)');
const insert = await work.session.prepare('INSERT INTO items (id, name) VALUES (?, ?)');
await work.session.executeConcurrent(
  insert,
  Array.from({ length: rowCount }, (_, id) => [id, `item ${id}`]),
);

await clusterAndSession(work.options);
await anErrorInside(work.options);
await oneOfTwoSessions(work.cluster);
await streamLeftEarly(work.session);
await aborted(work.session);
console.log('\nEverything that was opened is closed: the process ends by itself');
