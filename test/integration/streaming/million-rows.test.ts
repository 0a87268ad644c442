import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BatchStatement, BatchType } from '../../../src/index.js';
import { runChild } from '../../support/child.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

const PARTITIONS = 100;
const ROWS_EACH = 10_000;
const ROWS = PARTITIONS * ROWS_EACH;
const BATCH = 250;
const CHILD = new URL('million-rows.child.ts', import.meta.url);

let space: Workspace;

function nameOf(c: number): string {
  return `row number ${String(c)}`;
}

before(async () => {
  space = await openWorkspace('it_million');
  const { session } = space;
  await session.execute('CREATE TABLE big (p int, c int, name text, amount double, PRIMARY KEY (p, c))');
  const insert = await session.prepare('INSERT INTO big (p, c, name, amount) VALUES (?, ?, ?, ?)');
  const batches = (function* (): Generator<BatchStatement> {
    for (let p = 0; p < PARTITIONS; p++) {
      for (let from = 0; from < ROWS_EACH; from += BATCH) {
        const batch = new BatchStatement({ type: BatchType.UNLOGGED, isIdempotent: true });
        for (let c = from; c < from + BATCH; c++) batch.add(insert, [p, c, nameOf(c), c / 7]);
        yield batch;
      }
    }
  })();
  const writer = async (): Promise<void> => {
    for (const batch of batches) await session.executeBatch(batch, { timeoutMs: 60_000 });
  };
  await Promise.all(Array.from({ length: 16 }, writer));
});
after(() => space.close());

interface Outcome {
  readonly rows: number;
  readonly checksum: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly heaps: readonly number[];
  readonly peakRss: number;
  /** Beats of a 5 ms heartbeat, and how long this process held the event loop between two, in milliseconds. */
  readonly beats: number;
  readonly averageStall: number;
  readonly longestStall: number;
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

async function stream(fetchSize: number, mode: 'rows' | 'pages'): Promise<Outcome> {
  const { code, signal, stderr, messages } = await runChild(CHILD, {
    nodeArgs: ['--max-old-space-size=64'],
    args: [JSON.stringify(space.options), space.keyspace, String(fetchSize), mode],
  });
  assert.equal(code, 0, `code ${String(code)}, signal ${String(signal)}: ${stderr}`);
  assert.equal(stderr, '');
  const outcome = messages[0] as Outcome;
  let checksum = 0;
  for (let c = 0; c < ROWS_EACH; c++) checksum += (c + nameOf(c).length) * PARTITIONS;
  assert.equal(outcome.rows, ROWS);
  assert.equal(outcome.checksum, checksum);
  return outcome;
}

for (const [fetchSize, mode] of [
  [1000, 'rows'],
  [5000, 'pages'],
] as const) {
  test(`1,000,000 rows in a heap of 64 MB, ${String(fetchSize)} a page, by ${mode}: memory flat, event loop free`, async (context) => {
    const { ms, cpuMs, heaps, peakRss, beats, averageStall, longestStall } = await stream(fetchSize, mode);
    context.diagnostic(
      `${String(Math.round(ms))} ms, client CPU ${(cpuMs / 1000).toFixed(2)} s, heap ${heaps.map(mib).join(' ')} MiB, ` +
        `RSS ${String(mib(peakRss))} MiB, event loop held for ${averageStall.toFixed(1)} ms on the average, ${longestStall.toFixed(1)} ms at most`,
    );
    assert.equal(heaps.length, 5);
    for (const heap of heaps) assert.ok(heap < 64 * 2 ** 20, `${String(mib(heap))} MiB of heap`);
    assert.ok(beats > 10);
    assert.ok(averageStall < 10, `the event loop stood still for ${averageStall.toFixed(1)} ms on the average`);
    assert.ok(longestStall < 100, `the event loop stood still for ${longestStall.toFixed(1)} ms`);
  });
}
