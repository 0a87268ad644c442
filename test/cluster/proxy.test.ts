import assert from 'node:assert/strict';
import { after, before, beforeEach, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  AsyncCassandraError,
  ConnectionClosed,
  ConsistencyLevel,
  NoHostAvailable,
  OperationTimedOut,
  type AsyncCassandraSession,
  type ExecuteOptions,
} from '../../src/index.js';
import type { Proxy } from '../support/proxy.js';
import { ProxiedCluster, whole } from './support/proxied-cluster.js';

const HEALING_MS = 20_000;
/** The slack that two busy cores need beyond a deadline. */
const SLACK_MS = 4000;
const INSERT = 'INSERT INTO proxied.t (id, v) VALUES (?, ?)';
const SELECT = 'SELECT id, v FROM proxied.t WHERE id = ?';
const QUORUM: ExecuteOptions = { consistencyLevel: ConsistencyLevel.LOCAL_QUORUM };

let proxied: ProxiedCluster;
let session: AsyncCassandraSession;

before(
  async (t) => {
    proxied = await ProxiedCluster.start(t as TestContext);
    session = await proxied.connect();
    for (let id = 0; id < 100; id++) await session.execute(INSERT, [id, textOf(id)], QUORUM);
  },
  { timeout: 720_000 },
);
beforeEach(async () => {
  await whole(session, HEALING_MS);
});
after(async () => {
  await session.cluster.shutdown();
  await proxied[Symbol.asyncDispose]();
});

function textOf(id: number): string {
  return `value ${String(id)} `.repeat(20);
}

interface Outcome {
  readonly errors: readonly unknown[];
  readonly slowestMs: number;
}

/**
 * Reads and writes, all at once and in waves, while `fault` does its work; every row that comes is checked. None may
 * take longer than its deadline, and what fails must fail with an error of the package.
 */
async function underLoad(idempotent: boolean, fault: () => Promise<void> | void): Promise<Outcome> {
  const errors: unknown[] = [];
  let slowestMs = 0;
  let over = false;
  const timeoutMs = 6000;
  const one = async (id: number): Promise<void> => {
    const begun = performance.now();
    try {
      const options = { ...QUORUM, isIdempotent: idempotent, timeoutMs };
      if (id % 4 === 0) await session.execute(INSERT, [id, textOf(id)], options);
      else assert.deepEqual((await session.execute(SELECT, [id], options)).rows, [{ id, v: textOf(id) }]);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      errors.push(error);
    }
    slowestMs = Math.max(slowestMs, performance.now() - begun);
  };
  const load = (async () => {
    const running: Promise<void>[] = [];
    for (let wave = 0; !over; wave++) {
      for (let i = 0; i < 10; i++) running.push(one((wave * 10 + i) % 100));
      await sleep(20);
    }
    await Promise.all(running);
  })();
  await sleep(100);
  await fault();
  await sleep(300);
  over = true;
  await load;
  for (const error of errors) assert.ok(error instanceof AsyncCassandraError, inspect(error));
  assert.ok(slowestMs < timeoutMs + SLACK_MS, `a request took ${String(Math.round(slowestMs))} ms`);
  return { errors, slowestMs };
}

function proxyAt(i: number): Proxy {
  const proxy = proxied.proxies[i];
  assert.ok(proxy !== undefined);
  return proxy;
}

for (const reset of [false, true]) {
  test(
    `connections that are cut${reset ? ' by a reset' : ''}: idempotent requests notice nothing, others are told`,
    { timeout: 300_000 },
    async () => {
      for (let i = 0; i < 3; i++) {
        const { errors } = await underLoad(true, () => {
          proxyAt(i).cut({ reset });
        });
        assert.deepEqual(errors, []);
        await whole(session, HEALING_MS);
      }
      const { errors } = await underLoad(false, () => {
        proxyAt(0).cut({ reset });
      });
      for (const error of errors) assert.ok(error instanceof ConnectionClosed, inspect(error));
      await whole(session, HEALING_MS);
    },
  );
}

test(
  'all connections cut at once: requests fail at once or succeed, and the cluster is whole again',
  { timeout: 300_000 },
  async () => {
    const { errors } = await underLoad(true, () => {
      for (const proxy of proxied.proxies) proxy.cut();
    });
    for (const error of errors) {
      assert.ok(error instanceof NoHostAvailable || error instanceof ConnectionClosed, inspect(error));
    }
    await whole(session, HEALING_MS);
  },
);

test('a delay of one node: everything is answered', { timeout: 300_000 }, async () => {
  const { errors } = await underLoad(true, async () => {
    proxyAt(1).faults.delayMs = 150;
    await sleep(1500);
    proxied.heal();
  });
  assert.deepEqual(errors, []);
  await whole(session, HEALING_MS);
});

test(
  'a node in a black hole: no hang past the deadline, the others serve, and it comes back',
  { timeout: 360_000 },
  async () => {
    const hole = proxyAt(2);
    const { errors } = await underLoad(true, async () => {
      hole.faults.blackhole = true;
      await sleep(4000);
    });
    for (const error of errors) {
      assert.ok(error instanceof OperationTimedOut || error instanceof ConnectionClosed, inspect(error));
    }
    // By now it is known: requests pass it by.
    const { errors: later, slowestMs } = await underLoad(true, () => undefined);
    assert.deepEqual(later, []);
    assert.ok(slowestMs < 5000, String(slowestMs));
    proxied.heal();
    await whole(session, HEALING_MS);
  },
);

test(
  'a half-open node: connections are accepted and nobody answers; given up in time, whole again afterwards',
  { timeout: 360_000 },
  async () => {
    const half = proxyAt(0);
    half.faults.halfOpen = true;
    const { errors } = await underLoad(true, () => {
      half.cut();
    });
    assert.deepEqual(errors, []);
    await sleep(2500);
    assert.ok(
      session.cluster.metadata.hosts.some(({ isUp }) => !isUp),
      'the host is known to be down',
    );
    proxied.heal();
    half.cut();
    await whole(session, HEALING_MS);
  },
);

test('a trickle of single bytes: slow, and right', { timeout: 360_000 }, async () => {
  const { errors } = await underLoad(true, async () => {
    proxyAt(1).faults.chunk = () => 1;
    await sleep(1000);
    proxied.heal();
  });
  assert.deepEqual(errors, []);
  await whole(session, HEALING_MS);
});

test(
  'flipped bits: never a wrong row, the connection is replaced, idempotent requests notice nothing',
  { timeout: 360_000 },
  async () => {
    for (const [position, bit] of [
      [0, 0],
      [7, 3],
      [40, 6],
      [300, 1],
      [2000, 7],
    ] as const) {
      const proxy = proxyAt(position % 3);
      const { accepted } = proxy;
      const { errors } = await underLoad(true, async () => {
        proxy.flipBit(position, bit);
        for (let left = 1000; !proxy.flipped; left--) {
          assert.ok(left > 0, 'the bit goes by');
          await sleep(10);
        }
      });
      assert.deepEqual(errors, []);
      await whole(session, HEALING_MS);
      assert.ok(proxy.accepted > accepted, 'the connection was given up');
    }
  },
);
