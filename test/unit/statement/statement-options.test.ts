import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { AsyncRetryPolicy } from '../../../src/policies/retry.js';
import { ConsistencyLevel } from '../../../src/protocol/constants.js';
import { BatchStatement } from '../../../src/statement/batch-statement.js';
import { SimpleStatement } from '../../../src/statement/simple-statement.js';
import { checkStatementSettings } from '../../../src/statement/statement-base.js';
import type { StatementOptions } from '../../../src/statement/statement-options.js';

function message(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.message;
  }
  return assert.fail('nothing was thrown');
}

const ALL: Required<StatementOptions> = {
  consistencyLevel: ConsistencyLevel.ANY,
  serialConsistencyLevel: ConsistencyLevel.LOCAL_SERIAL,
  isIdempotent: false,
  fetchSize: 1,
  retryPolicy: new AsyncRetryPolicy(),
  keyspace: 'ks',
  timestamp: -5n,
  customPayload: { a: Buffer.of(1) },
  routingKey: Buffer.of(1),
};

test('a statement takes every option and keeps it as a property', () => {
  const statement = new SimpleStatement('SELECT 1', { ...ALL, parameters: [1] });
  assert.deepEqual(Object.fromEntries(Object.entries(statement)), { ...ALL, query: 'SELECT 1', parameters: [1] });
  statement.fetchSize = 7;
  statement.isIdempotent = undefined;
  assert.equal(statement.fetchSize, 7);
  assert.doesNotThrow(() => {
    checkStatementSettings(statement, 'statement');
  });
});

test('all that is wrong is said at once', () => {
  const text = message(
    () => new SimpleStatement('SELECT 1', { fetchSize: 0, isIdempotent: 'yes', consistency: 1 } as never),
  );
  assert.match(text, /fetchSize must be a whole number from 1/);
  assert.match(text, /isIdempotent must be true or false; got 'yes'/);
  assert.match(text, /unknown option consistency: it is called consistencyLevel here/);
});

test('a wrong name is answered with the right one', () => {
  const text = (options: object): string => message(() => new SimpleStatement('SELECT 1', options));
  assert.match(text({ fetch_size: 1 }), /^SimpleStatement: unknown option fetch_size: did you mean fetchSize\?$/);
  assert.match(text({ consistencyLvel: 1 }), /did you mean consistencyLevel/);
  assert.match(text({ constructor: 1 }), /unknown option constructor/);
  assert.match(text({ zzz: 1 }), /known are consistencyLevel, /);
});

test('each option refuses what it is not', () => {
  const wrong: Record<string, unknown[]> = {
    consistencyLevel: [11, -1, 'ONE', null],
    serialConsistencyLevel: [ConsistencyLevel.QUORUM],
    fetchSize: [0, -1, 1.5, 2 ** 31, '5'],
    keyspace: ['', 1],
    timestamp: [1, 2n ** 63n, -(2n ** 63n)],
    customPayload: [{ a: 'text' }, [], 'x'],
    retryPolicy: [{}, AsyncRetryPolicy],
    routingKey: ['key'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const text = message(() => {
        checkStatementSettings({ [name]: value }, 'where');
      });
      assert.ok(text.startsWith(`where: ${name} must be `), text);
    }
  }
});

test('a property that was set to nonsense is found when the statement is used', () => {
  const statement = new SimpleStatement('SELECT 1');
  statement.fetchSize = '10' as unknown as number;
  assert.match(
    message(() => {
      checkStatementSettings(statement, 'statement');
    }),
    /fetchSize/,
  );
  const other = new SimpleStatement('SELECT 1');
  other.isIdempotent = 1 as unknown as boolean;
  assert.match(
    message(() => {
      checkStatementSettings(other, 'statement');
    }),
    /isIdempotent/,
  );
});

test('a refused parameter is not shown', () => {
  const text = message(() => new SimpleStatement('SELECT ?', { parameters: 'secret' } as never));
  assert.match(text, /parameters must be an array by position or an object by name; got a string/);
  assert.doesNotMatch(text, /secret/);
});

test('a refused routing key was shown: it is made of bound values, and a payload may hold anything', () => {
  const routed = new SimpleStatement('SELECT 1');
  routed.routingKey = 'secret' as never;
  const texts = [
    message(() => new SimpleStatement('SELECT 1', { routingKey: 'secret' as never })),
    message(() => new BatchStatement({ routingKey: 'secret' as never })),
    message(() => {
      checkStatementSettings(routed, 'statement');
    }),
  ];
  for (const text of texts) assert.match(text, /: routingKey must be a Buffer; got a string$/);
  const others = [['secret'], { secret: 'secret' }, 424_242, 424_242n];
  for (const name of ['routingKey', 'customPayload']) {
    for (const value of [...others, 'secret']) {
      const text = message(() => {
        checkStatementSettings({ [name]: value }, 'where');
      });
      assert.match(text, /; got an? (string|array|object|number|bigint)$/);
      assert.doesNotMatch(text, /secret|424/);
    }
  }
});

test('a query must have a text', () => {
  for (const query of ['', '  ', null, 5])
    assert.match(
      message(() => new SimpleStatement(query as string)),
      /a query/,
    );
  assert.match(
    message(() => new SimpleStatement('SELECT 1', 'x' as never)),
    /must be an object/,
  );
});
