import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { FallthroughRetryPolicy } from '../../../src/policies/retry.js';
import { ConstantReconnectionPolicy } from '../../../src/policies/reconnection.js';
import { RoundRobinPolicy } from '../../../src/policies/round-robin.js';
import { ConstantSpeculativeExecutionPolicy } from '../../../src/policies/speculative.js';
import { ConsistencyLevel } from '../../../src/protocol/constants.js';
import {
  defaultProfile,
  profileNamed,
  validateClusterOptions,
  type AsyncClusterOptions,
} from '../../../src/session/options/index.js';

test('there is always a profile default, made of the options of the cluster', () => {
  const retryPolicy = new FallthroughRetryPolicy();
  const loadBalancingPolicy = new RoundRobinPolicy();
  const options = validateClusterOptions({ requestTimeoutMs: 7, retryPolicy, loadBalancingPolicy });
  const profile = defaultProfile(options);
  assert.equal(profile, profileNamed(options, 'default'));
  assert.deepEqual(
    [profile.consistencyLevel, profile.serialConsistencyLevel, profile.requestTimeoutMs, profile.fetchSize],
    [ConsistencyLevel.LOCAL_ONE, ConsistencyLevel.SERIAL, 7, 5000],
  );
  assert.equal(profile.retryPolicy, retryPolicy);
  assert.equal(profile.loadBalancingPolicy, loadBalancingPolicy);
});

test('a profile inherits from default, wherever that stands, and default from the cluster', () => {
  const speculativeExecutionPolicy = new ConstantSpeculativeExecutionPolicy({ delayMs: 5, maxAttempts: 1 });
  const reconnectionPolicy = new ConstantReconnectionPolicy({ delayMs: 5 });
  const options = validateClusterOptions({
    requestTimeoutMs: 1000,
    executionProfiles: {
      slow: { requestTimeoutMs: 0, speculativeExecutionPolicy },
      default: { consistencyLevel: ConsistencyLevel.QUORUM, fetchSize: 10, reconnectionPolicy },
    },
  });
  const slow = profileNamed(options, 'slow');
  assert.equal(slow.name, 'slow');
  assert.equal(slow.consistencyLevel, ConsistencyLevel.QUORUM);
  assert.equal(slow.fetchSize, 10);
  assert.equal(slow.requestTimeoutMs, 0);
  assert.equal(slow.speculativeExecutionPolicy, speculativeExecutionPolicy);
  assert.equal(slow.loadBalancingPolicy, defaultProfile(options).loadBalancingPolicy, 'one policy, not a copy each');
  assert.equal(defaultProfile(options).requestTimeoutMs, 1000);
  assert.equal(options.reconnectionPolicy, reconnectionPolicy, 'the one of default holds');
  assert.ok(Object.isFrozen(slow));
});

test('streams have a fetch size of their own, unless a profile was given one', () => {
  const of = (executionProfiles: AsyncClusterOptions['executionProfiles'], name: string): number =>
    profileNamed(validateClusterOptions({ executionProfiles }), name).streamFetchSize;
  assert.equal(of({}, 'default'), 1000);
  assert.equal(of({ small: { fetchSize: 5 } }, 'default'), 1000);
  assert.equal(of({ small: { fetchSize: 5 } }, 'small'), 5);
  assert.equal(of({ default: { fetchSize: 5000 }, other: {} }, 'other'), 5000);
});

test('an unknown profile is an error that lists the known ones', () => {
  const options = validateClusterOptions({ executionProfiles: { olap: {}, oltp: {} } });
  assert.throws(
    () => profileNamed(options, 'OLAPP'),
    (error: unknown) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /'default', 'olap', 'oltp'; did you mean 'olap'\?/);
      return true;
    },
  );
  assert.throws(() => profileNamed(options, 'constructor'), ConfigurationError);
});

test('profiles that are no objects are refused', () => {
  for (const executionProfiles of ['x', [], { fast: 5 }, { fast: null }]) {
    assert.throws(
      () => validateClusterOptions({ executionProfiles } as never),
      /executionProfiles.* must be an object/,
    );
  }
});
