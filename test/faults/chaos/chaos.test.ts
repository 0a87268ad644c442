import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AsyncCluster,
  AsyncRetryPolicy,
  ConstantReconnectionPolicy,
  ConstantSpeculativeExecutionPolicy,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
} from '../../../src/index.js';
import { until } from '../support.js';
import { Dice } from './dice.js';
import { Load } from './load.js';
import { READ, World } from './world.js';

/** More of them, or others, for a longer look. */
const RUNS = Number(process.env['CHAOS_RUNS'] ?? 6);
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_122);
/** After the last fault. */
const RECOVERED_WITHIN_MS = 10_000;
const RUN_MS = Number(process.env['CHAOS_MS'] ?? 2000);

function optionsFrom(dice: Dice): AsyncClusterOptions {
  return {
    compression: dice.among([undefined, 'lz4']),
    prepareOnAllHosts: dice.percent(30),
    reconnectionPolicy: new ConstantReconnectionPolicy(dice.among([10, 50])),
    connectTimeoutMs: dice.among([100, 500]),
    requestTimeoutMs: 500,
    idleHeartbeatIntervalMs: dice.among([50, 1000]),
    speculativeExecutionPolicy: dice.percent(50)
      ? new ConstantSpeculativeExecutionPolicy({ delayMs: dice.below(30), maxAttempts: 2 })
      : undefined,
    maxPreparedStatements: dice.among([1, 1000]),
    retryPolicy: new AsyncRetryPolicy({ maxRetries: dice.among([1, 3]) }),
    pooling: {
      connectionsPerLocalHost: 1 + dice.below(3),
      maxRequestsPerConnection: dice.among([2, 8, 2048]),
      maxQueuedRequests: dice.among([0, 10, 1000]),
    },
  };
}

async function run(seed: number): Promise<string> {
  const dice = new Dice(seed);
  const options = optionsFrom(dice);
  await using world = await World.start(dice.below(2 ** 31), dice.among([2, 5, 20]));
  const cluster = new AsyncCluster({ ...options, contactPoints: world.contactPoints });
  try {
    const session = await cluster.connect();
    const load = await Load.of(session, world, dice.below(2 ** 31));
    world.begin();
    const running = load.run(dice.among([1, 20, 100]), RUN_MS);
    if (dice.percent(30)) await shutDownUnderLoad(cluster, running);
    await running;
    await world.calm();
    load.verify();
    if (!cluster.isClosed) await checkRecovery(cluster, session);
    return JSON.stringify({ options, outcomes: Object.fromEntries(load.outcomes) });
  } finally {
    await cluster.shutdown();
  }
}

async function shutDownUnderLoad(cluster: AsyncCluster, running: Promise<void>): Promise<void> {
  await sleep(RUN_MS / 2);
  await cluster.shutdown({ drainTimeoutMs: 200 });
  await running;
}

/** Nothing is left of the requests that failed, every host is taken for up, and soon all that is asked is answered. */
async function checkRecovery(cluster: AsyncCluster, session: AsyncCassandraSession): Promise<void> {
  const isQuiet = (): boolean =>
    cluster.statistics.hosts.every(({ inFlight, queued, host }) => inFlight === 0 && queued === 0 && host.isUp);
  await until(isQuiet, 'a quiet cluster');
  // What is owed by nodes that said nothing counts as their load for a moment more.
  const giveUpAt = performance.now() + RECOVERED_WITHIN_MS;
  for (let inARow = 0; inARow < 50;) {
    try {
      await session.execute(READ, [inARow++]);
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      inARow = 0;
      await sleep(20);
    }
  }
}

test('whatever fails: requests end in time, none gets another answer than its own, no write is applied twice or lost', async (context) => {
  const dice = new Dice(SEED);
  for (let left = RUNS; left > 0; left--) {
    const seed = dice.below(2 ** 31);
    context.diagnostic(`seed ${String(seed)}`);
    context.diagnostic(await run(seed));
  }
});
