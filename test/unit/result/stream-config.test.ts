import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { resolveStreamConfig, validateStreamConfig } from '../../../src/result/stream-config.js';

test('defaults', () => {
  assert.deepEqual(resolveStreamConfig(), {
    fetchSize: 1000,
    maxPages: Infinity,
    pageCallback: null,
    timeoutMs: 0,
    prefetchPages: 1,
  });
  assert.equal(resolveStreamConfig({ prefetchPages: 0 }).prefetchPages, 0);
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
