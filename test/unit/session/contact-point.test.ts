import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { parseContactPoint } from '../../../src/session/options/index.js';

test('hosts, ports and IPv6 addresses', () => {
  const cases: [string, string, number][] = [
    ['localhost', 'localhost', 9042],
    ['node-1.example.org:9043', 'node-1.example.org', 9043],
    ['10.0.0.1', '10.0.0.1', 9042],
    ['10.0.0.1:1', '10.0.0.1', 1],
    ['::1', '::1', 9042],
    ['2001:db8::9042', '2001:db8::9042', 9042],
    ['[::1]', '::1', 9042],
    ['[2001:db8::1]:65535', '2001:db8::1', 65_535],
    [' host ', 'host', 9042],
  ];
  for (const [text, host, port] of cases) assert.deepEqual(parseContactPoint(text, 9042), { host, port }, text);
});

test('what is no contact point is refused', () => {
  for (const text of [
    '',
    ' ',
    ':9042',
    'host:',
    'host:0',
    'host:65536',
    'host:abc',
    'host:1:2',
    '[::1',
    '[]',
    '[host]:1',
    '[::1]x',
    'a b',
    'a,b',
    'cassandra://host',
    'host/ks',
    5 as unknown as string,
    null as unknown as string,
  ]) {
    assert.throws(() => parseContactPoint(text, 9042), ConfigurationError, JSON.stringify(text));
  }
});
