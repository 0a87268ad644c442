import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { ConstantReconnectionPolicy, ExponentialReconnectionPolicy } from '../../../src/policies/reconnection.js';
import { AsyncRetryPolicy } from '../../../src/policies/retry.js';
import { DCAwareRoundRobinPolicy, RoundRobinPolicy } from '../../../src/policies/round-robin.js';
import {
  ConstantSpeculativeExecutionPolicy,
  PercentileSpeculativeExecutionPolicy,
} from '../../../src/policies/speculative.js';
import { MonotonicTimestampGenerator } from '../../../src/policies/timestamps.js';
import { TokenAwarePolicy } from '../../../src/policies/token-aware.js';

type AnyConstructor = new (...given: never[]) => object;

const WRONG: readonly [AnyConstructor, unknown[], RegExp][] = [
  [DCAwareRoundRobinPolicy, ['dc2'], /must be an object; got 'dc2'/],
  [DCAwareRoundRobinPolicy, [{ localDc: 'dc2' }], /unknown option localDc: it is called localDatacenter/],
  [DCAwareRoundRobinPolicy, [{ localDataCenter: 'dc2' }], /did you mean localDatacenter/],
  [DCAwareRoundRobinPolicy, [null], /must be an object; got null/],
  [AsyncRetryPolicy, [5], /must be an object; got 5/],
  [AsyncRetryPolicy, [{ maxRetry: 1 }], /unknown option maxRetry: .*maxRetries/],
  [AsyncRetryPolicy, [{ maxRetries: '1' }], /maxRetries must be a whole number, 0 or more; got '1'/],
  [ExponentialReconnectionPolicy, [10, 20], /must be an object; got 10/],
  [ExponentialReconnectionPolicy, [{ baseDelay: 10 }], /it is called baseDelayMs/],
  [ConstantReconnectionPolicy, [], /delayMs must be a number of milliseconds, 0 or more; got undefined/],
  [ConstantReconnectionPolicy, ['10'], /delayMs must be .* got '10'/],
  [ConstantReconnectionPolicy, [null], /delayMs must be .* got null/],
  [ConstantReconnectionPolicy, [{}], /delayMs must be .* got undefined/],
  [ConstantReconnectionPolicy, [{ delayMs: 5, jitter: true }], /unknown option jitter/],
  [ConstantSpeculativeExecutionPolicy, [], /must be an object; got undefined/],
  [ConstantSpeculativeExecutionPolicy, [100, 2], /must be an object; got 100/],
  [ConstantSpeculativeExecutionPolicy, [{ delayMs: 100 }], /maxAttempts must be a whole number, 1 or more; got undef/],
  [ConstantSpeculativeExecutionPolicy, [{ delay: 100, maxAttempts: 1 }], /it is called delayMs/],
  [PercentileSpeculativeExecutionPolicy, [], /must be an object; got undefined/],
  [PercentileSpeculativeExecutionPolicy, [{ percentile: 99 }], /maxAttempts must be/],
  [PercentileSpeculativeExecutionPolicy, [{ percentile: 100, maxAttempts: 1 }], /percentile must be a number between/],
  [TokenAwarePolicy, [new RoundRobinPolicy(), { preferRac: 'r1' }], /did you mean preferRack/],
  [TokenAwarePolicy, [new RoundRobinPolicy(), { avoidSlowReplicas: 'no' }], /avoidSlowReplicas must be true or false/],
  [
    TokenAwarePolicy,
    [new RoundRobinPolicy(), { shuffle: true, slowFactor: 0 }],
    /unknown option shuffle.*; slowFactor must/,
  ],
  [TokenAwarePolicy, [new RoundRobinPolicy(), 'r1'], /must be an object/],
  [MonotonicTimestampGenerator, [{ warningInterval: 5 }], /did you mean warningIntervalMs/],
  [MonotonicTimestampGenerator, [5], /must be an object/],
];
for (const [policy, given, words] of WRONG) {
  test(`new ${policy.name}(${JSON.stringify(given).slice(1, -1)}) is refused by name`, () => {
    assert.throws(
      () => new policy(...(given as never[])),
      (error) => {
        assert.ok(error instanceof ConfigurationError, String(error));
        assert.ok(error.message.startsWith(`${policy.name}: `), error.message);
        assert.match(error.message, words);
        return true;
      },
    );
  });
}
