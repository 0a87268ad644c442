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

test('CASSANDRA_PORT is the port of those that name none', () => {
  assert.deepEqual(parseContactPoints('10.0.0.1,db.example:9043', '9142'), [
    { host: '10.0.0.1', port: 9142 },
    { host: 'db.example', port: 9043 },
  ]);
  assert.equal(parseContactPoints('10.0.0.1', '')[0]?.port, 9042);
  for (const port of ['0', '65536', '9042x', '-1', ' ']) {
    assert.throws(() => parseContactPoints('10.0.0.1', port), /CASSANDRA_PORT must be a whole number/, port);
  }
});

test('an address with a user name and a password is refused without being shown', () => {
  for (const text of [
    'user:hunter2@host',
    'cassandra://user:hunter2@host:9042',
    'h1,user:hunter2,hunter2@host',
    'cassandra://host:9042?password=hunter2',
  ]) {
    assert.throws(
      () => parseContactPoints(text),
      (error: unknown) => error instanceof ConfigurationError && !error.message.includes('hunter2'),
      text,
    );
  }
});

test('what is no host and port is refused', () => {
  const wrong = [
    'host:',
    'host:0',
    'host:65536',
    'host:abc',
    '[::1',
    ':9042',
    'a:b:c',
    'ho st',
    '[host]:1',
    'cql://host',
  ];
  for (const text of [',', ...wrong]) assert.throws(() => parseContactPoints(text), ConfigurationError, text);
  assert.throws(() => parseContactPoints('host,host:0'), /CASSANDRA_CONTACT_POINTS: each must name a port .*'host:0'/);
});
