import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fittingJavas, isAtLeast, resolveVersion } from '../../../src/embedded/versions.js';
import { ConfigurationError } from '../../../src/errors.js';

test('a release line means its release, an exact version itself', () => {
  assert.equal(resolveVersion('4.0'), '4.0.19');
  assert.equal(resolveVersion('4.1'), '4.1.10');
  assert.equal(resolveVersion('5.0'), '5.0.9');
  assert.equal(resolveVersion('6.0'), '6.0-alpha2');
  assert.equal(resolveVersion('5.0.2'), '5.0.2');
  assert.equal(resolveVersion('5.0-rc1'), '5.0-rc1');
});

test('other versions are refused, with the nearest known one', () => {
  for (const version of ['3.11', '3.11.4', '5', '5.1', '', 'latest', '../5.0.9', 'toString', '5.0.9<x>']) {
    assert.throws(() => resolveVersion(version), ConfigurationError, version);
  }
  assert.throws(() => resolveVersion('5.1'), /did you mean '(5\.0|4\.1)'/);
});

test('versions compare by their numbers', () => {
  assert.ok(isAtLeast('4.1.10', '4.1'));
  assert.ok(isAtLeast('5.0.9', '4.1'));
  assert.ok(isAtLeast('10.0.1', '6.0'));
  assert.ok(isAtLeast('6.0-alpha2', '6.0'));
  assert.ok(!isAtLeast('4.0.19', '4.1'));
});

test('17 is the first choice for every version', () => {
  for (const version of ['4.0.19', '4.1.10', '5.0.9', '6.0-alpha2']) assert.equal(fittingJavas(version)[0], 17);
});
