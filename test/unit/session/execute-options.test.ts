import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { AsyncRetryPolicy } from '../../../src/policies/retry.js';
import { ConsistencyLevel } from '../../../src/protocol/constants.js';
import {
  EXECUTE_OPTION_CHECKS,
  validateExecuteOptions,
  type ExecuteOptions,
} from '../../../src/session/options/index.js';

const ALL: Required<ExecuteOptions> = {
  trace: true,
  customPayload: { a: Buffer.of(1) },
  timeoutMs: 0,
  executionProfile: 'default',
  pagingState: null,
  fetchSize: 5,
  host: '127.0.0.1:9042',
  executeAs: 'alice',
  consistencyLevel: ConsistencyLevel.ONE,
  serialConsistencyLevel: ConsistencyLevel.SERIAL,
  isIdempotent: true,
  timestamp: 1n,
  nowInSeconds: 0,
  keyspace: 'ks',
  retryPolicy: new AsyncRetryPolicy(),
  routingKey: Buffer.of(1),
  routingToken: -(2n ** 63n),
  rowMode: 'array',
  signal: new AbortController().signal,
};

function message(options: unknown): string {
  try {
    validateExecuteOptions(options as ExecuteOptions);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.message;
  }
  return assert.fail('nothing was thrown');
}

test('every option of the contract is known', () => {
  assert.deepEqual(Object.keys(EXECUTE_OPTION_CHECKS).sort(), Object.keys(ALL).sort());
  validateExecuteOptions(ALL);
  validateExecuteOptions({});
  validateExecuteOptions({ pagingState: Buffer.of(1), timeoutMs: undefined });
});

test('each option refuses what it is not', () => {
  const wrong: Record<string, unknown[]> = {
    trace: [1],
    timeoutMs: [-1, NaN, Infinity, 2 ** 31, '5'],
    executionProfile: ['', 5],
    pagingState: ['abc', 5],
    fetchSize: [0],
    host: ['', 5, {}],
    executeAs: [''],
    consistencyLevel: ['ONE'],
    nowInSeconds: [-1, 2 ** 32, 1.5],
    rowMode: ['arrays'],
    signal: [{}, new AbortController()],
    isIdempotent: [null],
    routingToken: [5, '5', 2n ** 63n],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values)
      assert.match(message({ [name]: value }), new RegExp(`^Options of the call: ${name} must be`));
  }
});

test('a refused routing key or paging state was shown: both are made of bound values', () => {
  for (const name of ['routingKey', 'pagingState']) {
    const text = message({ [name]: 'secret' });
    assert.match(text, new RegExp(`: ${name} must be a Buffer.*; got a string$`));
    assert.doesNotMatch(text, /secret/);
  }
});

test('unknown names are answered with ours', () => {
  assert.match(message({ prepare: true }), /always prepared/);
  assert.match(message({ consistency: 1 }), /consistencyLevel/);
  assert.match(message({ timeout: 1 }), /timeoutMs here/);
  assert.match(message({ paging_state: null }), /did you mean pagingState/);
  assert.match(message({ pageState: null }), /pagingState/);
  assert.match(message({ constructor: 1, trace: 1 }), /unknown option constructor.*trace must be true or false/);
});

test('options that are no object are refused', () => {
  for (const options of [null, 'x', 5]) assert.match(message(options), /must be an object/);
});
