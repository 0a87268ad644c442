import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryError } from '../../../src/errors.js';
import { adviseRetry } from '../../../src/execution/retry-advice.js';
import { AsyncRetryPolicy } from '../../../src/policies/retry.js';
import { ConsistencyLevel } from '../../../src/protocol/constants.js';
import { rejectedThenable } from '../../support/thenable.js';

test('a policy that gives a thenable is refused, and that it rejects does no harm', async () => {
  const policy = Object.assign(new AsyncRetryPolicy(), {
    onRequestError: () => rejectedThenable(new Error('no promise')),
  });
  const request = {
    consistency: ConsistencyLevel.ONE,
    statement: { isIdempotent: true, query: 'SELECT v FROM t', statements: null, keyspace: null },
    isSelect: true,
    retryNumber: 0,
  };
  assert.throws(() => adviseRetry(policy, new Error('lost'), request), QueryError);
  await new Promise(setImmediate);
});
