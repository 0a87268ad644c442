import assert from 'node:assert/strict';
import test from 'node:test';
import { readOptions } from '../lib/options.mjs';

test('names, groups and numbers of the command line', () => {
  const options = readOptions(['--only', 'select1,vector1536,memory', '--in-flight', '1,128', '--rounds', '7']);
  assert.deepEqual(options.names, ['select1', 'vectorRead', 'vectorWrite', 'memory']);
  assert.deepEqual(options.inFlight, [1, 128]);
  assert.equal(options.rounds, 7);
});

test('what is misspelt is told, not left out', () => {
  assert.throws(() => readOptions(['--only', 'selekt1']), /no workload 'selekt1'/);
  assert.throws(() => readOptions(['--in-flight', '1,many']), /whole numbers/);
  assert.throws(() => readOptions(['--fast']), /fast/);
});
