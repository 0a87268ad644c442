import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_REPLICATION, parseReplication } from '../../../src/topology/replication.js';

test('SimpleStrategy, by its short and its full name', () => {
  const expected = { kind: 'simple', key: 'simple:3/0', factor: { all: 3, transient: 0 } };
  assert.deepEqual(parseReplication({ class: 'SimpleStrategy', replication_factor: '3' }), expected);
  const full = { class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: ' 3 ' };
  assert.deepEqual(parseReplication(full), expected);
});

test('NetworkTopologyStrategy: the key does not depend on the order of the datacenters', () => {
  const strategy = 'org.apache.cassandra.locator.NetworkTopologyStrategy';
  const a = parseReplication({ class: strategy, dc1: '3', dc2: '2/1' });
  const b = parseReplication({ dc2: '2/1', class: strategy, dc1: '3' });
  assert.equal(a.key, b.key);
  assert.ok(a.kind === 'network');
  assert.deepEqual(
    [...a.factors],
    [
      ['dc1', { all: 3, transient: 0 }],
      ['dc2', { all: 2, transient: 1 }],
    ],
  );
});

test('datacenter names cannot make two settings look alike', () => {
  const a = parseReplication({ class: 'NetworkTopologyStrategy', 'a=1/0,b': '2' });
  const b = parseReplication({ class: 'NetworkTopologyStrategy', a: '1', b: '2' });
  assert.notEqual(a.key, b.key);
});

test('a datacenter with no replicas is left out', () => {
  const parsed = parseReplication({ class: 'NetworkTopologyStrategy', dc1: '0', dc2: '1' });
  assert.ok(parsed.kind === 'network');
  assert.deepEqual([...parsed.factors.keys()], ['dc2']);
});

test('what is not known has no replicas', () => {
  for (const options of [
    {},
    { class: 'org.apache.cassandra.locator.LocalStrategy' },
    { class: 'EverywhereStrategy' },
    { class: 'SimpleStrategy' },
    { class: 'SimpleStrategy', replication_factor: 'many' },
    { class: 'SimpleStrategy', replication_factor: '0' },
    { class: 'SimpleStrategy', replication_factor: '2/2' },
    { class: 'NetworkTopologyStrategy' },
    { class: 'NetworkTopologyStrategy', dc1: '-1' },
  ]) {
    assert.equal(parseReplication(options), NO_REPLICATION, JSON.stringify(options));
  }
});
