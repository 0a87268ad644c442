import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConnectionClosed,
  OperationTimedOut,
  PercentileSpeculativeExecutionPolicy,
  WriteTimeout,
  type AsyncClusterOptions,
} from '../../src/index.js';
import { IDEMPOTENT, KINDS, type Kind } from './support/journal.js';
import type { LatencySummary } from './support/latencies.js';
import { Load, warmUp } from './support/load.js';
import { createMixTables, Mix } from './support/mix.js';
import { openClient, startThreeNodes, type ThreeNodes } from './support/three-nodes.js';
import { verifyOutcomes, verifyTables } from './support/verify.js';

const BEFORE_MS = 6000;
const PAUSE_MS = 8000;
/** So long after the stop the client has to have learnt to do without the node. */
const ADAPTATION_MS = 2000;
const AFTER_MS = 4000;

/**
 * A coordinator draws the replica that counts by lot, the stopped one too until gossip has given it up, some 18 s later,
 * and waits for it. No client can do anything about that.
 */
const COUNTED_BY_SERVERS: Kind = 'count';
const MEASURED = KINDS.filter((kind) => kind !== COUNTED_BY_SERVERS);

/** The machine is shared with two nodes that do three nodes' work, and maybe with other programs. */
function bound(p99Before: number): number {
  return 3 * p99Before + 100;
}

/** How a request may end that was on the node: its time was over, or the node was given up and it cannot go elsewhere. */
function mayFail(kind: Kind, error: unknown): boolean {
  if (error instanceof OperationTimedOut) return true;
  if (error instanceof ConnectionClosed) return !IDEMPOTENT.includes(kind);
  return error instanceof WriteTimeout && kind === COUNTED_BY_SERVERS;
}

interface Paused {
  readonly mix: Mix;
  /** Requests that started once the client had had its time to adapt, and failed. */
  readonly lateFailures: number;
}

async function loadOverPause(
  context: TestContext,
  three: ThreeNodes,
  keyspace: string,
  options: AsyncClusterOptions,
): Promise<Paused> {
  await using client = await openClient(three, keyspace, options);
  await createMixTables(client.session);
  const mix = new Mix(client.session);
  const { limit, rate } = await warmUp(mix);
  context.diagnostic(`the nodes serve ${String(limit)} requests/s, sent are ${String(rate)} requests/s`);
  const load = new Load(mix, rate);
  await sleep(BEFORE_MS);
  const node = three.nodes[1];
  const stoppedAt = performance.now();
  await node.pause();
  await sleep(PAUSE_MS);
  const resumedAt = performance.now();
  await node.resume();
  await sleep(AFTER_MS);
  await load.stop();

  const { journal } = mix;
  const latencies = (from: number, to: number): LatencySummary => load.latencies.between(from, to, MEASURED);
  const before = latencies(stoppedAt - BEFORE_MS / 2, stoppedAt - 100);
  const after = latencies(stoppedAt + ADAPTATION_MS, resumedAt - 100);
  context.diagnostic(`before the stop:      ${String(before)}`);
  context.diagnostic(`first two seconds:    ${String(latencies(stoppedAt, stoppedAt + ADAPTATION_MS))}`);
  context.diagnostic(`after those:          ${String(after)}`);
  context.diagnostic(`when it went on:      ${String(latencies(resumedAt, resumedAt + AFTER_MS))}`);
  context.diagnostic(`failed: ${journal.describeFailures()}`);
  assert.ok(
    after.percentile(99) <= bound(before.percentile(99)),
    `p99 was ${before.percentile(99)} ms before the stop and is ${after.percentile(99)} ms two seconds after it`,
  );
  await verifyTables(client.session, journal);
  const lateFailures = journal.failures.filter(
    ({ kind, startedAt }) => kind !== COUNTED_BY_SERVERS && startedAt > stoppedAt + ADAPTATION_MS,
  );
  return { mix, lateFailures: lateFailures.length };
}

test('a stopped node: two seconds later requests are as fast as before', { timeout: 900_000 }, async (context) => {
  await using three = await startThreeNodes(context);

  await context.test(
    'without speculative execution: only requests that were on the node may time out',
    async (part) => {
      const { mix, lateFailures } = await loadOverPause(part, three, 'plain', { requestTimeoutMs: 5000 });
      assert.deepEqual(mix.journal.wrongRows, []);
      for (const { kind, error } of mix.journal.failures) assert.ok(mayFail(kind, error), `${kind}: ${String(error)}`);
      assert.equal(lateFailures, 0);
    },
  );

  await context.test('with speculative execution: no idempotent request fails', async (part) => {
    const speculativeExecutionPolicy = new PercentileSpeculativeExecutionPolicy({ percentile: 99, maxAttempts: 2 });
    const { mix } = await loadOverPause(part, three, 'speculative', { speculativeExecutionPolicy });
    assert.ok(IDEMPOTENT.every((kind) => mix.journal.sent[kind] > 0));
    verifyOutcomes(mix.journal);
  });
});
