import {
  AuthenticationFailed,
  ConfigurationError,
  ConnectionError,
  InvalidParameter,
  InvalidRequest,
  IsBootstrapping,
  NoHostAvailable,
  OperationTimedOut,
  Overloaded,
  QueryError,
  ReadTimeout,
  SyntaxException,
  Unauthorized,
  Unavailable,
  WriteTimeout,
} from '../index.js';
import { messageOf } from '../util/thrown.js';
import { ExitCode } from './exit-codes.js';
import { syntaxPointer } from './syntax-pointer.js';
import { visibleLines } from './text/display-width.js';
import { NotFound, UsageError } from './usage-error.js';

/** A failure as the user is told of it. */
export interface Failure {
  readonly code: ExitCode;
  readonly message: string;
  /** What to do; null where the message says it. */
  readonly hint: string | null;
}

/** What was being done: hints depend on it. */
export interface FailureContext {
  readonly signal: AbortSignal;
  readonly isUserNamed: boolean;
  readonly isTls: boolean;
  /** The statement under way, if one is. */
  readonly statement: string | null;
}

const REPORT = 'Run it again with --debug and report what it prints.';

export function describeFailure(error: unknown, context: FailureContext): Failure {
  if (context.signal.aborted || isAbort(error)) return failure(ExitCode.INTERRUPTED, 'stopped', null);
  if (error instanceof UsageError) return failure(ExitCode.USAGE, error.message, error.hint);
  if (error instanceof NotFound) return failure(ExitCode.REFUSED, error.message, error.hint);
  if (error instanceof ConfigurationError) return configuration(error);
  if (error instanceof AuthenticationFailed) return authentication(error, context);
  if (error instanceof ConnectionError) return connection(error, context);
  if (error instanceof QueryError) return query(error, context);
  return failure(ExitCode.UNEXPECTED, messageOf(error), REPORT);
}

function failure(code: ExitCode, message: string, hint: string | null): Failure {
  return { code, message, hint };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** A datacenter can be known to be wrong only when the cluster has answered. */
function configuration({ message }: ConfigurationError): Failure {
  if (!/datacenter/i.test(message)) return failure(ExitCode.USAGE, message, null);
  return failure(
    ExitCode.CONNECTION,
    message.replace(/: set localDatacenter to one of them$/, ''),
    'Name one of these datacenters with --local-datacenter (or CASSANDRA_LOCAL_DC).',
  );
}

function authentication({ host, message }: AuthenticationFailed, { isUserNamed }: FailureContext): Failure {
  const where = host ?? 'The server';
  if (!isUserNamed) {
    return failure(
      ExitCode.ACCESS,
      `${where} asks for a user name and a password`,
      'Give --username (or CASSANDRA_USERNAME), and the password in CASSANDRA_PASSWORD or by --password-file.',
    );
  }
  return failure(
    ExitCode.ACCESS,
    message,
    'Check --username and the password: that of CASSANDRA_PASSWORD, or the first line of --password-file.',
  );
}

function connection(error: ConnectionError, context: FailureContext): Failure {
  if (error instanceof NoHostAvailable) {
    const [first] = error.errors.values();
    return failure(ExitCode.CONNECTION, error.message, connectionHint(first ?? error, context));
  }
  return failure(ExitCode.CONNECTION, error.message, connectionHint(error, context));
}

const PORT_HINT =
  'Name the right place with --contact-points host:port (or CASSANDRA_CONTACT_POINTS); the usual port is 9042.';

/** The driver's text says what may be wrong; this says which options make it right. */
function connectionHint({ message }: Error, { isTls }: FailureContext): string | null {
  if (/protocol v\d+ but v5/i.test(message)) return null;
  if (/\bTLS\b.*\bfailed\b/.test(message)) return 'See --tls, --ca, --cert, --key and --servername.';
  if (message.includes('does it want TLS')) return `${PORT_HINT} If the server wants TLS, add --tls and --ca.`;
  return isTls ? `${PORT_HINT} If no TLS is spoken there, leave the options of TLS out.` : PORT_HINT;
}

/** In a faulty statement nobody knows for sure where a password begins and ends; any of its words may be misspelt. */
const MAY_SET_PASSWORD = /pass?wo?r?d|\b(?:role|user)\b/i;

function query(error: QueryError, { statement }: FailureContext): Failure {
  if (error instanceof InvalidParameter) return failure(ExitCode.USAGE, error.message, null);
  if (error instanceof Unauthorized) {
    return failure(ExitCode.ACCESS, error.message, 'Log in as a role that may do this: see --username.');
  }
  if (error instanceof OperationTimedOut) {
    return failure(ExitCode.NOT_ANSWERED, error.message, 'Allow more time with --timeout <seconds>.');
  }
  if (error instanceof Unavailable || error instanceof ReadTimeout || error instanceof WriteTimeout) {
    const hint = 'Ask for fewer replicas with --consistency, or see with `async-cassandra ping` which nodes answer.';
    return failure(ExitCode.NOT_ANSWERED, error.message, hint);
  }
  if (error instanceof Overloaded || error instanceof IsBootstrapping) {
    return failure(ExitCode.NOT_ANSWERED, error.message, 'Try again later.');
  }
  if (error instanceof SyntaxException) {
    const mayBeShown = statement !== null && !MAY_SET_PASSWORD.test(statement);
    return failure(ExitCode.REFUSED, error.message, mayBeShown ? syntaxPointer(error.message, statement) : null);
  }
  return failure(ExitCode.REFUSED, error.message, error instanceof InvalidRequest ? requestHint(error.message) : null);
}

/** Hints hang on the server's words (Cassandra 4.0 to 5.0); other words have none. */
function requestHint(message: string): string | null {
  if (/no keyspace has been specified/i.test(message)) return 'Give --keyspace <name>, or write keyspace.table.';
  if (/(?:table|keyspace) \S+ does not exist|unconfigured table/i.test(message)) {
    return '`async-cassandra describe` shows all keyspaces and tables.';
  }
  if (/invalid amount of bind variables|bind variables?/i.test(message)) return 'Give a --param for each ? and :name.';
  if (/allow filtering/i.test(message))
    return 'Name the partition key in WHERE, or add ALLOW FILTERING knowing what it costs.';
  return null;
}

/** The failure as text for stderr. Server texts may hold anything: nothing of them reaches the terminal as a control. */
export function failureText({ message, hint }: Failure): string {
  const lines = [`error: ${message}`, ...(hint === null ? [] : hint.split('\n').map((line) => `  ${line}`))];
  return `${lines.map(visibleLines).join('\n')}\n`;
}
