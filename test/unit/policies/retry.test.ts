import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AlreadyExists,
  AuthenticationFailed,
  CasWriteUnknown,
  CdcWriteFailure,
  ConfigurationError,
  ConfigurationException,
  ConnectionClosed,
  FunctionFailure,
  InvalidParameter,
  InvalidRequest,
  IsBootstrapping,
  OperationTimedOut,
  Overloaded,
  ProtocolError,
  ReadFailure,
  ServerError,
  SyntaxException,
  TruncateError,
  Unauthorized,
  Unavailable,
  WriteFailure,
} from '../../../src/errors.js';
import {
  AsyncRetryPolicy,
  FallthroughRetryPolicy,
  RetryDecision,
  provesNotExecuted,
  type RetryContext,
  type RetryStatement,
} from '../../../src/policies/retry.js';
import { ConsistencyLevel } from '../../../src/protocol/constants.js';

const facts = { consistency: ConsistencyLevel.QUORUM, required: 2, received: 1 };

function statementThat(isIdempotent?: boolean): RetryStatement {
  return { isIdempotent, query: 'UPDATE t SET v = 1 WHERE k = 2', statements: null, keyspace: 'ks' };
}

function context(changes: Partial<RetryContext> = {}): RetryContext {
  return {
    consistency: ConsistencyLevel.QUORUM,
    error: new ServerError('broken'),
    required: 2,
    received: 1,
    alive: 1,
    dataRetrieved: false,
    writeType: 'SIMPLE',
    retryNumber: 0,
    statement: statementThat(),
    isSelect: false,
    wasNotExecuted: false,
    ...changes,
  };
}

const policy = new AsyncRetryPolicy();
const idempotence = [undefined, false, true] as const;
const booleans = [false, true] as const;

describe('AsyncRetryPolicy', () => {
  test('read timeout: enough answers or the data → same host; else rethrow', () => {
    for (const dataRetrieved of booleans) {
      for (const received of [0, 1, 2, 3]) {
        for (const isIdempotent of idempotence) {
          const decision = policy.onReadTimeout(
            context({ dataRetrieved, received, isSelect: true, statement: statementThat(isIdempotent) }),
          );
          const expected = dataRetrieved || received >= 2 ? 'RETRY_SAME_HOST' : 'RETHROW';
          assert.equal(decision.action, expected, `${String(dataRetrieved)} ${String(received)}`);
        }
      }
    }
  });

  test('write timeout: every write type with every mark', () => {
    const repeatable = ['SIMPLE', 'BATCH', 'UNLOGGED_BATCH', 'BATCH_LOG'];
    for (const writeType of [...repeatable, 'COUNTER', 'CAS', 'VIEW', 'CDC', 'SOMETHING_NEW', '']) {
      for (const isIdempotent of idempotence) {
        for (const wasNotExecuted of booleans) {
          const decision = policy.onWriteTimeout(
            context({ writeType, statement: statementThat(isIdempotent), wasNotExecuted }),
          );
          const expected = isIdempotent === true && repeatable.includes(writeType) ? 'RETRY_SAME_HOST' : 'RETHROW';
          assert.equal(decision.action, expected, `${writeType} ${String(isIdempotent)}`);
        }
      }
    }
  });

  test('unavailable: the next host first, then the same, whatever the statement', () => {
    for (const isIdempotent of idempotence) {
      const actions = [0, 1, 2, 3].map(
        (retryNumber) => policy.onUnavailable(context({ retryNumber, statement: statementThat(isIdempotent) })).action,
      );
      assert.deepEqual(actions, ['RETRY_NEXT_HOST', 'RETRY_SAME_HOST', 'RETRY_SAME_HOST', 'RETHROW']);
    }
  });

  const curable: readonly Error[] = [
    new ConnectionClosed('lost'),
    new Overloaded('busy'),
    new ServerError('broken'),
    new TruncateError('no'),
    new Error('of the operating system'),
  ];

  test('non-idempotent writes were resent to the next host: never without a mark or a proof', () => {
    for (const error of curable) {
      for (const isSelect of booleans) {
        for (const isIdempotent of idempotence) {
          for (const wasNotExecuted of booleans) {
            const decision = policy.onRequestError(
              context({ error, isSelect, statement: statementThat(isIdempotent), wasNotExecuted }),
            );
            const safe = wasNotExecuted || isIdempotent === true || (isSelect && isIdempotent === undefined);
            const about = `${error.name} select ${String(isSelect)} idempotent ${String(isIdempotent)}`;
            assert.equal(decision.action, safe ? 'RETRY_NEXT_HOST' : 'RETHROW', about);
          }
        }
      }
    }
  });

  test('an answer that proves that nothing was executed lets any statement go on', () => {
    for (const error of [new IsBootstrapping('joining'), new Overloaded('busy', { notExecuted: true })]) {
      for (const isIdempotent of idempotence) {
        const decision = policy.onRequestError(context({ error, statement: statementThat(isIdempotent) }));
        assert.equal(decision.action, 'RETRY_NEXT_HOST', error.name);
      }
    }
  });

  const final: readonly Error[] = [
    new CasWriteUnknown('unknown', facts),
    new ReadFailure('failed', { ...facts, dataRetrieved: false, failures: new Map() }),
    new WriteFailure('failed', { ...facts, writeType: 'SIMPLE', failures: new Map() }),
    new FunctionFailure('failed', { keyspace: 'k', functionName: 'f', argumentTypes: [] }),
    new CdcWriteFailure('failed'),
    new SyntaxException('what?'),
    new InvalidRequest('no such table'),
    new InvalidParameter('wrong'),
    new Unauthorized('no'),
    new AuthenticationFailed('no'),
    new AlreadyExists('there', { keyspace: 'k', table: 't' }),
    new ConfigurationException('no'),
    new ConfigurationError('no'),
    new ProtocolError('no'),
    new OperationTimedOut('too late', { timeoutMs: 1 }),
  ];

  test('CAS_WRITE_UNKNOWN was retried when marked idempotent: it and its like never are', () => {
    for (const error of final) {
      for (const isSelect of booleans) {
        for (const isIdempotent of idempotence) {
          const decision = policy.onRequestError(
            context({ error, isSelect, statement: statementThat(isIdempotent), wasNotExecuted: true }),
          );
          assert.equal(decision.action, 'RETHROW', error.name);
        }
      }
    }
  });

  test('after maxRetries everything is rethrown', () => {
    for (const maxRetries of [0, 1, 5]) {
      const limited = new AsyncRetryPolicy({ maxRetries });
      for (let retryNumber = 0; retryNumber < 7; retryNumber++) {
        const each = context({ retryNumber, dataRetrieved: true, statement: statementThat(true) });
        const rethrown = [
          limited.onReadTimeout(each),
          limited.onWriteTimeout(each),
          limited.onUnavailable(each),
          limited.onRequestError(each),
        ].map(({ action }) => action === 'RETHROW');
        assert.deepEqual(rethrown, Array(4).fill(retryNumber >= maxRetries), String(retryNumber));
      }
    }
  });

  test('maxRetries is 3 unless told otherwise, and must be a number of retries', () => {
    assert.equal(new AsyncRetryPolicy().maxRetries, 3);
    for (const maxRetries of [-1, 1.5, NaN, Infinity]) {
      assert.throws(() => new AsyncRetryPolicy({ maxRetries }), ConfigurationError);
    }
  });
});

test('FallthroughRetryPolicy never retries', () => {
  const none = new FallthroughRetryPolicy();
  const decisions = [none.onReadTimeout(), none.onWriteTimeout(), none.onUnavailable(), none.onRequestError()];
  for (const decision of decisions) assert.equal(decision, RetryDecision.RETHROW);
});

test('a decision can change the consistency level', () => {
  assert.deepEqual(RetryDecision.retryNextHost(ConsistencyLevel.ONE), { action: 'RETRY_NEXT_HOST', consistency: 1 });
  assert.deepEqual(RetryDecision.retrySameHost(ConsistencyLevel.TWO), { action: 'RETRY_SAME_HOST', consistency: 2 });
  assert.deepEqual(RetryDecision.IGNORE, { action: 'IGNORE' });
});

test('which errors prove that nothing was executed', () => {
  const unavailable = new Unavailable('few', { consistency: 1, requiredReplicas: 1, aliveReplicas: 0 });
  assert.equal(provesNotExecuted(unavailable), true);
  assert.equal(provesNotExecuted(new IsBootstrapping('x')), true);
  assert.equal(provesNotExecuted(new Overloaded('x', { notExecuted: true })), true);
  assert.equal(provesNotExecuted(new Overloaded('x')), false);
  assert.equal(provesNotExecuted(new ServerError('x')), false);
  assert.equal(provesNotExecuted(undefined), false);
});
