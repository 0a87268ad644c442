import * as errors from '../../../src/errors.js';
import { adviseRetry } from '../../../src/execution/retry-advice.js';
import { AsyncRetryPolicy } from '../../../src/policies/retry.js';
import { ConsistencyLevel } from '../../../src/protocol/constants.js';
import { docstring, ownFields, parentOf, type Member } from './declarations.js';
import { code, GENERATED, page, prose, table } from './markdown.js';
import { errorSamples, type ErrorSample } from './error-samples.js';

const MODULE = 'errors';

/** Every class of errors, by name. */
const CLASSES = Object.entries(errors).map(([name]) => name);

const WORDS = {
  RETRY_SAME_HOST: 'same host',
  RETRY_NEXT_HOST: 'next host',
  RETHROW: 'no',
  IGNORE: 'ignored',
} as const;

/** What the default policy really answers at the first failure. */
function decision(error: Error, isSelect: boolean, isIdempotent: boolean | undefined): string {
  const request = {
    consistency: ConsistencyLevel.LOCAL_ONE,
    statement: { isIdempotent, query: '', statements: null, keyspace: null },
    isSelect,
    retryNumber: 0,
  };
  return WORDS[adviseRetry(new AsyncRetryPolicy(), error, request).action];
}

function retryTable(samples: readonly ErrorSample[]): string {
  return table(
    ['the attempt failed with', 'SELECT', 'write, idempotent', 'write, else'],
    samples
      .filter(({ isOutcome }) => !isOutcome)
      .map(({ label, error }) => [
        label,
        decision(error, true, undefined),
        decision(error, false, true),
        decision(error, false, undefined),
      ]),
  );
}

function fieldsTable(fields: readonly Member[]): string {
  if (fields.length === 0) return '';
  return table(
    ['field', 'type', 'meaning'],
    fields.map(({ name, type, doc }) => [code(name), code(type), prose(doc)]),
  );
}

function section(name: string, samples: readonly ErrorSample[]): string[] {
  const own = samples.find(({ error }) => error.name === name);
  if (own === undefined) throw new Error(`error-samples.ts has no ${name}`);
  const parent = parentOf(MODULE, name);
  return [
    `## ${name}`,
    prose(docstring(MODULE, name)).replace('What to do:', '**What to do:**'),
    `\`code\`: \`${own.error.code}\`${parent === undefined || parent === 'Error' ? '' : ` · extends ${code(parent)}`}`,
    fieldsTable(ownFields(MODULE, name)),
  ];
}

export function errorsPage(): string {
  const samples = errorSamples();
  return page(
    '# Errors',
    GENERATED,
    'Every error is an `AsyncCassandraError` with a stable `code`. `instanceof` also holds across two copies of the ' +
      'package. Texts may change between versions; no text holds a password or a bound value. An aborted call rejects ' +
      "with its signal's own reason, whatever that is.",
    table(
      ['class', 'code'],
      CLASSES.map((name) => {
        const own = samples.find(({ error }) => error.name === name);
        return [`[${name}](#${name.toLowerCase()})`, code(own?.error.code ?? '')];
      }),
    ),
    ...CLASSES.flatMap((name) => section(name, samples)),
    '## What is retried',
    'What the default `AsyncRetryPolicy` answers at the first failure of an attempt; after `maxRetries` (3) retries it ' +
      'answers no. "Idempotent" is `isIdempotent: true`; a SELECT counts as idempotent unless it is marked `false`, and is ' +
      'then treated like a write that is not. A request that was never written to a socket goes on to the next host ' +
      'without being counted. Why: [retries and idempotency](../retries-and-idempotency.md).',
    retryTable(samples),
  );
}
