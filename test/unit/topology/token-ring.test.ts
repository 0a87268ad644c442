import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Host } from '../../../src/topology/host.js';
import { murmur3Token } from '../../../src/topology/murmur3.js';
import { parseReplication, type Replication } from '../../../src/topology/replication.js';
import { isMurmur3Partitioner, TokenRing } from '../../../src/topology/token-ring.js';
import { makeHost } from './hosts.js';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** The ring as sorted pairs, the plain way. */
function plainRing(hosts: readonly Host[]): { token: bigint; host: Host }[] {
  const owners = new Map<bigint, Host>();
  for (const host of hosts) for (const token of host.tokens) if (!owners.has(token)) owners.set(token, host);
  const pairs = [...owners].map(([token, host]) => ({ token, host }));
  return pairs.sort((a, b) => (a.token < b.token ? -1 : 1));
}

/** The walk forwards from a token, as Cassandra's strategies make it, one token after the other. */
function naiveReplicas(hosts: readonly Host[], replication: Replication, token: bigint): Host[] {
  const ring = plainRing(hosts);
  const start = ring.findIndex((entry) => entry.token >= token);
  const from = start === -1 ? 0 : start;
  const walk = ring.map((_, i) => ring[(from + i) % ring.length]?.host).filter((host) => host !== undefined);
  if (replication.kind === 'none') return [];

  if (replication.kind === 'simple') {
    const met = [...new Set(walk)];
    const count = Math.min(replication.factor.all, met.length);
    return met.slice(0, count);
  }

  const inRing = new Set(walk);
  const datacenters = new Map<
    string,
    { left: number; repeats: number; transient: number; racks: Set<string>; hosts: Set<Host> }
  >();
  for (const [name, factor] of replication.factors) {
    const members = [...inRing].filter((host) => host.datacenter === name);
    if (members.length === 0) continue;
    const left = Math.min(factor.all, members.length);
    datacenters.set(name, {
      left,
      repeats: factor.all - new Set(members.map((host) => host.rack)).size,
      transient: Math.max(factor.transient - (factor.all - left), 0),
      racks: new Set(),
      hosts: new Set(),
    });
  }
  const replicas: Host[] = [];
  for (const host of walk) {
    const datacenter = datacenters.get(host.datacenter);
    if (datacenter === undefined || datacenter.left === 0 || datacenter.hosts.has(host)) continue;
    if (datacenter.racks.has(host.rack)) {
      if (datacenter.repeats <= 0) continue;
      datacenter.repeats--;
    }
    const isFull = datacenter.left > datacenter.transient;
    datacenter.racks.add(host.rack);
    datacenter.hosts.add(host);
    datacenter.left--;
    if (isFull) replicas.push(host);
  }
  return replicas;
}

const token = fc.oneof(
  fc.bigInt({ min: MIN, max: MAX }),
  fc.bigInt({ min: -20n, max: 20n }),
  fc.constantFrom(MIN, MIN + 1n, -1n, 0n, 1n, MAX, -(2n ** 32n), 2n ** 32n, 2n ** 31n, -(2n ** 31n)),
);

const hosts = fc
  .array(
    fc.record({
      datacenter: fc.constantFrom('dc1', 'dc1', 'dc2', 'dc3'),
      rack: fc.constantFrom('r1', 'r1', 'r2', 'r3', 'r4'),
      tokens: fc.array(token, { minLength: 0, maxLength: 6 }),
    }),
    { minLength: 0, maxLength: 12 },
  )
  .map((facts) => facts.map((each, i) => makeHost(i, each)));

const factor = fc.oneof(fc.integer({ min: 1, max: 6 }).map(String), fc.constantFrom('3/1', '4/2', '2/1', '5/1'));
const replication = fc.oneof(
  fc.integer({ min: 1, max: 6 }).map((rf) => ({ class: 'SimpleStrategy', replication_factor: String(rf) })),
  fc
    .dictionary(fc.constantFrom('dc1', 'dc2', 'dc3', 'gone'), factor, { minKeys: 1, noNullPrototype: true })
    .map((factors): Record<string, string> => ({ class: 'NetworkTopologyStrategy', ...factors })),
);

test('lookups find the first token at or after the one given, around the end too', () => {
  fc.assert(
    fc.property(hosts, fc.array(token, { maxLength: 20 }), (some, wanted) => {
      const ring = TokenRing.build(some);
      const plain = plainRing(some);
      assert.equal(ring.length, plain.length);
      plain.forEach((entry, i) => {
        assert.equal(ring.tokenAt(i), entry.token);
        assert.equal(ring.owners[i], entry.host);
        assert.equal(ring.indexOfToken(entry.token), i);
      });
      for (const each of wanted) {
        const found = plain.findIndex((entry) => entry.token >= each);
        assert.equal(ring.indexOfToken(each), plain.length === 0 ? -1 : Math.max(found, 0));
      }
    }),
  );
});

test('a key is looked up by its token', () => {
  fc.assert(
    fc.property(hosts, fc.uint8Array({ minLength: 1, maxLength: 40 }), (some, key) => {
      const ring = TokenRing.build(some);
      assert.equal(ring.indexOf(key, 0, key.length), ring.indexOfToken(murmur3Token(key)));
    }),
  );
});

test("replicas are those of Cassandra's walk, in its order", () => {
  fc.assert(
    fc.property(hosts, replication, fc.array(token, { minLength: 1, maxLength: 10 }), (some, options, wanted) => {
      const setting = parseReplication(options);
      const map = TokenRing.build(some).replicas(setting);
      for (const each of [...wanted, ...some.flatMap((host) => host.tokens)]) {
        assert.deepEqual(
          map.replicasForToken(each).map(({ id }) => id),
          naiveReplicas(some, setting, each).map(({ id }) => id),
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('work in slices gives the same map as work at once', () => {
  fc.assert(
    fc.property(hosts, replication, fc.integer({ min: 1, max: 7 }), (some, options, slice) => {
      const setting = parseReplication(options);
      const whole = TokenRing.build(some).replicas(setting);
      const ring = TokenRing.build(some);
      const builder = ring.replicaMapBuilder(setting);
      assert.equal(ring.knownReplicas(setting), undefined);
      let steps = 0;
      while (!builder.buildSome(slice)) steps++;
      assert.ok(steps <= (2 * ring.length) / slice);
      const map = builder.finish();
      for (let i = 0; i < ring.length; i++) assert.deepEqual(map.replicasAt(i), whole.replicasAt(i));
      assert.equal(ring.knownReplicas(setting), map);
      assert.equal(ring.replicas(setting), map, 'and it is kept');
    }),
  );
});

test('one node has every key; with no replication nobody has', () => {
  const host = makeHost(1, { tokens: [5n] });
  const ring = TokenRing.build([host]);
  const key = Buffer.from('k');
  assert.deepEqual(
    ring.replicas(parseReplication({ class: 'SimpleStrategy', replication_factor: '3' })).replicasFor(key),
    [host],
  );
  assert.deepEqual(ring.replicas(parseReplication({ class: 'LocalStrategy' })).replicasFor(key), []);
  assert.deepEqual(ring.replicas(parseReplication({ class: 'LocalStrategy' })).replicasForToken(1n), []);
});

test('an empty ring has no replicas', () => {
  const map = TokenRing.build([makeHost(1)]).replicas(
    parseReplication({ class: 'SimpleStrategy', replication_factor: '1' }),
  );
  assert.deepEqual(map.replicasFor(Buffer.from('k')), []);
  assert.deepEqual(map.replicasForToken(0n), []);
});

test("another partitioner's tokens are left out", () => {
  const ring = TokenRing.build([makeHost(1, { tokens: [2n ** 100n, 7n, -(2n ** 63n) - 1n] })]);
  assert.equal(ring.length, 1);
  assert.equal(isMurmur3Partitioner('org.apache.cassandra.dht.Murmur3Partitioner'), true);
  assert.equal(isMurmur3Partitioner('org.apache.cassandra.dht.RandomPartitioner'), false);
});

test('replicas are handed out without being built again', () => {
  const ring = TokenRing.build([makeHost(1, { tokens: [1n, 2n] }), makeHost(2, { tokens: [3n] })]);
  const map = ring.replicas(parseReplication({ class: 'SimpleStrategy', replication_factor: '2' }));
  const key = Buffer.from('some key');
  assert.equal(map.replicasFor(key, 0, key.length), map.replicasFor(key, 0, key.length));
});

test('the ring of cassandra-driver was quadratic: a large, uneven one is built with little work per token', () => {
  // 1000 hosts, all tokens of the second datacenter and of a rack of the first with one host each: a walk forwards
  // from every token to find those two would make 16000 × 8000 steps.
  const some = Array.from({ length: 1000 }, (_, i) =>
    makeHost(i, {
      datacenter: i === 0 ? 'dc2' : 'dc1',
      rack: i === 1 ? 'rare' : `rack${String(i % 2)}`,
      tokens: Array.from({ length: i < 2 ? 1 : 16 }, (_unused, k) =>
        BigInt.asIntN(64, BigInt(i * 16 + k) * 0x9e3779b97f4a7c15n),
      ),
    }),
  );
  const ring = TokenRing.build(some);
  const setting = parseReplication({ class: 'NetworkTopologyStrategy', dc1: '3', dc2: '2' });
  const before = process.cpuUsage();
  const map = ring.replicas(setting);
  const { user, system } = process.cpuUsage(before);
  for (const at of [0, 1, 777, ring.length - 1]) {
    assert.deepEqual(map.replicasAt(at), naiveReplicas(some, setting, ring.tokenAt(at)));
  }
  assert.ok(user + system < 1_500_000, `took ${String((user + system) / 1000)} ms of CPU`);
});

test('tokens that all lie close together are sorted as well, equal ones by their host', () => {
  const some = Array.from({ length: 50 }, (_, i) =>
    makeHost(i, { tokens: Array.from({ length: 40 }, (_unused, k) => BigInt((i * 7919 + k * 104_729) % 1500)) }),
  );
  const ring = TokenRing.build(some);
  const plain = plainRing(some);
  assert.equal(ring.length, plain.length);
  plain.forEach((entry, i) => {
    assert.equal(ring.tokenAt(i), entry.token);
    assert.equal(ring.owners[i], entry.host);
  });
});

test('a ring built in steps is the one built at once', () => {
  fc.assert(
    fc.property(hosts, (some) => {
      const steps = TokenRing.buildInSteps(some);
      let step = steps.next();
      while (step.done !== true) step = steps.next();
      const whole = TokenRing.build(some);
      assert.deepEqual(step.value.owners, whole.owners);
      for (let i = 0; i < whole.length; i++) assert.equal(step.value.tokenAt(i), whole.tokenAt(i));
    }),
  );
});
