// npm run example:express — the service of examples/fastify-rest with Express: no plugin is needed.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type NextFunction, type Request, type Response } from 'express';
import { Registry } from 'prom-client';
import { AsyncCluster, createMetricsSystem } from 'async-cassandra';
import { errorAnswer } from 'async-cassandra/fastify';
import { PrometheusMetricsCollector } from 'async-cassandra/metrics/prometheus';
import { openApi } from '../fastify-rest/open-api.js';
import { openDatabase } from '../fastify-rest/settings.js';
import { BadInput, readId, readPage, readUser } from '../fastify-rest/user-input.js';
import { createSchema, Users } from '../fastify-rest/users.js';

const { PORT = '3000', HOST = '127.0.0.1' } = process.env;
const registry = new Registry();
const metrics = createMetricsSystem({ backend: 'none', prometheus: new PrometheusMetricsCollector({ registry }) });
const database = await openDatabase();
const cluster = new AsyncCluster({ ...database.options, metrics });
const session = await cluster.connect();
await createSchema(session);
const users = await Users.open(session);

const app = express();
let isClosing = false;
app.use(express.json());
app.use((_request, response, next) => {
  // Once the service closes, its clients are told not to use their connections again.
  if (isClosing) response.set('connection', 'close');
  next();
});

app.post('/users', async (request, response) => {
  const user = await users.create(readUser(request.body));
  response.status(201).location(`/users/${user.id}`).json(user);
});
app.get('/users', async (request, response) => {
  response.json(await users.list(readPage(request.query)));
});
app.get('/users/:id', async (request, response) => {
  response.json(await users.get(readId(request.params.id)));
});
app.put('/users/:id', async (request, response) => {
  response.json(await users.replace(readId(request.params.id), readUser(request.body)));
});
app.delete('/users/:id', async (request, response) => {
  await users.remove(readId(request.params.id));
  response.status(204).end();
});
// The pipeline ends the paging when the client leaves.
app.get('/users.ndjson', async (_request, response) => {
  response.type('application/x-ndjson');
  await pipeline(Readable.from(users.export(), { objectMode: false }), response);
});
app.get('/health', async (_request, response) => {
  const alive = session.execute('SELECT release_version FROM system.local', undefined, { timeoutMs: 1000 });
  const isUp = await alive.then(
    () => true,
    () => false,
  );
  response.status(isUp ? 200 : 503).json({ status: isUp ? 'up' : 'down' });
});
app.get('/metrics', async (_request, response) => {
  response.type(registry.contentType).send(await registry.metrics());
});
app.get('/openapi.json', (_request, response) => {
  response.json(openApi);
});

/** Four arguments make it Express's error handler. */
app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof BadInput || (error instanceof SyntaxError && 'body' in error)) {
    const statusCode = error instanceof BadInput ? error.statusCode : 400;
    response
      .status(statusCode)
      .json({ statusCode, message: error instanceof BadInput ? error.message : 'Send valid JSON.' });
    return;
  }
  const answer = errorAnswer(error) ?? { statusCode: 500, message: 'Something went wrong on our side.' };
  console.error(error);
  response.status(answer.statusCode).json(answer);
});

const server = app.listen(Number(PORT), HOST, () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : PORT;
  console.log(`http://${HOST}:${String(port)}/users   http://${HOST}:${String(port)}/metrics`);
  process.send?.({ address: `http://${HOST}:${String(port)}` });
});

function stop(): void {
  if (isClosing) return;
  isClosing = true;
  // Requests under way are answered before the cluster is closed.
  server.close(() => {
    void cluster
      .shutdown()
      .then(() => database[Symbol.asyncDispose]())
      .then(() => {
        if (process.connected) process.disconnect();
      });
  });
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
