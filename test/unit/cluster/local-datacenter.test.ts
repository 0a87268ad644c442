import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localDatacenterOf } from '../../../src/cluster/local-datacenter.js';
import { ConfigurationError } from '../../../src/errors.js';
import type { HostFacts } from '../../../src/topology/host.js';

function snapshot(datacenters: Readonly<Record<string, string>>): Parameters<typeof localDatacenterOf>[0] {
  const facts = Object.entries(datacenters).map(([address, datacenter]): [string, HostFacts] => [
    address,
    { address, port: 9042, datacenter, rack: 'r1', releaseVersion: '5.0.0', tokens: [] },
  ]);
  return { hosts: new Map(facts), localHostId: '10.0.0.1' };
}

const TWO = snapshot({ '10.0.0.1': 'east', '10.0.0.2': 'east', '10.1.0.1': 'west' });
const point = (address: string, port = 9042): { address: string; port: number } => ({ address, port });

test('the datacenter that is wanted, wherever the contact points lie', () => {
  assert.equal(localDatacenterOf(TWO, [point('10.0.0.1'), point('10.1.0.1')], 'west'), 'west');
});

test('one that no host is in is refused, with those that there are', () => {
  assert.throws(() => localDatacenterOf(TWO, [], 'West'), {
    name: ConfigurationError.name,
    message: "No host is in localDatacenter 'West'; the cluster's datacenters are: east, west",
  });
});

test('else that of the node which told of the cluster', () => {
  assert.equal(localDatacenterOf(TWO, [point('10.0.0.1'), point('10.0.0.2')], null), 'east');
  // Another port is another node; an address that is no node's (a balancer's) says nothing.
  assert.equal(localDatacenterOf(TWO, [point('10.0.0.1'), point('10.1.0.1', 9142), point('10.9.9.9')], null), 'east');
});

test('contact points in several datacenters are refused, by name', () => {
  assert.throws(
    () => localDatacenterOf(TWO, [point('10.1.0.1'), point('10.0.0.2')], null),
    /\(east, west\): set localDatacenter to one of them/,
  );
});
