/**
 * async-cassandra/fastify: a Fastify plugin. `await app.register(cassandra, { contactPoints, keyspace })` connects,
 * decorates the app with the session as `app.cassandra`, answers Cassandra's errors with fitting status codes, and
 * closes the cluster when the app closes.
 */
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { AsyncCluster, ConfigurationError, type AsyncCassandraSession, type AsyncClusterOptions } from '../index.js';
import { milliseconds, orInfinity } from '../util/option-checks.js';
import { answerErrors } from './error-handler.js';

export { errorAnswer, type ErrorAnswer } from './error-answer.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The session; its cluster is `app.cassandra.cluster`. */
    cassandra: AsyncCassandraSession;
  }
}

/** The options of the cluster, and two of the plugin's own. */
export interface CassandraPluginOptions extends AsyncClusterOptions {
  /**
   * Whether the plugin sets an error handler, which answers Cassandra's errors as `errorAnswer` says. All others go to
   * the handler that the app had before. If that is Fastify's own, an error that nobody gave a status (`statusCode` or
   * `status` of the error, or `reply.code()`) is answered with 500 and without its text. Default true.
   *
   * False: for an app with a handler of its own, which then asks `errorAnswer` itself. Fastify warns (FSTWRN004) when
   * two handlers are set on one app; with its option `allowErrorHandlerOverride: false`, registering fails.
   */
  readonly errorHandler?: boolean | undefined;
  /** How long requests under way may take to finish when the app closes, in milliseconds. Default 5000. */
  readonly drainTimeoutMs?: number | undefined;
}

/** Connecting has to end before Fastify gives the plugin up: its word for that would hide the true cause. */
const SHARE_OF_PLUGIN_TIMEOUT = 0.9;

const aDrainTimeout = orInfinity(milliseconds(0, 'close at once'));

const plugin: FastifyPluginAsync<CassandraPluginOptions> = async (app, options) => {
  if (app.hasDecorator('cassandra')) {
    throw new ConfigurationError(
      'async-cassandra/fastify is registered already: one app has one session. Make others with app.cassandra.cluster',
    );
  }
  const { errorHandler = true, drainTimeoutMs, ...clusterOptions } = withoutFastifyOptions(options);
  const problem = drainTimeoutMs === undefined ? null : aDrainTimeout(drainTimeoutMs);
  if (problem !== null) throw new ConfigurationError(`drainTimeoutMs ${problem}`);
  const cluster = new AsyncCluster(clusterOptions);
  // First what may fail: an app can refuse a second error handler.
  if (errorHandler) answerErrors(app);
  app.addHook('onClose', () => cluster.shutdown(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }));
  try {
    app.decorate('cassandra', await connect(app, cluster));
  } catch (error) {
    // A failed start leaves nothing behind. Closing is not waited for: meanwhile Fastify might give the plugin up.
    cluster.shutdown({ drainTimeoutMs: 0 }).catch(() => undefined);
    throw error;
  }
};

function connect(app: FastifyInstance, cluster: AsyncCluster): Promise<AsyncCassandraSession> {
  const { pluginTimeout = 0 } = app.initialConfig;
  return cluster.connect(undefined, { timeoutMs: Math.ceil(pluginTimeout * SHARE_OF_PLUGIN_TIMEOUT) });
}

/** Options of `register` that are Fastify's own come along. */
function withoutFastifyOptions(options: CassandraPluginOptions): CassandraPluginOptions {
  const {
    prefix: _prefix,
    logLevel: _logLevel,
    logSerializers: _logSerializers,
    ...own
  } = options as CassandraPluginOptions & {
    readonly prefix?: unknown;
    readonly logLevel?: unknown;
    readonly logSerializers?: unknown;
  };
  return own;
}

/** What the package fastify-plugin does: the decorator is for the app that registers, not for a scope of our own. */
export default Object.assign(plugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'async-cassandra',
  [Symbol.for('plugin-meta')]: { name: 'async-cassandra', fastify: '5.x' },
});
