import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { resolveStreamConfig, validateStreamConfig } from '../../../src/result/stream-config.js';

test('defaults', () => {
  assert.deepEqual(resolveStreamConfig(), {
    fetchSize: 1000,
    maxPageBytes: 4 * 1024 * 1024,
    firstRows: 1000,
    maxPages: Infinity,
    pageCallback: null,
    timeoutMs: 0,
    prefetchPages: 1,
  });
  assert.equal(resolveStreamConfig({ prefetchPages: 0 }).prefetchPages, 0);
});

test('the first page is smaller only if a bound is named', () => {
  const first = (maxPageBytes: number, fetchSize = 1000): number =>
    resolveStreamConfig({ maxPageBytes, fetchSize }).firstRows;
  assert.equal(first(1024 * 1024), 4);
  assert.equal(first(1), 1);
  assert.equal(first(1024 ** 3), 1000);
  assert.equal(first(1024 * 1024, 2), 2);
  assert.equal(first(0), 1000);
});

test('all that is wrong is said at once', () => {
  assert.throws(
    () => {
      validateStreamConfig({ fetchSize: 0, maxPages: 1.5, pageCallback: 'x', timeout_seconds: 3, prefetchPages: -1 });
    },
    (error: unknown) => {
      assert.ok(error instanceof ConfigurationError);
      for (const name of [
        'fetchSize',
        'maxPages',
        'pageCallback',
        'timeoutMs here, in milliseconds',
        'prefetchPages',
      ]) {
        assert.ok(error.message.includes(name), name);
      }
      return true;
    },
  );
});

test('other options may stand beside, if they are named', () => {
  const others = { trace: (value: unknown) => (value === true ? null : 'must be true') };
  validateStreamConfig({ fetchSize: 5, trace: true }, others);
  assert.throws(() => {
    validateStreamConfig({ trace: false }, others);
  }, /trace must be true/);
  assert.throws(() => {
    validateStreamConfig({ trace: true });
  }, /unknown option trace/);
});
