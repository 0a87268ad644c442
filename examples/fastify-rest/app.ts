// The service itself: routes, and nothing of processes or environments. Tests can build it, too.
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import { AsyncCluster, MetricsMiddleware, type AsyncClusterOptions } from 'async-cassandra';
import cassandra from 'async-cassandra/fastify';
import { PrometheusMetricsCollector } from 'async-cassandra/metrics/prometheus';
import { LiveCollector, LiveFeed } from './live-numbers.js';
import { openApi } from './open-api.js';
import { readId, readPage, readUser } from './user-input.js';
import { createSchema, KEYSPACE, Users } from './users.js';

const HEALTH_TIMEOUT_MS = 1000;
const PAGES = new URL('pages/', import.meta.url);

export interface AppCounts {
  /** Requests that arrived, and those whose answer was sent whole. */
  received: number;
  answered: number;
}

export interface App {
  readonly app: FastifyInstance;
  readonly counts: AppCounts;
}

export async function buildApp(options: AsyncClusterOptions, { logger = false } = {}): Promise<App> {
  await prepareKeyspace(options);
  const registry = new Registry();
  const live = new LiveCollector();
  const metrics = new MetricsMiddleware([live, new PrometheusMetricsCollector({ registry })]);
  const app = Fastify({ logger });
  await app.register(cassandra, { ...options, keyspace: KEYSPACE, metrics });
  const users = await Users.open(app.cassandra);

  const counts = countRequests(app);
  letConnectionsGo(app);
  addUserRoutes(app, users);
  addHealth(app);
  app.get('/metrics', async (_request, reply) => {
    void reply.type(registry.contentType);
    return registry.metrics();
  });
  app.get('/openapi.json', () => openApi);
  await addPages(app);
  addLiveEvents(app, new LiveFeed(app.cassandra, live));
  return { app, counts };
}

/** The keyspace has to be there before a session can be in it. */
async function prepareKeyspace(options: AsyncClusterOptions): Promise<void> {
  await using cluster = new AsyncCluster(options);
  await createSchema(await cluster.connect());
}

function countRequests(app: FastifyInstance): AppCounts {
  const counts = { received: 0, answered: 0 };
  app.addHook('onRequest', async (_request, reply) => {
    counts.received++;
    reply.raw.once('finish', () => counts.answered++);
  });
  return counts;
}

/** Once the app closes, each answer tells its client not to use the connection again: closing waits for none then. */
function letConnectionsGo(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) void reply.header('connection', 'close');
  });
}

function addUserRoutes(app: FastifyInstance, users: Users): void {
  app.post('/users', async (request, reply) => {
    const user = await users.create(readUser(request.body));
    return reply.status(201).header('location', `/users/${user.id}`).send(user);
  });
  app.get('/users', (request) => users.list(readPage(request.query)));
  app.get<{ Params: { id: string } }>('/users/:id', (request) => users.get(readId(request.params.id)));
  app.put<{ Params: { id: string } }>('/users/:id', (request) =>
    users.replace(readId(request.params.id), readUser(request.body)),
  );
  app.delete<{ Params: { id: string } }>('/users/:id', async (request, reply) => {
    await users.remove(readId(request.params.id));
    return reply.status(204).send();
  });
  // Read as fast as the client takes it, and no further than it stays: leaving destroys the stream, which ends the paging.
  app.get('/users.ndjson', async (_request, reply) => {
    const lines = users.export();
    const first = await lines.next();
    return reply.type('application/x-ndjson').send(Readable.from(following(first, lines), { objectMode: false }));
  });
}

/** What goes wrong with the first page is an error with a status; later it can only cut the answer short. */
async function* following(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function addHealth(app: FastifyInstance): void {
  app.get('/health', async (request, reply) => {
    const { hosts } = app.cassandra.cluster.metadata;
    const up = hosts.filter(({ isUp }) => isUp).length;
    try {
      await app.cassandra.execute('SELECT release_version FROM system.local', undefined, {
        timeoutMs: HEALTH_TIMEOUT_MS,
      });
      return { status: 'up', hosts: { total: hosts.length, up } };
    } catch (error) {
      request.log.warn({ err: error }, 'Cassandra does not answer');
      return reply.status(503).send({ status: 'down', hosts: { total: hosts.length, up } });
    }
  });
}

async function addPages(app: FastifyInstance): Promise<void> {
  for (const [route, file] of [
    ['/', 'live.html'],
    ['/docs', 'docs.html'],
  ] as const) {
    const html = await readFile(new URL(file, PAGES), 'utf8');
    app.get(route, (_request, reply) => reply.type('text/html; charset=utf-8').send(html));
  }
}

/** Server-sent events: the browser connects again by itself. */
function addLiveEvents(app: FastifyInstance, feed: LiveFeed): void {
  const open = new Set<FastifyReply>();
  app.get('/live', (request, reply) => {
    reply.hijack();
    open.add(reply);
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const leave = feed.watch((numbers) => {
      reply.raw.write(`data: ${JSON.stringify(numbers)}\n\n`);
    });
    request.raw.on('close', () => {
      leave();
      open.delete(reply);
    });
  });
  app.addHook('preClose', async () => {
    for (const reply of open) reply.raw.end();
  });
}
