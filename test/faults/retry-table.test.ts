import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { AsyncRetryPolicy } from '../../src/index.js';
import { ErrorCode } from '../../src/protocol/constants.js';
import { closeConnection, corruptCrc, drop, error, hold, type ReactionLike } from '../../src/testing/index.js';
import { benchOf, seen, until, type ClusterBench } from './support.js';

/** The page whose table says what follows each failure. */
const PAGE = new URL('../../docs/retries-and-idempotency.md', import.meta.url);

const COLUMNS = ['read', 'write, idempotent', 'write, not marked'] as const;
const QUERIES = ['SELECT v FROM t', "UPDATE t SET v = 1 WHERE k = 'x'", "UPDATE t SET v = 1 WHERE k = 'y'"] as const;
type Column = 0 | 1 | 2;

/** How to bring about each failure of the table, by the words of its first column. */
const FAILURES: Record<string, ReactionLike> = {
  '`Unavailable`': error('UNAVAILABLE', { required: 2, alive: 1 }),
  '`IsBootstrapping`': error('IS_BOOTSTRAPPING'),
  '`Overloaded`, not executed': error('OVERLOADED', {
    message: 'Query timed out before it could start',
  }),
  '`Overloaded`': error('OVERLOADED', { message: 'Too many in flight hints' }),
  '`ServerError`': error('SERVER_ERROR'),
  '`TruncateError`': error('TRUNCATE_ERROR'),
  'connection lost after it was written': closeConnection(),
  'answer unreadable (checksum)': corruptCrc(),
  '`ReadTimeout`, data or enough answers came': error('READ_TIMEOUT', { required: 2, received: 1, dataPresent: true }),
  '`ReadTimeout`, too few answers': error('READ_TIMEOUT', { required: 2, received: 1 }),
  ...Object.fromEntries(
    ['SIMPLE', 'BATCH', 'UNLOGGED_BATCH', 'BATCH_LOG', 'COUNTER', 'CAS', 'VIEW', 'CDC'].map((writeType) => [
      `\`WriteTimeout\` ${writeType}`,
      error('WRITE_TIMEOUT', { required: 2, received: 1, writeType }),
    ]),
  ),
  '`CasWriteUnknown`': error('CAS_WRITE_UNKNOWN'),
  '`ReadFailure`': error('READ_FAILURE'),
  '`WriteFailure`': error('WRITE_FAILURE'),
  '`CdcWriteFailure`': error('CDC_WRITE_FAILURE'),
  '`FunctionFailure`': error('FUNCTION_FAILURE'),
  '`SyntaxException`': error('SYNTAX_ERROR'),
  '`InvalidRequest`': error('INVALID'),
  '`Unauthorized`': error('UNAUTHORIZED'),
  '`ConfigurationException`': error('CONFIG_ERROR'),
  '`AlreadyExists`': error('ALREADY_EXISTS'),
  '`ProtocolError`': error('PROTOCOL_ERROR'),
  '`OperationTimedOut`': drop(),
};
const NEVER_WRITTEN = 'never written to a socket';

/** The rows of the table on the page: the words of the first column, and the three decisions. */
async function rowsOfPage(): Promise<Map<string, readonly string[]>> {
  const page = await readFile(PAGE, 'utf8');
  const table = page.slice(page.indexOf('<!-- retry-table -->')).split('\n\n')[1] ?? '';
  const [head, , ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  assert.deepEqual(head?.slice(2, 5), COLUMNS);
  return new Map(rows.map((cells) => [cells[1] ?? '', cells.slice(2, 5)]));
}

/** What each of the two nodes saw, in the words of the table. */
function verdict(counts: readonly number[]): string {
  const known: Record<string, string> = { '1,0': 'error', '2,0': 'same host', '1,1': 'next host' };
  return known[counts.join()] ?? `unexpected counts: ${counts.join()}`;
}

function execute({ session }: ClusterBench, column: Column): Promise<unknown> {
  const options = { ...(column === 1 ? { isIdempotent: true } : {}), timeoutMs: 400 };
  return session.execute(QUERIES[column], undefined, options).catch((reason: unknown) => reason);
}

/** Both nodes fail each time; the policy has one retry to give. */
async function decisionAfter(reaction: ReactionLike, column: Column): Promise<string> {
  await using bench = await benchOf(2, { retryPolicy: new AsyncRetryPolicy({ maxRetries: 1 }) });
  for (const node of bench.nodes) node.on(QUERIES[column], reaction);
  await execute(bench, column);
  return verdict(seen(bench.nodes, QUERIES[column]));
}

/** The request stands in line at the first node when that dies. */
async function decisionIfNeverWritten(column: Column): Promise<string> {
  await using bench = await benchOf(2, { pooling: { maxRequestsPerConnection: 1 } });
  for (const node of bench.nodes) node.on('SELECT slow', hold());
  const slow = bench.nodes.map(() =>
    bench.session.execute('SELECT slow', undefined, { isIdempotent: false }).catch((reason: unknown) => reason),
  );
  await until(() => bench.nodes.every((node) => node.held.length === 1));
  const waiting = execute(bench, column);
  await bench.nodes[0]?.stop();
  bench.nodes[1]?.release();
  await Promise.all([...slow, waiting]);
  const counts = seen(bench.nodes, QUERIES[column]);
  return counts.join() === '0,1' ? 'next host' : `unexpected counts: ${counts.join()}`;
}

describe('the decision table of docs/retries-and-idempotency.md is what the code does', () => {
  test('it has a row for each failure, and no other', async () => {
    assert.deepEqual([...(await rowsOfPage()).keys()].sort(), [NEVER_WRITTEN, ...Object.keys(FAILURES)].sort());
  });

  test('every error code that can answer a request is among the failures', () => {
    const others = ['BAD_CREDENTIALS', 'UNPREPARED'];
    const codes = Object.keys(ErrorCode).filter((name) => !others.includes(name));
    const inTable = new Set(Object.keys(FAILURES).map((name) => /`(\w+)`/.exec(name)?.[1]));
    inTable.delete(undefined);
    inTable.delete('OperationTimedOut');
    assert.equal(inTable.size, codes.length, `${[...inTable].join()} for ${codes.join()}`);
  });

  for (const [failure, reaction] of Object.entries(FAILURES)) {
    test(failure, async () => {
      const documented = (await rowsOfPage()).get(failure) ?? [];
      for (const column of [0, 1, 2] as const) {
        if (documented[column] === '–') continue;
        assert.equal(await decisionAfter(reaction, column), documented[column], COLUMNS[column]);
      }
    });
  }

  test(NEVER_WRITTEN, async () => {
    const documented = (await rowsOfPage()).get(NEVER_WRITTEN) ?? [];
    for (const column of [0, 1, 2] as const) {
      assert.equal(await decisionIfNeverWritten(column), documented[column], COLUMNS[column]);
    }
  });
});
