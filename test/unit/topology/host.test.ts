import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEndpoint, setHostUp, sharedName } from '../../../src/topology/host.js';
import { makeHost } from './hosts.js';

test('an endpoint has brackets around IPv6', () => {
  assert.equal(formatEndpoint('10.0.0.1', 9042), '10.0.0.1:9042');
  assert.equal(formatEndpoint('fe80::1', 9043), '[fe80::1]:9043');
});

test('a host that moves to another address stays the same object, with another endpoint', () => {
  const host = makeHost(1);
  assert.equal(host.update({ address: '10.9.9.9', port: 9142 }), false);
  assert.equal(host.endpoint, '10.9.9.9:9142');
  assert.equal(host.id, 'host-1');
});

test('update tells whether routing must be worked out anew', () => {
  const host = makeHost(1, { tokens: [1n, 2n] });
  assert.equal(host.update({ tokens: [1n, 2n], rack: 'rack1', datacenter: 'dc1', releaseVersion: '5.0.5' }), false);
  assert.equal(host.releaseVersion, '5.0.5');
  assert.equal(host.update({ tokens: [1n, 3n] }), true);
  assert.equal(host.update({ tokens: [1n] }), true);
  assert.equal(host.update({ rack: 'rack2' }), true);
  assert.equal(host.update({ datacenter: 'dc2' }), true);
  assert.deepEqual([host.tokens, host.rack, host.datacenter], [[1n], 'rack2', 'dc2']);
});

test('setHostUp tells whether anything changed', () => {
  const host = makeHost(1);
  assert.equal(setHostUp(host, true), false);
  assert.equal(setHostUp(host, false), true);
  assert.equal(host.isUp, false);
});

test('a host can be written as JSON', () => {
  const parsed: unknown = JSON.parse(JSON.stringify(makeHost(1, { tokens: [-5n, 2n ** 62n] })));
  assert.deepEqual(parsed, {
    id: 'host-1',
    address: '10.0.0.1',
    port: 9042,
    endpoint: '10.0.0.1:9042',
    datacenter: 'dc1',
    rack: 'rack1',
    releaseVersion: '5.0.4',
    isUp: true,
    tokens: ['-5', '4611686018427387904'],
  });
});

test('a flood of names from a server is not kept for ever', () => {
  for (let i = 0; i < 25_000; i++) assert.equal(sharedName(`rack${String(i)}`), `rack${String(i)}`);
});
