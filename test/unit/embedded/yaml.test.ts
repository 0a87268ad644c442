import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cassandraSettings, type NodeSettings } from '../../../src/embedded/node-files.js';
import { mergeSettings, renderYaml } from '../../../src/embedded/yaml.js';

const node: NodeSettings = {
  version: '5.0.9',
  home: '/n',
  clusterName: 'c',
  address: '127.3.2.1',
  nativePort: 9042,
  storagePort: 7000,
  datacenter: 'dc1',
  seeds: ['127.3.2.1', '127.3.2.2'],
  bootstrap: false,
  auth: false,
  encryption: undefined,
  yaml: {},
};

describe('cassandra.yaml', () => {
  test('every setting is one line, in notation that YAML and JSON share', () => {
    const settings = { a: 1, b: 'x: "y"', c: [true, null, 2n], d: { 'e-f': undefined, g: ['h'] }, i: undefined };
    assert.equal(renderYaml(settings), 'a: 1\nb: "x: \\"y\\""\nc: [true, null, 2]\nd: {"g": ["h"]}\n');
  });

  test('text cannot break out of its line', () => {
    assert.equal(renderYaml({ a: 'x\ny\u2028\u0085z' }), 'a: "x\\ny\\u2028\\u0085z"\n');
    assert.equal(renderYaml({ 'k: v\n': 1 }), '"k: v\\n": 1\n');
  });

  test('objects are merged key by key, all else is replaced', () => {
    const merged = mergeSettings({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, d: { e: 1 } });
    assert.deepEqual(merged, { a: { b: 1, c: [3] }, d: { e: 1 } });
  });

  test('4.0 spells its settings in its own way', () => {
    const old = cassandraSettings({ ...node, version: '4.0.19' });
    assert.equal(old['commitlog_sync_period_in_ms'], 10_000);
    assert.equal(old['enable_materialized_views'], true);
    assert.equal(old['commitlog_sync_period'], undefined);
    const newer = cassandraSettings({ ...node, version: '4.1.10' });
    assert.equal(newer['commitlog_sync_period'], '10000ms');
    assert.equal(newer['materialized_views_enabled'], true);
    assert.equal(newer['enable_materialized_views'], undefined);
  });

  test('seeds and auth follow the cluster', () => {
    assert.match(renderYaml(cassandraSettings(node)), /seeds.*127\.3\.2\.1,127\.3\.2\.2/);
    assert.match(renderYaml(cassandraSettings(node)), /^authenticator: "AllowAllAuthenticator"$/m);
    assert.match(renderYaml(cassandraSettings({ ...node, auth: true })), /^authenticator: "PasswordAuthenticator"$/m);
  });
});
