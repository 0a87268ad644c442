import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseContactPoints } from '../../../src/embedded/running-cluster.js';
import { ConfigurationError } from '../../../src/errors.js';

test('contact points are hosts with or without a port', () => {
  assert.deepEqual(parseContactPoints(' 10.0.0.1, db.example:9043 ,[::1]:9044,fe80::1'), [
    { host: '10.0.0.1', port: 9042 },
    { host: 'db.example', port: 9043 },
    { host: '::1', port: 9044 },
    { host: 'fe80::1', port: 9042 },
  ]);
});

test('what is no host and port is refused', () => {
  for (const text of [',', 'host:', 'host:0', 'host:65536', 'host:abc', '[::1', ':9042']) {
    assert.throws(() => parseContactPoints(text), ConfigurationError, text);
  }
});
