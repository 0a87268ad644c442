import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, Overloaded, type HostStatistics, type LogEntry } from '../../src/index.js';
import { FakeNode, hold, reactions, rows } from '../../src/testing/index.js';
import { bench, benchOf, failure, QUICK, until } from './support.js';

const READ = 'SELECT v FROM t';

function numbersOf(cluster: AsyncCluster): HostStatistics {
  const [host] = cluster.statistics.hosts;
  assert.ok(host);
  return host;
}

test('a node that answers Overloaded gets fewer requests at a time; it gets more again when it does better', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  const logged: LogEntry[] = [];
  one.cluster.on('log', (entry) => logged.push(entry));
  const full = numbersOf(one.cluster).adaptiveLimit;
  assert.equal(full, 2048);

  one.node.on(READ, reactions.error('OVERLOADED', { message: 'Request breached global limit' }));
  const refused = Array.from({ length: 200 }, () =>
    failure(one.session.execute(READ, undefined, { isIdempotent: false })),
  );
  for (const reason of await Promise.all(refused)) assert.ok(reason instanceof Overloaded);
  const cut = numbersOf(one.cluster).adaptiveLimit;
  assert.ok(cut < 200, `200 were too many: ${String(cut)}`);
  assert.ok(logged.some(({ level, message }) => level === 'warn' && message.includes('overloaded')));

  // The node has what it was given: what goes beyond waits here.
  one.node.on(READ, hold().rows([{ a: 1 }]));
  const waiting = Array.from({ length: 300 }, () => one.session.execute(READ));
  await one.node.waitFor(READ, 200 + cut);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const busy = numbersOf(one.cluster);
  assert.equal(busy.inFlight, cut);
  assert.equal(busy.queued, 300 - cut);
  one.node.on(READ, rows([{ a: 1 }]));
  one.node.release();
  assert.equal((await Promise.all(waiting)).length, 300);

  const start = performance.now();
  while (numbersOf(one.cluster).adaptiveLimit < full) {
    assert.ok(performance.now() - start < 15_000, 'the limit does not grow back');
    await one.session.execute(READ);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(logged.some(({ level, message }) => level === 'info' && message.includes('no longer overloaded')));
});

test('requests that one node refuses go to the others, and a node that is limited is passed over', async () => {
  await using some = await benchOf(2, { requestTimeoutMs: 10_000 });
  const [busy, free] = some.nodes;
  assert.ok(busy && free);
  busy.on(READ, reactions.error('OVERLOADED'));
  free.on(READ, rows([{ a: 1 }]));
  const results = await Promise.all(Array.from({ length: 100 }, () => some.session.execute(READ)));
  assert.ok(results.every((result) => result.info.coordinator === free.contactPoint));
  busy.on(READ, hold().rows([{ a: 1 }]));
  const more = Array.from({ length: 200 }, () => some.session.execute(READ));
  const limit = some.cluster.statistics.hosts.find(({ host }) => host.endpoint === busy.contactPoint)?.adaptiveLimit;
  assert.ok(limit !== undefined && limit < 100);
  // All but those that the busy node may have are answered by the other, though the policy names the busy one first.
  await until(() => free.requests.filter(({ statement }) => statement === READ).length === 100 + 200 - limit);
  busy.release();
  await Promise.all(more);
});

test('requests that are not answered in time lower the limit; requests with deadlines of their own do not', async () => {
  await using one = await bench({ requestTimeoutMs: 200 });
  one.node.on(READ, hold());
  const read = (timeoutMs: number): Promise<Error[]> =>
    Promise.all(Array.from({ length: 100 }, () => failure(one.session.execute(READ, undefined, { timeoutMs }))));
  await read(20);
  assert.equal(numbersOf(one.cluster).adaptiveLimit, 2048, '20 ms say nothing of the node');
  await read(200);
  const { adaptiveLimit, orphaned, timeouts } = numbersOf(one.cluster);
  assert.ok(adaptiveLimit < 200, String(adaptiveLimit));
  assert.equal(orphaned, 200);
  assert.equal(timeouts, 200);
});

test('the limit belongs to the host: pools of several keyspaces share it, and none of them starves', async () => {
  await using node = await FakeNode.start({ keyspaces: [{ name: 'one' }, { name: 'two' }] });
  await using cluster = new AsyncCluster({ ...QUICK, requestTimeoutMs: 5000, contactPoints: [node.contactPoint] });
  const [first, second] = await Promise.all([cluster.connect('one'), cluster.connect('two')]);
  node.on(READ, reactions.error('OVERLOADED'));
  await Promise.all(Array.from({ length: 10 }, () => failure(first.execute(READ, undefined, { isIdempotent: false }))));
  const limit = numbersOf(cluster).adaptiveLimit;
  assert.ok(limit <= 6, String(limit));
  node.on(READ, hold().rows([{ a: 1 }]));
  const held = Array.from({ length: limit }, () => first.execute(READ));
  await node.waitFor(READ, 10 + limit);
  // Nothing is under way on the second pool's connection: it must hear of room all the same.
  const waiting = second.execute(READ);
  await until(() => numbersOf(cluster).queued === 1);
  node.on(READ, rows([{ a: 1 }]));
  node.release();
  await Promise.all(held);
  assert.equal((await waiting).length, 1);
});

test('a few answers that never come do not lock the host out for ever, and one that comes late reaches nobody', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  const lost = 'SELECT lost';
  one.node.on(lost, hold().rows([{ a: 'lost' }]));
  one.node.on(READ, rows([{ a: 'read' }]));
  const late = Array.from({ length: 30 }, () => failure(one.session.execute(lost, undefined, { timeoutMs: 300 })));
  await Promise.all(late);
  const { adaptiveLimit, orphaned } = numbersOf(one.cluster);
  assert.ok(adaptiveLimit < orphaned, `${String(adaptiveLimit)} of ${String(orphaned)}`);
  for (let i = 0; i < 5; i++) assert.deepEqual((await one.session.execute(READ)).rows, [{ a: 'read' }]);
  one.node.release();
  for (let i = 0; i < 50; i++) assert.deepEqual((await one.session.execute(READ)).rows, [{ a: 'read' }]);
  await until(() => numbersOf(one.cluster).orphaned === 0, 'the late answers');
  assert.equal(one.node.counts.connections, 2, 'the connection is good');
});

test('with one request at a time on a connection: one answer that never comes has the connection replaced', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000, pooling: { maxRequestsPerConnection: 1 } });
  one.node.on('SELECT lost', hold());
  one.node.on(READ, rows([{ a: 1 }]));
  await failure(one.session.execute('SELECT lost', undefined, { timeoutMs: 50 }));
  assert.equal((await one.session.execute(READ)).length, 1);
});
