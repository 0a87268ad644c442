import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RoutingTable } from '../../../src/cluster/routing-table.js';
import type { Host, MutableHost } from '../../../src/topology/host.js';
import { murmur3Token } from '../../../src/topology/murmur3.js';
import { parseReplication, type Replication } from '../../../src/topology/replication.js';
import { TokenRing } from '../../../src/topology/token-ring.js';
import { makeHost } from '../topology/hosts.js';

const SIMPLE = parseReplication({ class: 'SimpleStrategy', replication_factor: '3' });
const NETWORK = parseReplication({ class: 'NetworkTopologyStrategy', dc1: '3', dc2: '2' });
const KEYS = Array.from({ length: 50 }, (_, i) => Buffer.from(`key ${String(i)}`));

/** Hosts `from` to `from + count` with 16 tokens each, the same whenever asked. */
function cluster(count: number, from = 0): MutableHost[] {
  return Array.from({ length: count }, (_, i) =>
    makeHost(from + i, {
      datacenter: `dc${String((i % 2) + 1)}`,
      rack: `rack${String(i % 3)}`,
      tokens: Array.from({ length: 16 }, (_unused, k) =>
        BigInt.asIntN(64, BigInt((from + i) * 16 + k + 1) * 0x9e3779b97f4a7c15n),
      ),
    }),
  );
}

function settings(all: Readonly<Record<string, Replication>>): ReadonlyMap<string, Replication> {
  return new Map(Object.entries(all));
}

/** What the table says of all keys, and what is right, as ids. */
function answers(table: RoutingTable, keyspace: string): string[][] {
  return KEYS.map((key) => table.replicas(keyspace, key).map(({ id }) => id));
}

function expected(hosts: readonly Host[], setting: Replication): string[][] {
  const map = TokenRing.build(hosts).replicas(setting);
  return KEYS.map((key) => map.replicasForToken(murmur3Token(key)).map(({ id }) => id));
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function tableOf(hosts: readonly Host[], replication: ReadonlyMap<string, Replication>): Promise<RoutingTable> {
  const table = new RoutingTable();
  table.update({ replication, facts: { hosts, isRouted: true } });
  await table.settled();
  return table;
}

test('a small cluster has its ring at once, and its map at the first request', () => {
  const hosts = cluster(100);
  const table = new RoutingTable();
  assert.equal(table.isKnown, false);
  table.update({ replication: settings({ a: SIMPLE, b: NETWORK }), facts: { hosts, isRouted: true } });
  assert.equal(table.isKnown, true);
  assert.deepEqual(answers(table, 'a'), expected(hosts, SIMPLE));
  assert.deepEqual(answers(table, 'b'), expected(hosts, NETWORK));
  assert.deepEqual(table.replicas('unknown', Buffer.from('k')), []);
});

test('a large cluster: requests go without replicas until the map is there, timers run meanwhile', async () => {
  const hosts = cluster(1000);
  const table = new RoutingTable();
  table.update({ replication: settings({ a: NETWORK }), facts: { hosts, isRouted: true } });
  assert.equal(table.isKnown, false, 'not in one go');
  assert.deepEqual(table.replicas('a', Buffer.from('k')), []);
  await table.settled();
  assert.equal(table.isKnown, true);

  assert.deepEqual(new Set(answers(table, 'a').flat()), new Set(), 'the first use only begins the work');
  let turns = 0;
  let isSettled = false;
  void table.settled().then(() => (isSettled = true));
  for (; !isSettled; turns++) await turn();
  assert.ok(turns > 1, `${String(turns)} turns of the event loop`);
  assert.deepEqual(answers(table, 'a'), expected(hosts, NETWORK));
});

test('metadata asks for a setting that nobody used: it is answered at once, and requests then have it too', async () => {
  const hosts = cluster(1000);
  const table = await tableOf(hosts, settings({ a: SIMPLE, same: SIMPLE }));
  const now = KEYS.map((key) => table.replicasNow('a', key).map(({ id }) => id));
  assert.deepEqual(now, expected(hosts, SIMPLE));
  assert.deepEqual(answers(table, 'a'), now);
  assert.deepEqual(answers(table, 'same'), now, 'keyspaces with one setting share its map');
  assert.deepEqual(table.replicasNow('unknown', Buffer.from('k')), []);
});

test('a topology change: the old table answers, then the new one does, for all keyspaces in one turn', async () => {
  const before = cluster(1000);
  const table = await tableOf(before, settings({ a: SIMPLE, b: NETWORK }));
  answers(table, 'a');
  answers(table, 'b');
  await table.settled();
  const old = { a: expected(before, SIMPLE), b: expected(before, NETWORK) };
  const after = [...before.slice(1), ...cluster(10, 5000)];
  const new_ = { a: expected(after, SIMPLE), b: expected(after, NETWORK) };

  table.update({ facts: { hosts: after, isRouted: true } });
  let isSettled = false;
  void table.settled().then(() => (isSettled = true));
  let oldTurns = 0;
  while (!isSettled) {
    const a = answers(table, 'a');
    const b = answers(table, 'b');
    if (isSameAs(a, old.a)) {
      oldTurns++;
      assert.deepEqual(b, old.b);
    } else {
      assert.deepEqual(a, new_.a);
      assert.deepEqual(b, new_.b);
    }
    await turn();
  }
  assert.ok(oldTurns > 1, 'it was built in slices');
  assert.deepEqual(answers(table, 'a'), new_.a);
  assert.deepEqual(answers(table, 'b'), new_.b);
});

function isSameAs(a: string[][], b: string[][]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

test('changes during a build: the newest facts win, what was built of older ones is never shown', async () => {
  const first = cluster(1000);
  const table = await tableOf(first, settings({ a: SIMPLE }));
  answers(table, 'a');
  await table.settled();
  // So large that no machine has built it within two turns.
  const second = cluster(6000, 10_000);
  const third = cluster(800, 4000);
  table.update({ facts: { hosts: second, isRouted: true } });
  await turn();
  await turn();
  table.update({ facts: { hosts: third, isRouted: true } });
  const shown = new Set<string>();
  let isSettled = false;
  void table.settled().then(() => (isSettled = true));
  while (!isSettled) {
    for (const id of answers(table, 'a').flat()) shown.add(id);
    await turn();
  }
  for (const { id } of second) assert.ok(!shown.has(id), 'the second topology was never whole');
  assert.deepEqual(answers(table, 'a'), expected(third, SIMPLE));
});

test('a keyspace first used during a build is part of it', async () => {
  const first = cluster(1000);
  const table = await tableOf(first, settings({ a: SIMPLE, b: NETWORK }));
  const after = cluster(1000, 3000);
  table.update({ facts: { hosts: after, isRouted: true } });
  await turn();
  assert.deepEqual(table.replicas('b', Buffer.from('k')), []);
  await table.settled();
  assert.deepEqual(answers(table, 'b'), expected(after, NETWORK));
});

test('an altered keyspace keeps its old map until the new one is built; others are not touched', async () => {
  const hosts = cluster(1000);
  const table = await tableOf(hosts, settings({ a: SIMPLE, b: NETWORK }));
  answers(table, 'a');
  answers(table, 'b');
  await table.settled();
  const five = parseReplication({ class: 'SimpleStrategy', replication_factor: '5' });
  table.update({ replication: settings({ a: five, b: NETWORK, added: SIMPLE }) });
  assert.deepEqual(answers(table, 'a'), expected(hosts, SIMPLE));
  await table.settled();
  assert.deepEqual(answers(table, 'a'), expected(hosts, five));
  assert.deepEqual(answers(table, 'b'), expected(hosts, NETWORK));

  table.update({ replication: settings({ b: NETWORK }) });
  assert.deepEqual(table.replicas('a', Buffer.from('k')), [], 'dropped');
  table.update({ replication: settings({ a: five, b: NETWORK }) });
  assert.deepEqual(table.replicas('a', Buffer.from('k')), [], 'its map was dropped with it');
});

test('the same facts again need no work', async () => {
  const hosts = cluster(1000);
  const table = await tableOf(hosts, settings({ a: SIMPLE }));
  answers(table, 'a');
  await table.settled();
  const list = table.replicas('a', Buffer.from('k'));
  table.update({ replication: settings({ a: SIMPLE, other: NETWORK }) });
  assert.equal(table.replicas('a', Buffer.from('k')), list, 'the map is the one that was there');
});

test('closing ends the work, and whoever waits for it', async () => {
  const table = new RoutingTable();
  table.update({ replication: settings({ a: SIMPLE }), facts: { hosts: cluster(1000), isRouted: true } });
  const waiting = table.settled();
  table.close();
  await waiting;
  for (let i = 0; i < 50; i++) await turn();
  assert.equal(table.isKnown, false);
  table.update({ facts: { hosts: cluster(1), isRouted: true } });
  assert.equal(table.isKnown, false);
});

test('keys that cannot be routed: no ring, until they can', async () => {
  const hosts = cluster(1000);
  const table = await tableOf(hosts, settings({ a: SIMPLE }));
  table.update({ facts: { hosts, isRouted: false } });
  assert.equal(table.isKnown, false);
  assert.deepEqual(table.replicas('a', Buffer.from('k')), []);
  assert.deepEqual(table.replicasNow('a', Buffer.from('k')), []);
});

// ---- any order of changes, uses and turns ---------------------------------------------------------------------------

type Op =
  | { readonly kind: 'hosts'; readonly from: number; readonly count: number }
  | { readonly kind: 'alter'; readonly keyspace: string; readonly setting: Replication | null }
  | { readonly kind: 'use'; readonly keyspace: string }
  | { readonly kind: 'turns'; readonly count: number };

const keyspace = fc.constantFrom('a', 'b', 'c');
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    kind: fc.constant('hosts' as const),
    from: fc.integer({ min: 0, max: 3 }).map((n) => n * 1000),
    count: fc.constantFrom(100, 140, 300),
  }),
  fc.record({
    kind: fc.constant('alter' as const),
    keyspace,
    setting: fc.constantFrom(SIMPLE, NETWORK, parseReplication({ class: 'LocalStrategy' }), null),
  }),
  fc.record({ kind: fc.constant('use' as const), keyspace }),
  fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 4 }) }),
);

test('whatever happens in whatever order: no answer mixes topologies, and the last word is right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 1, maxLength: 12 }), async (ops) => {
      const table = new RoutingTable();
      const keyspaces = new Map<string, Replication>([['a', SIMPLE]]);
      let hosts = cluster(140);
      table.update({ replication: new Map(keyspaces), facts: { hosts, isRouted: true } });
      for (const one of ops) {
        if (one.kind === 'hosts') {
          hosts = cluster(one.count, one.from);
          table.update({ facts: { hosts, isRouted: true } });
        } else if (one.kind === 'alter') {
          if (one.setting === null) keyspaces.delete(one.keyspace);
          else keyspaces.set(one.keyspace, one.setting);
          table.update({ replication: new Map(keyspaces) });
        } else if (one.kind === 'use') {
          // Each topology's hosts have numbers of their own thousand.
          const thousands = answers(table, one.keyspace).flat();
          assert.ok(new Set(thousands.map((id) => Math.floor(Number(id.slice(5)) / 1000))).size <= 1);
        } else {
          for (let left = one.count; left > 0; left--) await turn();
        }
      }
      for (const name of ['a', 'b', 'c']) answers(table, name);
      await table.settled();
      for (const name of ['a', 'b', 'c']) {
        const setting = keyspaces.get(name);
        const right = setting === undefined ? KEYS.map(() => []) : expected(hosts, setting);
        // What was first used while a build without it ended is asked for again.
        answers(table, name);
        await table.settled();
        assert.deepEqual(answers(table, name), right);
      }
      table.close();
    }),
    { numRuns: 60 },
  );
});
