import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ConfigurationError } from '../../../src/errors.js';
import { AllowListPolicy } from '../../../src/policies/allow-list.js';
import {
  isLocalConsistency,
  type ClusterView,
  type LoadBalancingPolicy,
  type QueryContext,
  type QueryPlan,
} from '../../../src/policies/load-balancing.js';
import { DCAwareRoundRobinPolicy, RoundRobinPolicy } from '../../../src/policies/round-robin.js';
import { TokenAwarePolicy, type TokenAwareOptions } from '../../../src/policies/token-aware.js';
import { ConsistencyLevel } from '../../../src/protocol/constants.js';
import { setHostUp, type Host, type MutableHost } from '../../../src/topology/host.js';
import { makeHost } from '../topology/hosts.js';

class FakeView implements ClusterView {
  hosts: readonly Host[];
  localDatacenter = 'dc1';
  readonly waiting = new Map<Host, number>();
  readonly latencies = new Map<Host, number>();

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts;
  }

  inFlight(host: Host): number {
    return this.waiting.get(host) ?? 0;
  }

  latency(host: Host): number | null {
    return this.latencies.get(host) ?? null;
  }
}

function context(changes: Partial<QueryContext> = {}): QueryContext {
  return { keyspace: 'ks', replicas: null, consistency: ConsistencyLevel.ONE, isLwt: false, ...changes };
}

function drain(plan: QueryPlan): Host[] {
  const hosts: Host[] = [];
  for (let host = plan.next(); host !== null; host = plan.next()) {
    hosts.push(host);
    assert.ok(hosts.length < 1000, 'a plan ends');
  }
  assert.equal(plan.next(), null, 'and stays ended');
  return hosts;
}

/** `perDatacenter` hosts in dc1, dc2 … */
function makeHosts(...perDatacenter: number[]): MutableHost[] {
  let index = 0;
  return perDatacenter.flatMap((count, dc) =>
    Array.from({ length: count }, (_, i) =>
      makeHost(index++, { datacenter: `dc${String(dc + 1)}`, rack: `r${String(i)}` }),
    ),
  );
}

function started(policy: LoadBalancingPolicy, hosts: readonly Host[]): { policy: LoadBalancingPolicy; view: FakeView } {
  const view = new FakeView(hosts);
  policy.init(view);
  return { policy, view };
}

/** How often each host comes first. */
function firsts(policy: LoadBalancingPolicy, query: QueryContext, rounds: number): Map<Host | null, number> {
  const counts = new Map<Host | null, number>();
  for (let i = 0; i < rounds; i++) {
    const host = policy.newQueryPlan(query).next();
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return counts;
}

const byId = (a: Host, b: Host): number => (a.id < b.id ? -1 : 1);

test('which levels are local', () => {
  const local = Object.entries(ConsistencyLevel).filter(([, level]) => isLocalConsistency(level));
  assert.deepEqual(local.map(([name]) => name).sort(), ['LOCAL_ONE', 'LOCAL_QUORUM', 'LOCAL_SERIAL']);
});

describe('RoundRobinPolicy', () => {
  test('every host comes first equally often', () => {
    const hosts = makeHosts(2, 1);
    const { policy } = started(new RoundRobinPolicy(), hosts);
    const counts = firsts(policy, context(), 300);
    assert.deepEqual([...counts.values()], [100, 100, 100]);
  });

  test('a down host does not double the load of its neighbour', () => {
    const hosts = makeHosts(4);
    const { policy } = started(new RoundRobinPolicy(), hosts);
    const [first] = hosts;
    assert.ok(first);
    setHostUp(first, false);
    policy.onDown?.(first);
    assert.deepEqual([...firsts(policy, context(), 300).values()], [100, 100, 100]);
  });

  test('before init a plan is empty', () => {
    assert.deepEqual(drain(new RoundRobinPolicy().newQueryPlan()), []);
  });
});

describe('DCAwareRoundRobinPolicy', () => {
  test('local hosts only, unless told otherwise', () => {
    const hosts = makeHosts(2, 2);
    const { policy } = started(new DCAwareRoundRobinPolicy(), hosts);
    assert.deepEqual(drain(policy.newQueryPlan(context())).sort(byId), hosts.slice(0, 2));
    assert.deepEqual(
      hosts.map((host) => policy.distance(host)),
      ['local', 'local', 'ignored', 'ignored'],
    );
  });

  test('remote hosts come last, so many of each datacenter, and not at a LOCAL_ level', () => {
    const hosts = makeHosts(2, 3, 3);
    const { policy } = started(new DCAwareRoundRobinPolicy({ usedHostsPerRemoteDc: 2 }), hosts);
    const plan = drain(policy.newQueryPlan(context()));
    assert.deepEqual(
      plan.map(({ datacenter }) => datacenter),
      ['dc1', 'dc1', 'dc2', 'dc2', 'dc3', 'dc3'],
    );
    assert.equal(hosts.filter((host) => policy.distance(host) === 'remote').length, 4);
    const local = drain(policy.newQueryPlan(context({ consistency: ConsistencyLevel.LOCAL_QUORUM })));
    assert.deepEqual(local.sort(byId), hosts.slice(0, 2));
  });

  test('allowForLocalConsistency lets LOCAL_ levels leave', () => {
    const hosts = makeHosts(1, 1);
    const options = { usedHostsPerRemoteDc: 1, allowForLocalConsistency: true };
    const { policy } = started(new DCAwareRoundRobinPolicy(options), hosts);
    assert.deepEqual(drain(policy.newQueryPlan(context({ consistency: ConsistencyLevel.LOCAL_ONE }))), hosts);
  });

  test('a remote host that goes down is replaced by one that is up', () => {
    const hosts = makeHosts(1, 3);
    const { policy } = started(new DCAwareRoundRobinPolicy({ usedHostsPerRemoteDc: 1 }), hosts);
    const [local, used, spare] = hosts;
    assert.ok(local && used && spare);
    assert.equal(policy.distance(used), 'remote');
    setHostUp(used, false);
    policy.onDown?.(used);
    assert.deepEqual([policy.distance(used), policy.distance(spare)], ['ignored', 'remote']);
    assert.deepEqual(drain(policy.newQueryPlan(context())), [local, spare]);
  });

  test('its own datacenter beats the cluster, and must exist', () => {
    const hosts = makeHosts(1, 1);
    const { policy } = started(new DCAwareRoundRobinPolicy({ localDatacenter: 'dc2' }), hosts);
    assert.deepEqual(drain(policy.newQueryPlan(context())), hosts.slice(1));
    const wrong = new DCAwareRoundRobinPolicy({ localDatacenter: 'dc9' });
    assert.throws(() => {
      wrong.init(new FakeView(hosts));
    }, /dc9.*Known: dc1, dc2/);
  });

  test('wrong options are refused', () => {
    assert.throws(() => new DCAwareRoundRobinPolicy({ localDatacenter: '' }), ConfigurationError);
    assert.throws(() => new DCAwareRoundRobinPolicy({ usedHostsPerRemoteDc: -1 }), ConfigurationError);
    assert.throws(() => new DCAwareRoundRobinPolicy({ usedHostsPerRemoteDc: 0.5 }), ConfigurationError);
    const notBoolean: unknown = 'yes';
    assert.throws(
      () => new DCAwareRoundRobinPolicy({ allowForLocalConsistency: notBoolean as boolean }),
      ConfigurationError,
    );
  });
});

describe('TokenAwarePolicy', () => {
  const make = (hosts: readonly Host[], options?: TokenAwareOptions): { policy: LoadBalancingPolicy; view: FakeView } =>
    started(new TokenAwarePolicy(new DCAwareRoundRobinPolicy({ usedHostsPerRemoteDc: 5 }), options), hosts);

  test('local replicas first, in random order; then the others, none twice', () => {
    const hosts = makeHosts(5, 2);
    const replicas = [hosts[5], hosts[1], hosts[3], hosts[0]].filter((host) => host !== undefined);
    const { policy } = make(hosts);
    const counts = new Map<string, number>();
    for (let i = 0; i < 600; i++) {
      const plan = drain(policy.newQueryPlan(context({ replicas })));
      assert.equal(new Set(plan).size, hosts.length);
      assert.deepEqual(
        plan
          .slice(0, 3)
          .sort(byId)
          .map(({ id }) => id),
        ['host-0', 'host-1', 'host-3'],
      );
      const order = plan
        .slice(0, 3)
        .map(({ id }) => id)
        .join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
      assert.deepEqual(
        plan.map(({ datacenter }) => datacenter),
        ['dc1', 'dc1', 'dc1', 'dc1', 'dc1', 'dc2', 'dc2'],
      );
    }
    assert.equal(counts.size, 6);
    for (const count of counts.values()) assert.ok(count > 55 && count < 155, String(count));
  });

  test('a lightweight transaction asks the local replicas in ring order, busy and slow or not', () => {
    const hosts = makeHosts(3, 1);
    const [a, b, c, remote] = hosts;
    assert.ok(a && b && c && remote);
    const { policy, view } = make(hosts, { preferRack: 'r0' });
    view.waiting.set(c, 1000);
    view.latencies.set(c, 1000).set(a, 1);
    for (let i = 0; i < 50; i++) {
      const plan = drain(policy.newQueryPlan(context({ replicas: [remote, c, a, b], isLwt: true })));
      assert.deepEqual(plan.slice(0, 3), [c, a, b]);
    }
    setHostUp(c, false);
    assert.equal(policy.newQueryPlan(context({ replicas: [remote, c, a, b], isLwt: true })).next(), a);
  });

  test('of two replicas the one with fewer waiting requests', () => {
    const hosts = makeHosts(2);
    const [busy, idle] = hosts;
    assert.ok(busy && idle);
    const { policy, view } = make(hosts);
    view.waiting.set(busy, 5).set(idle, 4);
    assert.deepEqual([...firsts(policy, context({ replicas: hosts }), 100)], [[idle, 100]]);
  });

  test('of three replicas the busiest never comes first', () => {
    const hosts = makeHosts(3);
    const [busy] = hosts;
    assert.ok(busy);
    const { policy, view } = make(hosts);
    view.waiting.set(busy, 50);
    assert.equal(firsts(policy, context({ replicas: hosts }), 200).get(busy), undefined);
  });

  test('a slow replica goes to the end, and is tried now and then', () => {
    const hosts = makeHosts(3);
    const [slow, quick, other] = hosts;
    assert.ok(slow && quick && other);
    let now = 0;
    const { policy, view } = make(hosts, { now: () => now });
    view.latencies.set(slow, 100).set(quick, 1).set(other, 2);
    const query = context({ replicas: hosts });
    assert.equal(policy.newQueryPlan(query).next(), slow, 'a probe');
    for (let i = 0; i < 100; i++) {
      const plan = drain(policy.newQueryPlan(query));
      assert.equal(plan[2], slow);
      assert.equal(plan.length, 3);
    }
    now += 1000;
    assert.equal(policy.newQueryPlan(query).next(), slow, 'another probe');
    assert.notEqual(policy.newQueryPlan(query).next(), slow);
    view.latencies.set(slow, 3);
    assert.ok((firsts(policy, query, 300).get(slow) ?? 0) > 50, 'back in its turn once it is quick');
  });

  test('a few milliseconds are no slowness, and an unknown latency is none', () => {
    const hosts = makeHosts(2);
    const [a, b] = hosts;
    assert.ok(a && b);
    const { policy, view } = make(hosts);
    view.latencies.set(a, 9).set(b, 0.5);
    assert.equal(firsts(policy, context({ replicas: hosts }), 200).size, 2);
    view.latencies.clear();
    view.latencies.set(a, 900);
    assert.equal(firsts(policy, context({ replicas: hosts }), 200).size, 2);
  });

  test('avoidSlowReplicas: false looks at neither', () => {
    const hosts = makeHosts(2);
    const [a, b] = hosts;
    assert.ok(a && b);
    const { policy, view } = make(hosts, { avoidSlowReplicas: false });
    view.latencies.set(a, 900).set(b, 1);
    view.waiting.set(a, 900);
    assert.equal(firsts(policy, context({ replicas: hosts }), 200).size, 2);
  });

  test('replicas of the preferred rack come first, then those of other racks', () => {
    const hosts = makeHosts(4, 1);
    const [a, b, c, d, remote] = hosts;
    assert.ok(a && b && c && d && remote);
    c.update({ rack: 'r0' });
    const { policy } = make(hosts, { preferRack: 'r0' });
    const seen = new Set<Host | undefined>();
    for (let i = 0; i < 100; i++) {
      const plan = drain(policy.newQueryPlan(context({ replicas: [b, remote, a, c] })));
      assert.deepEqual(plan.slice(0, 2).sort(byId), [a, c]);
      assert.deepEqual(plan.slice(2), [b, d, remote]);
      seen.add(plan[0]);
    }
    assert.equal(seen.size, 2);
    const none = drain(policy.newQueryPlan(context({ replicas: [b, d] })));
    assert.deepEqual(none.slice(0, 2).sort(byId), [b, d]);
  });

  test('a host that came up gets a share that grows', () => {
    const hosts = makeHosts(2);
    const [fresh, old] = hosts;
    assert.ok(fresh && old);
    let now = 0;
    const { policy } = make(hosts, { now: () => now, warmUpMs: 10_000 });
    const query = context({ replicas: hosts });
    setHostUp(fresh, false);
    policy.onDown?.(fresh);
    assert.equal(firsts(policy, query, 50).get(fresh), undefined);
    setHostUp(fresh, true);
    policy.onUp?.(fresh);
    const share = (): number => (firsts(policy, query, 2000).get(fresh) ?? 0) / 2000;
    const shares = [0, 5000, 10_000].map((at) => {
      now = at;
      return share();
    });
    const [early = 0, middle = 0, late = 0] = shares;
    assert.ok(early > 0.01 && early < 0.1, String(early));
    assert.ok(middle > 0.2 && middle < 0.35, String(middle));
    assert.ok(late > 0.45 && late < 0.55, String(late));
  });

  test('when all replicas are fresh they share evenly', () => {
    const hosts = makeHosts(2);
    const { policy } = make(hosts, { now: () => 0 });
    for (const host of hosts) policy.onUp?.(host);
    for (const count of firsts(policy, context({ replicas: hosts }), 1000).values()) assert.ok(count > 400);
  });

  test("without replicas the child's plan", () => {
    const hosts = makeHosts(3);
    const { policy } = make(hosts);
    for (const replicas of [null, []]) {
      assert.deepEqual(drain(policy.newQueryPlan(context({ replicas }))).sort(byId), hosts);
    }
  });

  test('a replica that comes up in the middle of a plan comes once at most', () => {
    const hosts = makeHosts(3);
    const [a, b, c] = hosts;
    assert.ok(a && b && c);
    setHostUp(a, false);
    const { policy } = make(hosts);
    const plan = policy.newQueryPlan(context({ replicas: [a, b] }));
    assert.equal(plan.next(), b);
    setHostUp(a, true);
    policy.onUp?.(a);
    assert.deepEqual(drain(plan).sort(byId), [a, c]);
  });

  test('wrong options are refused', () => {
    const child = new RoundRobinPolicy();
    const noPolicy: unknown = undefined;
    assert.throws(() => new TokenAwarePolicy(noPolicy as LoadBalancingPolicy), ConfigurationError);
    assert.throws(() => new TokenAwarePolicy(child, { preferRack: '' }), ConfigurationError);
    assert.throws(() => new TokenAwarePolicy(child, { slowFactor: 0.5 }), ConfigurationError);
    assert.throws(() => new TokenAwarePolicy(child, { slowMarginMs: -1 }), ConfigurationError);
    assert.throws(() => new TokenAwarePolicy(child, { warmUpMs: NaN }), ConfigurationError);
  });
});

describe('AllowListPolicy', () => {
  const allowing = (hosts: readonly Host[], ...addresses: string[]): LoadBalancingPolicy =>
    started(new AllowListPolicy(new RoundRobinPolicy(), addresses), hosts).policy;

  test('by address, by address and port', () => {
    const hosts = makeHosts(3);
    const policy = allowing(hosts, '10.0.0.0', '10.0.0.1:9042', '10.0.0.2:9999');
    assert.deepEqual(drain(policy.newQueryPlan(context())).sort(byId), hosts.slice(0, 2));
    assert.deepEqual(
      hosts.map((host) => policy.distance(host)),
      ['local', 'local', 'ignored'],
    );
  });

  test('an IPv6 address in each of its spellings', () => {
    for (const entry of ['fe80::1', '[fe80::1]', '[fe80::1]:9042', 'FE80:0:0:0:0:0:0:1', '[fe80:0::1]:9042']) {
      for (const address of ['fe80::1', 'fe80:0:0:0:0:0:0:1']) {
        const host = makeHost(1);
        host.update({ address });
        assert.equal(allowing([host], entry).distance(host), 'local', `${entry} ${address}`);
      }
    }
    const host = makeHost(1);
    host.update({ address: 'fe80::1' });
    assert.equal(allowing([host], '[fe80::1]:9043').distance(host), 'ignored');
  });

  test('replicas that are not allowed are not asked, whichever policy is the outer one', () => {
    const hosts = makeHosts(4);
    const policies = [
      new AllowListPolicy(new TokenAwarePolicy(new RoundRobinPolicy()), ['10.0.0.1', '10.0.0.2']),
      new TokenAwarePolicy(new AllowListPolicy(new RoundRobinPolicy(), ['10.0.0.1', '10.0.0.2'])),
    ];
    for (const policy of policies) {
      started(policy, hosts);
      const plan = drain(policy.newQueryPlan(context({ replicas: hosts.slice(0, 2) })));
      assert.deepEqual(plan, hosts.slice(1, 3));
    }
  });

  test('a host that moves to an allowed address is used', () => {
    const hosts = makeHosts(2);
    const [first] = hosts;
    assert.ok(first);
    const policy = allowing(hosts, '10.7.7.7', '10.0.0.1');
    assert.equal(drain(policy.newQueryPlan(context())).length, 1);
    first.update({ address: '10.7.7.7' });
    policy.onUp?.(first);
    assert.equal(drain(policy.newQueryPlan(context())).length, 2);
  });

  test('wrong lists are refused', () => {
    const child = new RoundRobinPolicy();
    const noPolicy: unknown = {};
    assert.throws(() => new AllowListPolicy(noPolicy as LoadBalancingPolicy, ['a']), ConfigurationError);
    for (const list of [[], [''], ['10.0.0.1:'], ['10.0.0.1:99999'], ['10.0.0.1:x'], [':9042'], ['[::1]:0']]) {
      assert.throws(() => new AllowListPolicy(child, list), ConfigurationError, JSON.stringify(list));
    }
    const refuses = (error: unknown): boolean =>
      error instanceof ConfigurationError && !error.message.includes('hunter2');
    assert.throws(() => new AllowListPolicy(child, ['user:hunter2@host']), refuses, 'a password is not repeated');
  });
});

describe('every policy', () => {
  const cluster = fc
    .array(
      fc.record({
        datacenter: fc.constantFrom('dc1', 'dc2', 'dc3'),
        rack: fc.constantFrom('r1', 'r2'),
        isUp: fc.boolean(),
      }),
      { maxLength: 10 },
    )
    .map((facts) => [makeHost(99), ...facts.map((each, i) => makeHost(i, each))]);
  const level = fc.constantFrom(...Object.values(ConsistencyLevel));
  const kinds = fc.constantFrom(
    'round-robin',
    'dc-aware',
    'dc-aware-remote',
    'token-aware',
    'token-aware-rack',
    'allow',
  );

  const make = (kind: string): LoadBalancingPolicy => {
    const remote = new DCAwareRoundRobinPolicy({ usedHostsPerRemoteDc: 2 });
    if (kind === 'round-robin') return new RoundRobinPolicy();
    if (kind === 'dc-aware') return new DCAwareRoundRobinPolicy();
    if (kind === 'dc-aware-remote') return remote;
    if (kind === 'token-aware') return new TokenAwarePolicy(remote);
    if (kind === 'token-aware-rack') return new TokenAwarePolicy(remote, { preferRack: 'r2' });
    return new AllowListPolicy(new TokenAwarePolicy(remote), ['10.0.0.99', '10.0.0.1', '10.0.0.2', '10.0.0.5']);
  };

  test('gives each host that is up and not ignored exactly once, and LOCAL_ levels stay in the datacenter', () => {
    fc.assert(
      fc.property(
        cluster,
        kinds,
        level,
        fc.boolean(),
        fc.array(fc.nat({ max: 10 }), { maxLength: 5 }),
        fc.array(fc.tuple(fc.nat({ max: 10 }), fc.integer({ min: 1, max: 100 })), { maxLength: 5 }),
        (hosts, kind, consistency, isLwt, picks, load) => {
          const { policy, view } = started(make(kind), hosts);
          for (const [at, amount] of load) {
            const host = hosts[at];
            if (host === undefined) continue;
            view.waiting.set(host, amount);
            view.latencies.set(host, amount);
          }
          const replicas = [...new Set(picks.map((at) => hosts[at]).filter((host) => host !== undefined))];
          const plan = drain(policy.newQueryPlan(context({ consistency, isLwt, replicas })));
          assert.equal(new Set(plan).size, plan.length, 'no host twice');
          const stays = kind !== 'round-robin' && isLocalConsistency(consistency);
          const expected = hosts.filter((host) => {
            const distance = policy.distance(host);
            return host.isUp && (distance === 'local' || (distance === 'remote' && !stays));
          });
          assert.deepEqual(plan.sort(byId), expected.sort(byId));
          if (stays) assert.ok(plan.every(({ datacenter }) => datacenter === 'dc1'));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('keeps its word when hosts come, go and change while plans are under way', () => {
    const step = fc.record({
      kind: fc.constantFrom('toggle', 'add', 'remove', 'next', 'new'),
      at: fc.nat({ max: 20 }),
    });
    fc.assert(
      fc.property(cluster, kinds, fc.array(step, { maxLength: 60 }), (hosts, kind, steps) => {
        const { policy, view } = started(make(kind), hosts);
        let plan = policy.newQueryPlan(context({ replicas: hosts.slice(0, 3) }));
        let given = new Set<Host>();
        let added = 50;
        for (const { kind: action, at } of steps) {
          const host = view.hosts[at % view.hosts.length] as MutableHost | undefined;
          if (action === 'add') {
            const fresh = makeHost(added++, { datacenter: 'dc1' });
            view.hosts = [...view.hosts, fresh];
            policy.onAdd?.(fresh);
          } else if (action === 'new') {
            plan = policy.newQueryPlan(context({ replicas: view.hosts.slice(0, 3) }));
            given = new Set();
          } else if (action === 'next') {
            const next = plan.next();
            if (next === null) continue;
            assert.ok(next.isUp, 'only hosts that are up');
            assert.ok(!given.has(next), 'no host twice');
            given.add(next);
          } else if (host !== undefined && action === 'toggle') {
            setHostUp(host, !host.isUp);
            if (host.isUp) policy.onUp?.(host);
            else policy.onDown?.(host);
          } else if (host !== undefined && view.hosts.length > 1) {
            view.hosts = view.hosts.filter((each) => each !== host);
            policy.onRemove?.(host);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('sees hosts of a view that was swapped without a word', () => {
    for (const policy of [new RoundRobinPolicy(), new DCAwareRoundRobinPolicy(), make('token-aware')]) {
      const hosts = makeHosts(1);
      const { view } = started(policy, hosts);
      view.hosts = [...hosts, makeHost(7)];
      assert.equal(drain(policy.newQueryPlan(context())).length, 2);
    }
  });
});
