import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchStatement, ConsistencyLevel, type AsyncCassandraSession } from '../../src/index.js';
import { createKeyspace, createTable, openClient, startThreeNodes } from './support/three-nodes.js';

const KEYS = 200;
const TRACED = 25;

/** The nodes' addresses by token, ascending: what each node says of itself, not what the client made of it. */
async function readRing(session: AsyncCassandraSession, hosts: readonly string[]): Promise<[bigint, string][]> {
  const ring: [bigint, string][] = [];
  for (const host of hosts) {
    const { rows } = await session.execute('SELECT tokens, broadcast_address FROM system.local', undefined, { host });
    for (const token of rows[0]?.['tokens'] as Set<string>) {
      ring.push([BigInt(token), String(rows[0]?.['broadcast_address'])]);
    }
  }
  return ring.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The node that owns the token: the first at or after it, around the end. */
function ownerOf(ring: readonly [bigint, string][], token: bigint): string {
  return (ring.find(([end]) => end >= token) ?? ring[0])?.[1] ?? '';
}

function int(key: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(key);
  return bytes;
}

/** 'address:port' to 'address'. */
function addressOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':'));
}

test('requests go to the nodes that hold their row', { timeout: 900_000 }, async (context) => {
  await using three = await startThreeNodes(context);
  await using client = await openClient(three, 'tokens');
  const { cluster, session } = client;
  const { metadata } = cluster;
  await createKeyspace(session, 'tokens_once', 1);
  await createTable(session, 'tokens_once.t', 'k int PRIMARY KEY, v int');
  await createTable(session, 'tokens_once.pairs', 'a int, b text, v int, PRIMARY KEY ((a, b))');
  await createTable(session, 'tokens.t', 'k int PRIMARY KEY, v int');
  const endpoints = metadata.hosts.map((host) => host.endpoint);
  const ring = await readRing(session, endpoints);
  assert.equal(ring.length, 48);

  /** The owner as the server computes it, of a row of `t`. Asked of all: a write is acknowledged by one replica. */
  const owner = async (table: string, key: number): Promise<string> => {
    const query = `SELECT token(k) AS position FROM ${table} WHERE k = ?`;
    const [row] = (await session.execute(query, [key], { consistencyLevel: ConsistencyLevel.ALL })).rows;
    assert.ok(row !== undefined, `no row ${String(key)} in ${table}`);
    return ownerOf(ring, row['position'] as bigint);
  };

  await context.test('with one replica every request is coordinated by it', async () => {
    const coordinators = new Map<string, number>();
    for (let key = 0; key < KEYS; key++) {
      const replicas = metadata.getReplicas('tokens_once', int(key)).map((host) => host.endpoint);
      assert.equal(replicas.length, 1);
      const asked = [
        await session.execute('INSERT INTO tokens_once.t (k, v) VALUES (?, ?)', [key, key]),
        await session.execute('SELECT v FROM tokens_once.t WHERE k = ?', [key]),
        await session.execute('UPDATE tokens_once.t SET v = ? WHERE k = ?', [-key, key]),
        await session.executeBatch(
          new BatchStatement().add('INSERT INTO tokens_once.t (k, v) VALUES (?, ?)', [key, key]),
        ),
        await session.execute(`SELECT v FROM tokens_once.t WHERE k = ${String(key)}`, undefined, {
          keyspace: 'tokens_once',
          routingKey: int(key),
        }),
      ];
      assert.deepEqual(
        asked.map(({ info }) => info.coordinator),
        asked.map(() => replicas[0]),
      );
      const address = addressOf(replicas[0] ?? '');
      assert.equal(address, await owner('tokens_once.t', key), "the server's own token lies with another node");
      coordinators.set(address, (coordinators.get(address) ?? 0) + 1);
    }
    context.diagnostic(`rows by node: ${JSON.stringify([...coordinators])}`);
    assert.equal(coordinators.size, 3);
  });

  await context.test('a partition key of two columns is routed too', async () => {
    for (let a = 0; a < KEYS / 4; a++) {
      const b = `b${String(a)}`;
      const written = await session.execute('INSERT INTO tokens_once.pairs (a, b, v) VALUES (?, ?, ?)', [a, b, a]);
      const { rows } = await session.execute(
        'SELECT token(a, b) AS position FROM tokens_once.pairs WHERE a = ? AND b = ?',
        [a, b],
      );
      assert.equal(addressOf(written.info.coordinator), ownerOf(ring, rows[0]?.['position'] as bigint));
    }
  });

  await context.test('token ranges: each ends with a token of the node that holds it, and holds its keys', async () => {
    const ranges = metadata.getTokenRanges('tokens_once');
    assert.equal(ranges.length, ring.length + 1);
    for (const range of ranges) {
      assert.deepEqual(
        range.replicas.map(({ address }) => address),
        [ownerOf(ring, range.end)],
      );
    }
    for (let key = 0; key < KEYS; key++) {
      const query = 'SELECT token(k) AS position FROM tokens_once.t WHERE k = ?';
      const { rows, info } = await session.execute(query, [key]);
      const token = rows[0]?.['position'] as bigint;
      assert.equal(metadata.getToken(int(key)), token);
      const [range, ...others] = ranges.filter((one) => one.contains(token));
      assert.equal(others.length, 0);
      assert.equal(range?.replicas[0]?.endpoint, info.coordinator);
    }
    const part = await session.prepare('SELECT k FROM tokens_once.t WHERE token(k) > ? AND token(k) <= ?');
    let count = 0;
    for (const { start, end, replicas } of ranges) {
      const { rows, info } = await session.execute(part, [start, end], { routingToken: end });
      assert.equal(info.coordinator, replicas[0]?.endpoint);
      count += rows.length;
    }
    assert.equal(count, KEYS);
    assert.ok(metadata.getTokenRanges('tokens').every(({ replicas }) => new Set(replicas).size === 3));
  });

  await context.test('the server tells of no other node in its traces', async () => {
    for (let key = 0; key < TRACED; key++) {
      for (const query of ['SELECT v FROM tokens_once.t WHERE k = ?', 'DELETE FROM tokens_once.t WHERE k = ?']) {
        const result = await session.execute(query, [key], { trace: true });
        const trace = await result.getQueryTrace();
        const address = addressOf(result.info.coordinator);
        assert.equal(trace.coordinator, address);
        assert.ok(trace.events.length > 0);
        assert.deepEqual([...new Set(trace.events.map(({ source }) => source))], [address]);
      }
    }
  });

  await context.test(
    'lightweight transactions on one row go to its first replica; other requests to all three',
    async () => {
      for (let key = 0; key < KEYS / 4; key++) {
        const replicas = metadata.getReplicas('tokens', int(key)).map((host) => host.endpoint);
        assert.equal(new Set(replicas).size, 3);
        const made = await session.execute('INSERT INTO tokens.t (k, v) VALUES (?, 0) IF NOT EXISTS', [key]);
        const changed = await session.execute('UPDATE tokens.t SET v = 1 WHERE k = ? IF v = 0', [key]);
        assert.ok(made.wasApplied && changed.wasApplied);
        assert.deepEqual([made.info.coordinator, changed.info.coordinator], [replicas[0], replicas[0]]);
        assert.equal(addressOf(replicas[0] ?? ''), await owner('tokens.t', key));
      }
      const readers = new Set<string>();
      // A replica that happens to be slow is asked four times a second.
      const giveUpAt = performance.now() + 15_000;
      while (readers.size < 3) {
        assert.ok(performance.now() < giveUpAt, `only ${[...readers].join(', ')} were asked`);
        const { info } = await session.execute('SELECT v FROM tokens.t WHERE k = ?', [1]);
        readers.add(info.coordinator);
      }
    },
  );
});
