import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { errorAnswer, UNEXPECTED, type ErrorAnswer } from './error-answer.js';

const RETRY_AFTER_SECONDS = '1';

type Handler = (...given: Parameters<FastifyInstance['errorHandler']>) => unknown;

/** Answers Cassandra's errors without telling anything of their insides; the log has them whole. */
export function answerErrors(app: FastifyInstance): void {
  // Typed as void, but a handler may be async: what it returns is passed on.
  const former: Handler = app.errorHandler;
  const appHasHandler = isOfTheApp(former);
  app.setErrorHandler(function (error: FastifyError, request, reply) {
    const answer = errorAnswer(error) ?? (appHasHandler ? null : answerForUnknown(error, reply));
    if (answer === null) {
      // What is sent on goes to the handler below this one. Called, it would be asked again as soon as it sends it on.
      return isError(error) ? reply.send(error) : former.call(this, error, request, reply);
    }
    request.log.error({ err: error }, 'A request failed');
    if (answer.statusCode === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
    return reply.status(answer.statusCode).send(answer);
  });
}

/** Fastify binds each handler that is set to its app; its own, which nobody set, is as it was written. */
function isOfTheApp(handler: Handler): boolean {
  return handler.name.startsWith('bound ');
}

/** Fastify's own handler tells the text of any error: it gets those which somebody gave a status, and no others. */
function answerForUnknown(error: unknown, reply: FastifyReply): ErrorAnswer | null {
  const { statusCode, status } = (error ?? {}) as { readonly statusCode?: unknown; readonly status?: unknown };
  // Where requests are traced, Fastify itself sets 500 for errors without a status.
  const ofReply = reply.statusCode === UNEXPECTED.statusCode ? undefined : reply.statusCode;
  return [statusCode, status, ofReply].some(isErrorStatus) ? null : UNEXPECTED;
}

/** Also for a status that is written as a text: Fastify takes such a one as well. */
function isErrorStatus(value: unknown): boolean {
  const status = typeof value === 'string' ? Number(value) : value;
  return typeof status === 'number' && status >= 400 && status <= 599;
}

/** Anything can be thrown; Fastify sends on what is an Error. */
function isError(thrown: unknown): boolean {
  return thrown instanceof Error;
}
