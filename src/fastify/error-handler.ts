import type { FastifyError, FastifyInstance } from 'fastify';
import { errorAnswer, UNEXPECTED, type ErrorAnswer } from './error-answer.js';

const RETRY_AFTER_SECONDS = '1';

/** Errors that say themselves how they are to be answered, such as those of validation, are not ours. */
function answerFor(error: unknown): ErrorAnswer | null {
  const ours = errorAnswer(error);
  if (ours !== null) return ours;
  return typeof (error as Partial<FastifyError> | null)?.statusCode === 'number' ? null : UNEXPECTED;
}

/** Answers what goes wrong in routes without telling anything of its insides; the log has it whole. */
export function answerErrors(app: FastifyInstance): void {
  // Typed as void, but a handler may be async: what it returns is passed on.
  const former: (...given: Parameters<FastifyInstance['errorHandler']>) => unknown = app.errorHandler;
  app.setErrorHandler(function (error: FastifyError, request, reply) {
    const answer = answerFor(error);
    if (answer === null) return former.call(this, error, request, reply);
    request.log.error({ err: error }, 'A request failed');
    if (answer.statusCode === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
    return reply.status(answer.statusCode).send(answer);
  });
}
