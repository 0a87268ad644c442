import {
  AsyncCassandraError,
  ConnectionError,
  IsBootstrapping,
  OperationTimedOut,
  Overloaded,
  ReadTimeout,
  Unavailable,
  WriteTimeout,
} from '../index.js';

/** What a client of the application is told. Nothing in it comes from the error's text. */
export interface ErrorAnswer {
  /** The HTTP status. */
  readonly statusCode: 500 | 503 | 504;
  /** The status in words, such as 'Gateway Timeout'. */
  readonly error: string;
  /** What went wrong, for the client of the service: no host, no statement, no value. */
  readonly message: string;
}

const LATE: ErrorAnswer = {
  statusCode: 504,
  error: 'Gateway Timeout',
  message: 'The database did not answer in time. Please try again.',
};
const AWAY: ErrorAnswer = {
  statusCode: 503,
  error: 'Service Unavailable',
  message: 'The database cannot be reached at the moment. Please try again shortly.',
};
const BUSY: ErrorAnswer = {
  statusCode: 503,
  error: 'Service Unavailable',
  message: 'The service is busy at the moment. Please try again shortly.',
};
const BROKEN: ErrorAnswer = {
  statusCode: 500,
  error: 'Internal Server Error',
  message: 'Something went wrong on our side.',
};

/**
 * The answer for an error of this package; null for any other error. For an error handler of your own (with Fastify:
 * `errorHandler: false`), and for other frameworks, too.
 */
export function errorAnswer(error: unknown): ErrorAnswer | null {
  if (!(error instanceof AsyncCassandraError)) return null;
  if (error instanceof OperationTimedOut || error instanceof ReadTimeout || error instanceof WriteTimeout) return LATE;
  if (error instanceof Overloaded) return BUSY;
  if (error instanceof ConnectionError || error instanceof Unavailable || error instanceof IsBootstrapping) return AWAY;
  return BROKEN;
}

/** For what is nobody's error in particular. */
export const UNEXPECTED: ErrorAnswer = BROKEN;
