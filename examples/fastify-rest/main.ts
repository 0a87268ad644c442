// npm run example:fastify — a web service for users, with a live page of what the client does: http://127.0.0.1:3000
import { buildApp } from './app.js';
import { openDatabase } from './settings.js';

const { PORT = '3000', HOST = '127.0.0.1', LOG = '' } = process.env;

const database = await openDatabase();
const { app, counts } = await buildApp(database.options, { logger: LOG !== '' });
const address = await app.listen({ port: Number(PORT), host: HOST });
console.log(`Live page: ${address}/   API: ${address}/docs   Metrics: ${address}/metrics`);
process.send?.({ address });

/** No new connections; requests under way are answered; then the cluster is closed, and the process ends by itself. */
async function stop(): Promise<void> {
  await app.close();
  await database[Symbol.asyncDispose]();
  console.log(`Closed: ${String(counts.received)} requests received, ${String(counts.answered)} answered`);
  process.send?.(counts);
  if (process.connected) process.disconnect();
}

let stopping: Promise<void> | null = null;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stopping ??= stop().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  });
}
