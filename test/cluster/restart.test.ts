import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PercentileSpeculativeExecutionPolicy } from '../../src/index.js';
import { WhileReplicasLeave } from '../support/leaving-replicas.js';
import { Load, warmUp } from './support/load.js';
import { createMixTables, Mix } from './support/mix.js';
import { openClient, seconds, startThreeNodes, waitUntilWhole } from './support/three-nodes.js';
import { verifyAll } from './support/verify.js';

const SETTLE_MS = 2000;

// The rolling restart by kill() is kill.test.ts.
test('a rolling restart under load: no idempotent request fails', { timeout: 1_800_000 }, async (context) => {
  await using three = await startThreeNodes(context);
  // A replica that goes away can make a coordinator answer ReadFailure, which the default policy leaves to the caller.
  const retryPolicy = new WhileReplicasLeave();
  const speculativeExecutionPolicy = new PercentileSpeculativeExecutionPolicy({ percentile: 99, maxAttempts: 2 });
  await using client = await openClient(three, 'restart', { speculativeExecutionPolicy, retryPolicy });
  await createMixTables(client.session);
  const mix = new Mix(client.session);
  const { limit, rate } = await warmUp(mix);
  context.diagnostic(`the nodes serve ${String(limit)} requests/s, sent are ${String(rate)} requests/s`);
  const load = new Load(mix, rate);
  await sleep(SETTLE_MS);
  for (const node of three.nodes) {
    const from = performance.now();
    await node.stop();
    await node.start();
    await waitUntilWhole(three, 'restart');
    const to = performance.now();
    context.diagnostic(`${node.address} in ${seconds(to - from)}: ${String(load.latencies.between(from, to))}`);
  }
  await sleep(SETTLE_MS);
  await load.stop();
  const { journal } = mix;
  context.diagnostic(`sent: ${JSON.stringify(journal.sent)}; failed: ${journal.describeFailures()}`);
  await verifyAll(client.session, journal);
});
