import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AdaptiveLimit } from '../../../src/cluster/adaptive-limit.js';
import type { Connector } from '../../../src/cluster/connector.js';
import { HostPool, type PoolObserver } from '../../../src/cluster/host-pool.js';
import { KnownHost } from '../../../src/cluster/known-host.js';
import type { ClusterSettings } from '../../../src/cluster/settings.js';
import type { Connection, ConnectionOwner } from '../../../src/connection/connection.js';
import { ConnectionError } from '../../../src/errors.js';

/** As much of a connection as a pool sees. */
class FakeConnection {
  isOpen = true;
  isDraining = false;
  readonly hasRoom = true;
  readonly inFlight = 1;
  isProven = false;
  readonly #owner: ConnectionOwner;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
  }

  get itself(): Connection {
    return this as unknown as Connection;
  }

  /** Requests are under way: it only closes later. */
  drain(): void {
    if (!this.isOpen || this.isDraining) return;
    this.isDraining = true;
    this.#owner.onConnectionDraining(this.itself);
  }

  close(): void {
    this.end(null);
  }

  end(error: Error | null): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#owner.onConnectionClosed(this.itself, error);
  }
}

interface Attempt {
  readonly owner: ConnectionOwner;
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: Error) => void;
}

/** A pool whose world is in the test's hands: the time, the attempts to connect, the connections. */
class World {
  readonly timers: { readonly run: () => void; readonly dueAt: number }[] = [];
  attempts: Attempt[] = [];
  readonly connections: FakeConnection[] = [];
  readonly pool: HostPool;
  now = 0;
  size = 1;
  policyThrows = false;
  closed = false;
  readonly #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };

  constructor() {
    const setFake = (run: () => void, delay = 0): object => {
      const timer = { run, dueAt: this.now + delay };
      this.timers.push(timer);
      return timer;
    };
    const clearFake = (timer: unknown): void => {
      const at = this.timers.indexOf(timer as (typeof this.timers)[number]);
      if (at >= 0) this.timers.splice(at, 1);
    };
    globalThis.setTimeout = setFake as unknown as typeof setTimeout;
    globalThis.clearTimeout = clearFake;

    const openFor = (_host: unknown, _keyspace: unknown, owner: ConnectionOwner): Promise<Connection> =>
      new Promise((resolve, reject) => this.attempts.push({ owner, resolve, reject }));
    const settings = {
      reconnectionPolicy: {
        newSchedule: () => {
          if (this.policyThrows) throw new RangeError('a broken policy');
          return { nextDelayMs: () => (this.policyThrows ? NaN : 100) };
        },
      },
      pooling: { maxQueuedRequests: 10 },
      sweep: { watch: () => undefined, unwatch: () => undefined },
    };
    const observer: PoolObserver = {
      onPoolUp: () => undefined,
      log: () => undefined,
      onPoolDown: () => undefined,
      onAttemptFailed: () => undefined,
      onLimit: () => undefined,
    };
    const facts = { address: '10.0.0.1', port: 9042, datacenter: 'dc1', rack: 'r1', releaseVersion: '5', tokens: [] };
    this.pool = new HostPool(
      new KnownHost('host', facts, new AdaptiveLimit(1000)),
      null,
      this.size,
      settings as unknown as ClusterSettings,
      { openFor } as unknown as Connector,
      observer,
    );
  }

  /** Those that the pool may use. */
  get usable(): number {
    return this.connections.filter((one) => one.isOpen && !one.isDraining).length;
  }

  #nextAttempt(): Attempt | undefined {
    return this.attempts.shift();
  }

  succeed({ lostAtOnce = false } = {}): void {
    const attempt = this.#nextAttempt();
    if (attempt === undefined) return;
    const connection = new FakeConnection(attempt.owner);
    this.connections.push(connection);
    attempt.resolve(connection.itself);
    if (lostAtOnce) connection.end(new ConnectionError('lost at once'));
  }

  fail(): void {
    this.#nextAttempt()?.reject(new ConnectionError('refused'));
  }

  /** Lets the timer that is due first run. */
  tick(): void {
    const [first] = [...this.timers].sort((a, b) => a.dueAt - b.dueAt);
    if (first === undefined) return;
    this.timers.splice(this.timers.indexOf(first), 1);
    this.now = Math.max(this.now, first.dueAt);
    first.run();
  }

  check(after: string): void {
    const pending = this.timers.length + this.attempts.length;
    if (this.closed) {
      assert.equal(this.timers.length, 0, `${after}: a closed pool has a timer`);
      assert.equal(this.usable, 0, `${after}: a closed pool has a connection`);
      return;
    }
    assert.equal(this.pool.connections.length, this.usable, `${after}: the pool knows its connections`);
    if (this.usable < this.size) assert.equal(pending, 1, `${after}: attempts under way or scheduled`);
    else assert.ok(pending <= 1, `${after}: ${String(pending)} attempts for no connection that is lacking`);
  }

  restore(): void {
    Object.assign(globalThis, this.#real);
  }
}

type Step = readonly [name: string, act: (world: World) => void];

const pick = (world: World, n: number, draining: boolean): FakeConnection | undefined => {
  const some = world.connections.filter((one) => one.isOpen && one.isDraining === draining);
  return some[n % Math.max(some.length, 1)];
};
const simple = (name: string, act: (world: World) => void): fc.Arbitrary<Step> => fc.constant([name, act] as const);
const numbered = (name: string, act: (world: World, n: number) => void): fc.Arbitrary<Step> =>
  fc.nat({ max: 2 }).map((n): Step => [
    `${name} ${String(n)}`,
    (world): void => {
      act(world, n);
    },
  ]);

const step: fc.Arbitrary<Step> = fc.oneof(
  simple('fill', (world) => void world.pool.fill()),
  simple('retryNow', (world) => {
    world.pool.retryNow();
  }),
  simple('retrySoon', (world) => {
    world.pool.retrySoon(50);
  }),
  simple('opened', (world) => {
    world.succeed();
  }),
  simple('lost at once', (world) => {
    world.succeed({ lostAtOnce: true });
  }),
  simple('refused', (world) => {
    world.fail();
  }),
  simple('tick', (world) => {
    world.tick();
  }),
  simple('the policy throws, or does no longer', (world) => {
    world.policyThrows = !world.policyThrows;
  }),
  numbered('lost early', (world, n) => pick(world, n, false)?.end(new ConnectionError('lost'))),
  numbered('lost', (world, n) => {
    const connection = pick(world, n, false);
    if (connection === undefined) return;
    connection.isProven = true;
    connection.end(new ConnectionError('lost'));
  }),
  numbered('drains', (world, n) => pick(world, n, false)?.drain()),
  numbered('drained', (world, n) => pick(world, n, true)?.end(null)),
  numbered('resize to one more than', (world, n) => {
    world.size = n + 1;
    world.pool.resize(world.size);
  }),
);

/** All that follows from what was done has happened. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('a host without a connection has one attempt under way or scheduled, whatever happens; after close nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const world = new World();
      try {
        void world.pool.fill();
        await settle();
        world.check('the start');
        for (const [name, act] of steps) {
          act(world);
          await settle();
          world.check(name);
        }
        world.closed = true;
        world.pool.close();
        world.check('close');
        // What was under way still ends, well or badly; and hints still come.
        world.succeed();
        world.pool.retryNow();
        world.pool.retrySoon(10);
        await world.pool.fill();
        await settle();
        world.check('after close');
        assert.equal(world.attempts.length, 0);
        assert.ok(world.connections.every((one) => !one.isOpen));
      } finally {
        world.restore();
      }
    }),
    { numRuns: 400 },
  );
});
