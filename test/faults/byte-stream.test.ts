import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, ConnectionError, NoHostAvailable, type AsyncCassandraSession } from '../../src/index.js';
import { chunk, corruptCrc, error, FakeNode, reactions } from '../../src/testing/index.js';
import { Proxy } from '../support/proxy.js';
import { bench, failure, QUICK, until } from './support.js';

const COLUMNS = { id: 'int', name: 'text', big: 'bigint', tags: 'list<text>', raw: 'blob', score: 'map<text, double>' };
const SMALL = Array.from({ length: 20 }, (_, i) => ({
  id: i,
  name: `name ${String(i)} ✓`,
  big: 2n ** 60n + BigInt(i),
  tags: ['a', 'b', String(i)],
  raw: Buffer.alloc(i, i),
  score: new Map([['x', i / 3]]),
}));
const LARGE = Array.from({ length: 300 }, (_, i) => ({ id: i, body: String(i).repeat(400).slice(0, 1000) }));

function script(node: FakeNode): void {
  node.on('SELECT small', reactions.rows(SMALL, { columns: COLUMNS }));
  node.on('SELECT large', reactions.rows(LARGE, { columns: { id: 'int', body: 'text' } }));
  node.on('SELECT error', error('READ_TIMEOUT', { received: 1, required: 2, consistency: 6, message: 'late ✓' }));
  node.on(
    'SELECT warned',
    reactions
      .warn('tombstones')
      .payload({ k: Buffer.from('v') })
      .rows([{ a: 1 }]),
  );
}

async function everything(session: AsyncCassandraSession): Promise<void> {
  const [small, large, reason, warned] = await Promise.all([
    session.execute('SELECT small'),
    session.execute('SELECT large'),
    failure(session.execute('SELECT error'), 20_000),
    session.execute('SELECT warned'),
  ]);
  assert.deepEqual(small.rows, SMALL);
  assert.deepEqual(large.rows, LARGE);
  assert.equal(reason.message, 'late ✓');
  assert.deepEqual(warned.rows, [{ a: 1 }]);
  assert.deepEqual(warned.info.warnings, ['tombstones']);
}

for (const compression of [undefined, 'lz4'] as const) {
  const way = compression ?? 'plain';
  const options = {
    ...QUICK,
    requestTimeoutMs: 20_000,
    connectTimeoutMs: 5000,
    ...(compression ? { compression } : {}),
  };

  test(`the byte stream in random pieces: identical results (${way})`, async () => {
    await using node = await FakeNode.start();
    script(node);
    await using proxy = await Proxy.start(node);
    for (const most of [3, 17, 1000, 40_000]) {
      let seed = most;
      proxy.faults.chunk = () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return 1 + (seed % most);
      };
      // Small pieces of a large answer would take a turn of the event loop each.
      const large = most > 100;
      await using cluster = new AsyncCluster({ ...options, contactPoints: [proxy.contactPoint] });
      const session = await cluster.connect();
      if (large) await everything(session);
      else assert.deepEqual((await session.execute('SELECT small')).rows, SMALL);
    }
  });

  test(`the byte stream byte by byte: identical results (${way})`, async () => {
    await using one = await bench(compression ? { compression } : {});
    one.node.on('SELECT small', chunk(1).rows(SMALL, { columns: COLUMNS }));
    one.node.on('SELECT error', chunk(1).error('UNAVAILABLE', { required: 3, alive: 1 }));
    assert.deepEqual((await one.session.execute('SELECT small')).rows, SMALL);
    assert.equal((await failure(one.session.execute('SELECT error'))).name, 'Unavailable');
    one.node.on('SELECT large', chunk(1021).rows(LARGE, { columns: { id: 'int', body: 'text' } }));
    assert.deepEqual((await one.session.execute('SELECT large')).rows, LARGE);
  });

  test(`any flipped bit: a clean error, never a wrong row, never a hang; then it works again (${way})`, async () => {
    await using node = await FakeNode.start();
    script(node);
    await using proxy = await Proxy.start(node);
    await using cluster = new AsyncCluster({ ...options, requestTimeoutMs: 1500, contactPoints: [proxy.contactPoint] });
    const session = await cluster.connect();
    // How many bytes the answer takes.
    proxy.flipBit(1e9, 0);
    await session.execute('SELECT small');
    const size = proxy.serverBytes;
    assert.ok(size > 500, String(size));
    let hit = 0;
    for (let sample = 0; sample < 250; sample++) {
      const position = sample < 40 ? sample : Math.floor((sample * 7919) % size);
      proxy.flipBit(position, sample % 8);
      try {
        const { rows } = await session.execute('SELECT small');
        assert.deepEqual(rows, SMALL, `byte ${String(position)}`);
      } catch (reason) {
        assert.ok(reason instanceof ConnectionError, `byte ${String(position)}: ${String(reason)}`);
      }
      if (proxy.flipped) hit++;
      for (let left = 200; ; left--) {
        const worked = await session.execute('SELECT small').catch(() => null);
        if (worked !== null) {
          assert.deepEqual(worked.rows, SMALL);
          break;
        }
        assert.ok(left > 0, 'it does not reconnect');
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    }
    assert.ok(hit > 240, String(hit));
  });

  test(`a wrong payload checksum fails all requests of the connection, and it is replaced (${way})`, async () => {
    await using one = await bench(compression ? { compression } : {});
    const { node, session } = one;
    script(node);
    node.on('SELECT held', reactions.hold().void());
    node.on('SELECT bad', corruptCrc().rows(SMALL, { columns: COLUMNS }));
    const held = failure(session.execute('SELECT held', undefined, { isIdempotent: false }));
    await node.waitFor('SELECT held');
    const reason = await failure(session.execute('SELECT bad'));
    assert.ok(reason instanceof ConnectionError);
    const shown = reason instanceof NoHostAvailable ? [...reason.errors.values()][0] : reason;
    assert.match(String(shown?.message), /cannot be read/);
    assert.ok((await held) instanceof ConnectionError);
    await until(() => node.connections.length === 2);
    await everything(session);
  });
}
