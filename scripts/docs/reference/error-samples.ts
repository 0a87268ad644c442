import * as errors from '../../../src/errors.js';

/** An error as it might come, to be shown and to be put to the retry policy. */
export interface ErrorSample {
  readonly label: string;
  readonly error: errors.AsyncCassandraError;
  /** It is what a call ends with, not what one attempt of it fails with: nobody is asked about it. */
  readonly isOutcome: boolean;
}

function attempt(error: errors.AsyncCassandraError, detail = ''): ErrorSample {
  return { label: `\`${error.name}\`${detail === '' ? '' : `, ${detail}`}`, error, isOutcome: false };
}

function outcome(error: errors.AsyncCassandraError): ErrorSample {
  return { ...attempt(error), isOutcome: true };
}

const WRITE_TYPES = ['SIMPLE', 'BATCH', 'UNLOGGED_BATCH', 'BATCH_LOG', 'COUNTER', 'CAS', 'VIEW', 'CDC'];
const replicas = { consistency: 6, required: 2, received: 1 };
const failures = new Map<string, number>();
const text = '';

/** At least one of each class. */
export function errorSamples(): ErrorSample[] {
  return [
    outcome(new errors.AsyncCassandraError(text, 'ERR_…')),
    outcome(new errors.ConfigurationError(text)),
    outcome(new errors.ConnectionError(text)),
    outcome(new errors.NoHostAvailable(new Map())),
    outcome(new errors.AuthenticationFailed(text)),
    outcome(new errors.QueryError(text)),
    outcome(new errors.InvalidParameter(text)),
    outcome(new errors.OperationTimedOut(text, { timeoutMs: 0 })),
    attempt(new errors.ReadTimeout(text, { ...replicas, dataRetrieved: true }), 'the data came'),
    attempt(
      new errors.ReadTimeout(text, { ...replicas, received: 2, dataRetrieved: false }),
      'enough replicas answered',
    ),
    attempt(new errors.ReadTimeout(text, { ...replicas, dataRetrieved: false }), 'too few replicas answered'),
    ...WRITE_TYPES.map((writeType) =>
      attempt(new errors.WriteTimeout(text, { ...replicas, writeType }), `write type ${writeType}`),
    ),
    attempt(
      new errors.Unavailable(text, { consistency: 6, requiredReplicas: 2, aliveReplicas: 1 }),
      'the first time (afterwards: same host)',
    ),
    attempt(new errors.ConnectionClosed(text), 'after the request was sent'),
    attempt(new errors.Overloaded(text, { notExecuted: true }), 'certainly not executed'),
    attempt(new errors.Overloaded(text), 'else'),
    attempt(new errors.IsBootstrapping(text)),
    attempt(new errors.ServerError(text)),
    attempt(new errors.TruncateError(text)),
    attempt(new errors.CasWriteUnknown(text, replicas)),
    attempt(new errors.ReadFailure(text, { ...replicas, dataRetrieved: false, failures })),
    attempt(new errors.WriteFailure(text, { ...replicas, writeType: 'SIMPLE', failures })),
    attempt(new errors.CdcWriteFailure(text)),
    attempt(new errors.FunctionFailure(text, { keyspace: '', functionName: '', argumentTypes: [] })),
    attempt(new errors.SyntaxException(text)),
    attempt(new errors.InvalidRequest(text)),
    attempt(new errors.Unauthorized(text)),
    attempt(new errors.AlreadyExists(text, { keyspace: '', table: '' })),
    attempt(new errors.ConfigurationException(text)),
    attempt(new errors.ProtocolError(text)),
  ];
}
