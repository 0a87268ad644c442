import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PercentileSpeculativeExecutionPolicy } from '../../src/index.js';
import { Load, warmUp } from './support/load.js';
import { createMixTables, Mix } from './support/mix.js';
import { openClient, seconds, startThreeNodes, waitUntilWhole } from './support/three-nodes.js';
import { verifyAll } from './support/verify.js';

const SETTLE_MS = 2000;

test('rolling restarts under load: no idempotent request fails', { timeout: 900_000 }, async (context) => {
  await using three = await startThreeNodes(context);
  for (const way of ['stop', 'kill'] as const) {
    await context.test(`nodes end by ${way}()`, async (part) => {
      const keyspace = `restart_by_${way}`;
      const speculativeExecutionPolicy = new PercentileSpeculativeExecutionPolicy({ percentile: 99, maxAttempts: 2 });
      await using client = await openClient(three, keyspace, { speculativeExecutionPolicy });
      await createMixTables(client.session);
      const mix = new Mix(client.session);
      const { limit, rate } = await warmUp(mix);
      part.diagnostic(`the nodes serve ${String(limit)} requests/s, sent are ${String(rate)} requests/s`);
      const load = new Load(mix, rate);
      await sleep(SETTLE_MS);
      for (const node of three.nodes) {
        const from = performance.now();
        await node[way]();
        await node.start();
        await waitUntilWhole(three, keyspace);
        const to = performance.now();
        part.diagnostic(`${node.address} in ${seconds(to - from)}: ${String(load.latencies.between(from, to))}`);
      }
      await sleep(SETTLE_MS);
      await load.stop();
      const { journal } = mix;
      part.diagnostic(`sent: ${JSON.stringify(journal.sent)}; failed: ${journal.describeFailures()}`);
      await verifyAll(client.session, journal);
    });
  }
});
