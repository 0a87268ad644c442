import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import cassandra, { errorAnswer } from '../../../src/fastify/index.js';
import { ConstantReconnectionPolicy, FallthroughRetryPolicy, type AsyncClusterOptions } from '../../../src/index.js';
import { FakeNode, hold, reactions, rows, type ErrorName } from '../../../src/testing/index.js';

const READ = 'SELECT v FROM t';

function optionsFor(node: FakeNode): AsyncClusterOptions {
  return {
    contactPoints: [node.contactPoint],
    retryPolicy: new FallthroughRetryPolicy(),
    reconnectionPolicy: new ConstantReconnectionPolicy(20),
    requestTimeoutMs: 300,
  };
}

interface Bench extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly node: FakeNode;
}

async function bench(): Promise<Bench> {
  const node = await FakeNode.start();
  const app = Fastify();
  await app.register(cassandra, optionsFor(node));
  app.get('/read', async () => (await app.cassandra.execute(READ)).rows);
  app.get('/bug', () => Promise.reject(new Error('password=hunter2')));
  app.get('/teapot', () => Promise.reject(Object.assign(new Error('a teapot'), { statusCode: 418 })));
  return {
    app,
    node,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await node.close();
    },
  };
}

interface Answer {
  readonly statusCode: number;
  readonly body: { readonly statusCode: number; readonly error: string; readonly message: string };
  readonly text: string;
}

async function get(app: FastifyInstance, url: string): Promise<Answer> {
  const { statusCode, body } = await app.inject({ url });
  return { statusCode, body: JSON.parse(body) as Answer['body'], text: body };
}

test('the session is on the app that registers the plugin, and in its scopes', async () => {
  await using one = await bench();
  one.node.on(READ, rows([{ v: 1 }]));
  one.app.register(async (scope) => {
    scope.get('/inner', async () => (await scope.cassandra.execute(READ)).rows);
  });
  const { statusCode, body } = await one.app.inject({ url: '/inner' });
  assert.equal(statusCode, 200);
  assert.deepEqual(JSON.parse(body), [{ v: 1 }]);
  assert.equal(one.app.hasDecorator('cassandra'), true);
});

const SERVER_ERRORS: readonly (readonly [ErrorName, number])[] = [
  ['READ_TIMEOUT', 504],
  ['WRITE_TIMEOUT', 504],
  ['UNAVAILABLE', 503],
  ['OVERLOADED', 503],
  ['IS_BOOTSTRAPPING', 503],
  ['SERVER_ERROR', 500],
  ['INVALID', 500],
  ['SYNTAX_ERROR', 500],
];

test('errors are answered with the status that fits, and with nothing of their insides', async () => {
  await using one = await bench();
  for (const [name, statusCode] of SERVER_ERRORS) {
    one.node.on(READ, reactions.error(name, { message: 'table secret_table at 10.1.2.3' }));
    const answer = await get(one.app, '/read');
    assert.equal(answer.statusCode, statusCode, name);
    assert.equal(answer.body.statusCode, statusCode);
    assert.doesNotMatch(answer.text, /secret|10\.1|127\.0|stack|ERR_/);
    assert.match(answer.body.message, /^[A-Z].*\.$/, 'a sentence for people');
  }
  one.node.on(READ, hold());
  const late = await get(one.app, '/read');
  assert.equal(late.statusCode, 504);
  assert.doesNotMatch(late.text, /300|127\.0/);
});

test('without any host: 503, and well again by itself', async () => {
  await using one = await bench();
  one.node.on(READ, rows([{ v: 1 }]));
  assert.equal((await one.app.inject({ url: '/read' })).statusCode, 200);
  const { port } = one.node;
  await one.node.close();
  const away = await one.app.inject({ url: '/read' });
  assert.equal(away.statusCode, 503);
  assert.equal(away.headers['retry-after'], '1');
  assert.doesNotMatch(away.body, /127\.0|ECONN/);
  const again = await FakeNode.start({ port });
  try {
    again.on(READ, rows([{ v: 2 }]));
    const giveUpAt = performance.now() + 5000;
    while ((await one.app.inject({ url: '/read' })).statusCode !== 200) {
      assert.ok(performance.now() < giveUpAt, 'still away');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await again.close();
  }
});

test('other errors: a bug tells nothing, errors with a status of their own are answered as before', async () => {
  await using one = await bench();
  const bug = await get(one.app, '/bug');
  assert.equal(bug.statusCode, 500);
  assert.doesNotMatch(bug.text, /hunter2/);
  const teapot = await get(one.app, '/teapot');
  assert.equal(teapot.statusCode, 418);
  assert.equal(teapot.body.message, 'a teapot');
  assert.equal((await get(one.app, '/nowhere')).statusCode, 404);
});

/** Routes that fail with what is none of Cassandra's errors, by their paths. */
function addFailures(app: FastifyInstance): readonly string[] {
  app.get('/status', () => Promise.reject(Object.assign(new Error('a status'), { status: 418 })));
  app.get('/status-text', () => Promise.reject(Object.assign(new Error('a status'), { status: '418' })));
  app.get('/code', (_request, reply) => {
    reply.code(409);
    return Promise.reject(new Error('a conflict'));
  });
  app.get('/sent', async (_request, reply) => reply.code(422).send(new Error('cannot be')));
  app.get('/hook', { preHandler: () => Promise.reject(Object.assign(new Error('no'), { statusCode: 401 })) }, () => 1);
  app.get('/input', { schema: { querystring: { type: 'object', required: ['q'] } } }, () => 1);
  return ['/status', '/status-text', '/code', '/sent', '/hook', '/input', '/nowhere'];
}

/** Routes that fail with what nobody gave a status, by their paths. */
function addBugs(app: FastifyInstance): readonly string[] {
  app.get('/bug', () => Promise.reject(new Error('hunter2')));
  app.get('/bug-500', (_request, reply) => {
    reply.code(500);
    return Promise.reject(new Error('hunter2'));
  });
  app.get('/bug-200', () => Promise.reject(Object.assign(new Error('hunter2'), { statusCode: 200 })));
  for (const [path, thrown] of [
    ['/text', 'hunter2'],
    ['/object', { hunter2: 1 }],
    ['/null', null],
  ] as const) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- What is tested: anything can be thrown.
    app.get(path, () => Promise.reject(thrown));
  }
  return ['/bug', '/bug-500', '/bug-200', '/text', '/object', '/null'];
}

async function answers(app: FastifyInstance, paths: readonly string[]): Promise<unknown[]> {
  const got: unknown[] = [];
  for (const url of paths) {
    const { statusCode, body } = await app.inject({ url });
    got.push([url, statusCode, body]);
  }
  return got;
}

test("with Fastify's own handler: whatever has a status is answered as without the plugin, the rest tells nothing", async () => {
  await using node = await FakeNode.start();
  await using plain = Fastify();
  await using app = Fastify();
  await app.register(cassandra, optionsFor(node));
  addFailures(plain);
  const paths = addFailures(app);
  const bugs = addBugs(app);
  assert.deepEqual(await answers(app, paths), await answers(plain, paths));
  for (const url of bugs) {
    const answer = await get(app, url);
    assert.equal(answer.statusCode, 500, url);
    assert.equal(answer.body.statusCode, 500, url);
    assert.doesNotMatch(answer.text, /hunter2/, url);
  }
});

class NotFound extends Error {}

for (const sendsOn of [false, true]) {
  test(`an app's own handler that ${sendsOn ? 'sends errors on' : 'answers'} gets what is not Cassandra's, once`, async () => {
    await using node = await FakeNode.start();
    node.on(READ, reactions.error('INVALID', { message: 'hunter2' }));
    const heard: unknown[] = [];
    const own = async (error: unknown, _request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      heard.push(error);
      if (sendsOn) return reply.send(error);
      return reply.status(error instanceof NotFound ? 404 : 500).send({ mine: String(error) });
    };
    const build = (): FastifyInstance => {
      const app = Fastify();
      app.setErrorHandler(own);
      return app;
    };
    const addRoutes = (app: FastifyInstance): readonly string[] => {
      app.get('/missing', () => Promise.reject(new NotFound('no such user')));
      return ['/missing', ...addFailures(app), ...addBugs(app)];
    };
    await using plain = build();
    const expected = await answers(plain, addRoutes(plain));
    const times = heard.splice(0).length;
    await using app = build();
    await app.register(cassandra, optionsFor(node));
    app.get('/read', () => app.cassandra.execute(READ));
    assert.deepEqual(await answers(app, addRoutes(app)), expected);
    assert.equal(heard.splice(0).length, times);
    const ours = await get(app, '/read');
    assert.equal(ours.statusCode, 500);
    assert.doesNotMatch(ours.text, /hunter2/);
    assert.equal(heard.length, 0);
  });
}

test('a handler of the scope around is one of the app, too', async () => {
  await using node = await FakeNode.start();
  await using app = Fastify();
  app.setErrorHandler((error, _request, reply) => reply.status(404).send(String(error)));
  app.register(async (scope) => {
    await scope.register(cassandra, optionsFor(node));
    scope.get('/missing', () => Promise.reject(new NotFound('no such user')));
  });
  assert.equal((await app.inject({ url: '/missing' })).statusCode, 404);
});

test('errorHandler: false leaves all errors to the app, which may ask errorAnswer', async () => {
  await using node = await FakeNode.start();
  node.on(READ, reactions.error('OVERLOADED'));
  await using app = Fastify({ allowErrorHandlerOverride: false });
  app.setErrorHandler((error, _request, reply) => {
    const answer = errorAnswer(error) ?? { statusCode: 418, message: String(error) };
    return reply.status(answer.statusCode).send(answer);
  });
  await app.register(cassandra, { ...optionsFor(node), errorHandler: false });
  app.get('/read', () => app.cassandra.execute(READ));
  addBugs(app);
  assert.equal((await get(app, '/read')).statusCode, 503);
  assert.equal((await get(app, '/bug')).statusCode, 418);
});

test('ready() rejects with the true cause when the first connect fails, and nothing is left open', async () => {
  const node = await FakeNode.start();
  const options = optionsFor(node);
  await node.close();
  await using app = Fastify();
  app.register(cassandra, options);
  await assert.rejects(async () => app.ready(), { name: 'NoHostAvailable' });
  await app.close();

  await using silent = await FakeNode.start({ halfOpen: true });
  await using patient = Fastify({ pluginTimeout: 2000 });
  patient.register(cassandra, { ...optionsFor(silent), connectTimeoutMs: 60_000 });
  await assert.rejects(async () => patient.ready(), { name: 'OperationTimedOut' });
});

test('an event loop that was held up past all limits does not hide the cause', async () => {
  await using silent = await FakeNode.start({ halfOpen: true });
  await using app = Fastify({ pluginTimeout: 400 });
  app.register(cassandra, { ...optionsFor(silent), connectTimeoutMs: 60_000 });
  setTimeout(() => {
    const until = performance.now() + 600;
    while (performance.now() < until);
  }, 100);
  await assert.rejects(async () => app.ready(), { name: 'OperationTimedOut' });
});

test('a registration that the app refuses leaves no connection open, though the app is not closed', async () => {
  await using node = await FakeNode.start();
  await using strict = Fastify({ allowErrorHandlerOverride: false });
  strict.setErrorHandler((_error, _request, reply) => reply.status(418).send());
  strict.register(cassandra, optionsFor(node));
  await assert.rejects(async () => strict.ready(), { code: 'FST_ERR_ERROR_HANDLER_ALREADY_SET' });
  assert.equal(node.counts.connections, 0, 'nothing was asked');

  // A name that is taken while the plugin connects.
  await using taken = Fastify();
  node.on({ opcode: 'STARTUP', nth: 1 }, hold());
  const registered = assert.rejects(async () => taken.register(cassandra, optionsFor(node)), {
    code: 'FST_ERR_DEC_ALREADY_PRESENT',
  });
  await node.waitFor({ opcode: 'STARTUP' }, 1);
  taken.decorate('cassandra', null as never);
  node.release();
  await registered;
  const giveUpAt = performance.now() + 5000;
  while (node.connections.length > 0) {
    assert.ok(performance.now() < giveUpAt, 'connections are still open');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test('registered twice, or with wrong options: an error that says so', async () => {
  await using one = await bench();
  const app = Fastify();
  app.register(cassandra, optionsFor(one.node));
  app.register(cassandra, optionsFor(one.node));
  await assert.rejects(async () => app.ready(), /registered already/);
  await app.close();
  const late = Fastify();
  late.register(cassandra, { ...optionsFor(one.node), drainTimeoutMs: '5' as unknown as number });
  await assert.rejects(async () => late.ready(), /drainTimeoutMs must be a number of milliseconds/);
  await late.close();
  const other = Fastify();
  other.register(cassandra, { contactPoint: ['127.0.0.1'] } as object);
  await assert.rejects(async () => other.ready(), /did you mean contactPoints/);
  await other.close();
});

test('closing waits for the requests under way', async () => {
  const node = await FakeNode.start();
  const app = Fastify();
  await app.register(cassandra, { ...optionsFor(node), requestTimeoutMs: 5000 });
  app.get('/read', async () => (await app.cassandra.execute(READ)).rows);
  node.on(READ, hold().rows([{ v: 1 }]));
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const asked = fetch(`${origin}/read`, { headers: { connection: 'close' } });
  await node.waitFor(READ, 1);
  const closing = app.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  node.release();
  const answer = await asked;
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), [{ v: 1 }]);
  await closing;
  assert.equal(app.cassandra.isClosed, true);
  await node.close();
});
