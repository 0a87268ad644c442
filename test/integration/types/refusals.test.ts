/** A parameter that does not fit is refused before anything is sent: counted at a proxy in front of a real node. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { AsyncCluster, BatchStatement, InvalidParameter, type AsyncCassandraSession } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { testNode } from '../../support/node-table.js';

/** Counts the bytes that a client sends. */
class CountingProxy {
  sent = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => {
      const upstream = connect(port, host);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (chunk: Buffer) => {
          if (from === client) this.sent += chunk.length;
          to.write(chunk);
        });
        from.on('close', () => {
          to.destroy();
          this.#sockets.delete(from);
        });
        from.on('error', () => to.destroy());
      }
    });
  }

  static async start(host: string, port: number): Promise<CountingProxy> {
    const proxy = new CountingProxy(host, port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const TYPES = {
  c_ascii: 'ascii',
  c_bigint: 'bigint',
  c_blob: 'blob',
  c_boolean: 'boolean',
  c_date: 'date',
  c_decimal: 'decimal',
  c_double: 'double',
  c_duration: 'duration',
  c_inet: 'inet',
  c_int: 'int',
  c_smallint: 'smallint',
  c_text: 'text',
  c_time: 'time',
  c_timestamp: 'timestamp',
  c_tinyint: 'tinyint',
  c_uuid: 'uuid',
  c_varint: 'varint',
  c_list: 'list<int>',
  c_map: 'map<text, int>',
  c_set: 'set<text>',
  c_tuple: 'tuple<int, text>',
  c_vector: 'vector<float, 2>',
} as const;

const MISFITS: readonly (readonly [keyof typeof TYPES, unknown])[] = [
  ['c_ascii', 'é'],
  ['c_ascii', 1],
  ['c_bigint', 2n ** 63n],
  ['c_bigint', 1.5],
  ['c_bigint', 2 ** 53],
  ['c_bigint', 'ten'],
  ['c_blob', 'text'],
  ['c_boolean', 1],
  ['c_boolean', 'true'],
  ['c_date', '2026-02-30'],
  ['c_date', 'today'],
  ['c_decimal', 'x'],
  ['c_decimal', NaN],
  ['c_double', '1'],
  ['c_duration', 'soon'],
  ['c_inet', '999.1.1.1'],
  ['c_int', 2 ** 31],
  ['c_int', 0.5],
  ['c_int', NaN],
  ['c_int', '1'],
  ['c_int', {}],
  ['c_smallint', 32768],
  ['c_text', 5],
  ['c_text', Buffer.from('x')],
  ['c_time', '25:00:00'],
  ['c_time', 86_400_000_000_000n],
  ['c_timestamp', new Date(NaN)],
  ['c_timestamp', 'yesterday'],
  ['c_tinyint', 128],
  ['c_uuid', 'not-a-uuid'],
  ['c_uuid', Buffer.alloc(15)],
  ['c_varint', 'x'],
  ['c_list', 5],
  ['c_list', [1, 'x']],
  ['c_list', [null]],
  ['c_map', { a: 'x' }],
  ['c_map', 7],
  ['c_set', [5]],
  ['c_tuple', [1, 'a', 2]],
  ['c_tuple', ['x', 'a']],
  ['c_vector', [1]],
  ['c_vector', [1, 2, 3]],
  ['c_vector', [1, 'x']],
];

describe('parameters that do not fit', () => {
  let workspace: Workspace;
  let proxy: CountingProxy;
  let cluster: AsyncCluster;
  let session: AsyncCassandraSession;

  before(async () => {
    workspace = await openWorkspace('types_refusals');
    const columns = Object.entries(TYPES).map(([name, type]) => `${name} ${type}`);
    await workspace.session.execute(`CREATE TABLE t (id int PRIMARY KEY, ${columns.join(', ')})`);
    const node = testNode('5.0');
    proxy = await CountingProxy.start(node.contactPoints[0]?.split(':')[0] ?? '', node.port);
    cluster = new AsyncCluster({
      contactPoints: [`127.0.0.1:${proxy.port}`],
      localDatacenter: node.localDatacenter,
      // Every address that the node tells of is the proxy's.
      addressTranslator: { translate: () => ({ address: '127.0.0.1', port: proxy.port }) },
      idleHeartbeatIntervalMs: 600_000,
    });
    session = await cluster.connect(workspace.keyspace);
  });

  after(async () => {
    await cluster.shutdown();
    await proxy.stop();
    await workspace.close();
  });

  /** Fails if the work sends anything, or does not reject with an InvalidParameter. */
  async function refused(work: () => Promise<unknown>, what: string): Promise<InvalidParameter> {
    const before = proxy.sent;
    let refusal: unknown;
    try {
      await work();
    } catch (error) {
      refusal = error;
    }
    assert.ok(refusal instanceof InvalidParameter, `${what}: ${String(refusal)}`);
    // Whatever was written goes out in the turn it was written in: a look after some more is enough.
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(proxy.sent, before, `${what}: something was sent`);
    return refusal;
  }

  test('the proxy counts what is sent', async () => {
    const before = proxy.sent;
    await session.execute('SELECT id FROM t');
    assert.ok(proxy.sent > before);
  });

  for (const [column, value] of MISFITS) {
    const shown = typeof value === 'bigint' ? `${String(value)}n` : JSON.stringify(value);
    test(`${TYPES[column]} refuses ${typeof value} ${shown}`, async () => {
      const prepared = await session.prepare(`INSERT INTO t (id, ${column}) VALUES (?, ?)`);
      const { parameter, cqlType, message } = await refused(() => session.execute(prepared, [1, value]), 'by position');
      assert.equal(parameter, column);
      assert.equal(cqlType, TYPES[column]);
      assert.ok(message.includes(column));
      await refused(() => session.execute(prepared, { id: 1, [column]: value }), 'by name');
      await refused(() => session.execute(prepared.query, [1, value]), 'a known text');
      await refused(async () => session.execute(prepared.bind([1, value])), 'bound');
      for (const member of [prepared, prepared.query]) {
        const batch = async (): Promise<unknown> =>
          session.executeBatch(new BatchStatement().add(prepared, [1, null]).add(member, [2, value]));
        await refused(batch, 'in a batch, behind a good one');
      }
    });
  }

  test('wrong counts and names', async () => {
    const prepared = await session.prepare('INSERT INTO t (id, c_text) VALUES (?, ?)');
    for (const parameters of [
      [],
      [1],
      [1, 'a', 'b'],
      {},
      { id: 1 },
      { id: 1, c_txt: 'a' },
      { id: 1, c_text: 'a', more: 1 },
    ]) {
      await refused(() => session.execute(prepared, parameters), JSON.stringify(parameters));
    }
  });

  test('a refused request does no harm to those around it', async () => {
    const prepared = await session.prepare('INSERT INTO t (id, c_text) VALUES (?, ?)');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) => session.execute(prepared, [n, n % 3 === 0 ? n : `text ${n}`])),
    );
    for (const [n, { status }] of outcomes.entries()) assert.equal(status, n % 3 === 0 ? 'rejected' : 'fulfilled');
    const { rows } = await session.execute('SELECT id, c_text FROM t');
    assert.equal(rows.length, outcomes.filter(({ status }) => status === 'fulfilled').length);
    for (const row of rows) assert.equal(row['c_text'], `text ${String(row['id'])}`);
  });
});
