import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCassandra } from '../../../src/embedded/index.js';
import { resolveOptions, type EmbeddedOptions } from '../../../src/embedded/options.js';
import { ConfigurationError } from '../../../src/errors.js';

function refusal(options: unknown): string {
  try {
    resolveOptions(options as EmbeddedOptions);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.message;
  }
  return assert.fail('the options were taken');
}

describe('options of startCassandra', () => {
  test('defaults are one node of 5.0 with 512 MiB, no auth, no TLS', () => {
    const resolved = resolveOptions({});
    assert.equal(resolved.version, '5.0.9');
    assert.deepEqual(resolved.datacenters, ['dc1']);
    assert.equal(resolved.heapMb, 512);
    assert.equal(resolved.auth, false);
    assert.equal(resolved.tls, false);
    assert.equal(resolved.directory, undefined);
  });

  test('an unknown option is named with the nearest right one', () => {
    assert.equal(refusal({ versoin: '5.0' }), 'startCassandra: unknown option versoin: did you mean version?');
    assert.equal(refusal({ ssl: true }), 'startCassandra: unknown option ssl: it is called tls here');
    assert.match(refusal({ dataCenters: {} }), /did you mean datacenters/);
    assert.match(refusal({ toString: 1 }), /unknown option toString: known are version, /);
  });

  test('a value of the wrong type is refused by the name of its option', () => {
    const wrong: Record<string, unknown[]> = {
      version: [5, ''],
      nodes: [0, 1.5, '3', -1, 101],
      datacenters: [{}, [], { dc1: 0 }, { 'a\nb': 1 }, { a: 60, b: 60 }, 'dc1'],
      heapMb: [64, '512'],
      yaml: [[], 'a: 1', null],
      jvmArgs: ['-Xmx1g', [1]],
      auth: ['yes', 1],
      tls: [{}],
      directory: ['', 7],
      log: [true],
      port: [0, 65_536, '9042'],
      startTimeoutMs: [0, Infinity],
      signal: [{}],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) assert.match(refusal({ [name]: value }), new RegExp(`: ${name} must (be|have) `));
    }
  });

  test('all that is wrong is said at once', () => {
    assert.equal(
      refusal({ heap: 1, heapMb: 64, auth: 'yes', version: '3.11', yaml: { a: NaN }, nodes: 2, datacenters: { a: 1 } }),
      'startCassandra: unknown option heap: it is called heapMb here; ' +
        "heapMb must be a whole number from 128 to 65536; got 64; auth must be true or false; got 'yes'; " +
        "Unknown Cassandra version '3.11'. Known: 4.0, 4.1, 5.0, 6.0, or an exact version from 4.0 on, such as 5.0.9; " +
        'yaml.a cannot be written to cassandra.yaml: only strings, finite numbers, booleans, null, arrays and plain ' +
        'objects can; nodes (2) and datacenters (1 in all) contradict each other',
    );
  });

  test('options that are no object are refused', () => {
    assert.match(refusal(null), /plain object/);
    assert.match(refusal('5.0'), /plain object/);
  });

  test('datacenters place the nodes; a contradicting count is refused', () => {
    assert.deepEqual(resolveOptions({ nodes: 3 }).datacenters, ['dc1', 'dc1', 'dc1']);
    assert.deepEqual(resolveOptions({ datacenters: { east: 2, west: 1 } }).datacenters, ['east', 'east', 'west']);
    assert.deepEqual(resolveOptions({ nodes: 3, datacenters: { a: 2, b: 1 } }).datacenters.length, 3);
    assert.match(refusal({ nodes: 2, datacenters: { a: 2, b: 1 } }), /contradict/);
  });

  test('a yaml value that YAML cannot carry is refused before anything starts', () => {
    assert.match(refusal({ yaml: { a: { b: [() => 1] } } }), /yaml\.a\.b\[0\]/);
    assert.match(refusal({ yaml: { a: NaN } }), /yaml\.a/);
  });

  test('startCassandra rejects, it does not throw', async () => {
    await assert.rejects(startCassandra({ version: '3.11' }), ConfigurationError);
    await assert.rejects(startCassandra({ signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  });
});
