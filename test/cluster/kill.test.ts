import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PercentileSpeculativeExecutionPolicy } from '../../src/index.js';
import { WhileReplicasLeave } from '../support/leaving-replicas.js';
import { Load, warmUp } from './support/load.js';
import { createMixTables, Mix } from './support/mix.js';
import { handles, openClient, seconds, startThreeNodes, waitUntilWhole } from './support/three-nodes.js';
import { verifyAll } from './support/verify.js';

const QUIET_MS = 5000;
/** So long a node stays away. */
const AWAY_MS = 4000;

test(
  'each node in turn is killed under load: nothing idempotent fails, nothing acknowledged is lost, nothing is applied twice',
  { timeout: 1_800_000 },
  async (context) => {
    await using three = await startThreeNodes(context);
    const handlesBefore = await handles();
    {
      // A replica that goes away can make a coordinator answer ReadFailure, which the default policy leaves to the caller.
      const retryPolicy = new WhileReplicasLeave();
      const speculativeExecutionPolicy = new PercentileSpeculativeExecutionPolicy({ percentile: 99, maxAttempts: 2 });
      await using client = await openClient(three, 'kill', { speculativeExecutionPolicy, retryPolicy });
      await createMixTables(client.session);
      const mix = new Mix(client.session);
      const { limit, rate } = await warmUp(mix);
      context.diagnostic(`the nodes serve ${String(limit)} requests/s, sent are ${String(rate)} requests/s`);
      const load = new Load(mix, rate);
      const begun = performance.now();
      await sleep(QUIET_MS);
      context.diagnostic(`before: ${String(load.latencies.between(begun, performance.now()))}`);
      for (const node of three.nodes) {
        const killedAt = performance.now();
        await node.kill();
        await sleep(AWAY_MS);
        await node.start();
        const startedAt = performance.now();
        await waitUntilWhole(three, 'kill');
        context.diagnostic(
          `${node.address} away for ${seconds(startedAt - killedAt)}: ` +
            `${String(load.latencies.between(killedAt, startedAt))}; ` +
            `until it is whole again, ${seconds(performance.now() - startedAt)}: ` +
            String(load.latencies.between(startedAt, performance.now())),
        );
      }
      await sleep(QUIET_MS);
      context.diagnostic(`the load took ${seconds(performance.now() - begun)}; ${String(load.underWay)} under way`);
      await load.stop();
      const { journal } = mix;
      context.diagnostic(`sent: ${JSON.stringify(journal.sent)}; failed: ${journal.describeFailures()}`);
      await verifyAll(client.session, journal);
    }
    assert.deepEqual(await handles(), handlesBefore, 'shutdown leaves nothing behind');
  },
);
