import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test, type TestContext } from 'node:test';
import {
  AuthenticationFailed,
  InvalidRequest,
  Overloaded,
  ProtocolError,
  ReadFailure,
  Unavailable,
  WriteTimeout,
} from '../../../src/errors.js';
import { Opcode, ResultKind } from '../../../src/protocol/constants.js';
import {
  readAuthenticate,
  readEvent,
  readSetKeyspace,
  writeAuthResponse,
} from '../../../src/protocol/messages/index.js';
import { readSupported } from '../../support/supported.js';
import { UnpreparedError } from '../../../src/protocol/server-errors.js';
import {
  closeConnection,
  corruptCrc,
  delay,
  drop,
  error,
  FakeCluster,
  FakeNode,
  hold,
  reactions,
  release,
  rows,
  voidResult,
  warn,
  type FakeNodeOptions,
} from '../../../src/testing/index.js';
import { lz4Compressor, noise } from '../protocol/segment/support.js';
import { errorOf, kindOf, RawClient, rowsOf, textRowsOf } from './raw-client.js';

async function startNode(t: TestContext, options?: FakeNodeOptions): Promise<FakeNode> {
  const node = await FakeNode.start(options);
  t.after(() => node.close());
  return node;
}

async function startBoth(t: TestContext, options?: FakeNodeOptions): Promise<{ node: FakeNode; client: RawClient }> {
  const node = await startNode(t, options);
  return { node, client: await RawClient.start(node) };
}

describe('unscripted, a fake node', () => {
  test('answers OPTIONS, bare and framed', async (t) => {
    const node = await startNode(t);
    const client = await RawClient.open(node);
    const bare = await client.request(Opcode.OPTIONS);
    assert.deepEqual(readSupported(bare.reader).get('COMPRESSION'), ['snappy', 'lz4']);
    await client.startup();
    const framed = await client.request(Opcode.OPTIONS);
    assert.deepEqual(readSupported(framed.reader).get('PROTOCOL_VERSIONS'), ['5/v5']);
  });

  test('refuses what comes before STARTUP, and a compression that it lacks', async (t) => {
    const node = await startNode(t);
    const client = await RawClient.open(node);
    assert.match(errorOf(await client.query('SELECT 1')).message, /expecting STARTUP or OPTIONS/);
    assert.match(errorOf(await client.startup({ COMPRESSION: 'snappy' })).message, /snappy/);
  });

  test('speaks LZ4 when asked to, with large messages both ways', async (t) => {
    const node = await startNode(t);
    const client = await RawClient.open(node);
    client.compressor = lz4Compressor;
    assert.equal((await client.startup({ COMPRESSION: 'lz4' })).opcode, Opcode.READY);
    const blob = noise(400_000);
    node.on('BATCH', voidResult());
    node.on(/^SELECT big/, rows([{ blob, zeros: Buffer.alloc(500_000) }]));
    const { cells } = rowsOf(await client.query(`SELECT big ${'x'.repeat(300_000)}`));
    assert.deepEqual(cells, [[blob, Buffer.alloc(500_000)]]);
    assert.equal(node.requests.at(-1)?.query?.length, 300_011);
  });

  test('describes itself and its peers', async (t) => {
    const peer = {
      hostId: '11111111-1111-4111-8111-111111111111',
      address: '127.0.0.9',
      port: 9042,
      datacenter: 'dc2',
      rack: 'r2',
      tokens: ['1', '2'],
      releaseVersion: '4.1.10',
      schemaVersion: '5a5a5a5a-0000-1000-8000-000000000000',
    };
    const { node, client } = await startBoth(t, { peers: [peer], clusterName: 'Test', datacenter: 'dc1' });
    const local = rowsOf(await client.query("SELECT * FROM system.local WHERE key='local'"));
    const names = local.header.columns?.map((column) => column.name) ?? [];
    const cell = (name: string): Buffer | null | undefined => local.cells[0]?.[names.indexOf(name)];
    assert.equal(cell('cluster_name')?.toString(), 'Test');
    assert.equal(cell('data_center')?.toString(), 'dc1');
    assert.equal(cell('host_id')?.toString('hex'), node.hostId.replaceAll('-', ''));
    assert.deepEqual([...(cell('rpc_address') ?? [])], [127, 0, 0, 1]);
    assert.equal(cell('rpc_port')?.readInt32BE(), node.port);
    assert.equal(local.header.columns?.[0]?.table, 'local');

    const peers = await client.query('SELECT data_center, rack FROM system.peers_v2');
    assert.deepEqual(textRowsOf(peers), [{ data_center: 'dc2', rack: 'r2' }]);
    assert.equal(rowsOf(await client.query("SELECT * FROM system.local WHERE key = 'x'")).cells.length, 0);
  });

  test('shows its schema, also to prepared queries with conditions', async (t) => {
    const table = { name: 'users', columns: { id: 'uuid', n: 'int' }, partitionKey: ['id'] };
    const { client } = await startBoth(t, { keyspaces: [{ name: 'app', tables: [table] }, { name: 'other' }] });
    const prepared = await client.prepare(
      'SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = ?',
    );
    assert.equal(prepared.resultColumns?.length, 2);
    const reply = await client.execute(prepared, [Buffer.from('app')], { skipMetadata: true });
    const { header, cells } = rowsOf(reply);
    assert.equal(header.columns, null);
    assert.deepEqual(
      cells.map((row) => row.map(String)),
      [
        ['id', 'uuid'],
        ['n', 'int'],
      ],
    );
    assert.equal(rowsOf(await client.execute(prepared, [Buffer.from('none')])).cells.length, 0);

    const insert = await client.prepare('INSERT INTO app.users (n, id) VALUES (?, ?)');
    assert.deepEqual(
      insert.bindColumns.map((column) => [column.name, column.type]),
      [
        ['n', { kind: 'scalar', name: 'int' }],
        ['id', { kind: 'scalar', name: 'uuid' }],
      ],
    );
    assert.deepEqual(insert.pkIndexes, [1]);
    assert.equal(insert.resultColumns, null);
  });

  test('answers VOID to what it does not know, and USE with the keyspace', async (t) => {
    const { node, client } = await startBoth(t);
    assert.equal(kindOf(await client.query('INSERT INTO t (a) VALUES (1)')), ResultKind.VOID);
    const reply = await client.query('USE "Mixed"');
    assert.equal(kindOf(reply), ResultKind.SET_KEYSPACE);
    assert.equal(readSetKeyspace(reply.reader), 'Mixed');
    assert.equal(node.connections[0]?.session.keyspace, 'Mixed');
  });

  test('names prepared statements like Cassandra and forgets them when told', async (t) => {
    const { node, client } = await startBoth(t);
    const query = 'SELECT a FROM ks.t WHERE a = :a AND b > ?';
    const prepared = await client.prepare(query);
    assert.equal(prepared.id.toString('hex'), createHash('md5').update(query).digest('hex'));
    assert.equal(prepared.resultMetadataId.toString('hex'), 'd41d8cd98f00b204e9800998ecf8427e');
    assert.deepEqual(
      prepared.bindColumns.map((column) => column.name),
      ['a', 'b'],
    );
    assert.equal(kindOf(await client.execute(prepared, [null, null])), ResultKind.VOID);
    node.forgetPrepared();
    const refusal = errorOf(await client.execute(prepared, [null, null]));
    assert.ok(refusal instanceof UnpreparedError);
    assert.deepEqual(refusal.id, prepared.id);
    assert.equal(node.counts.prepares.get(query), 1);
  });

  test('traces when asked to', async (t) => {
    const { client } = await startBoth(t);
    const reply = await client.query('X', {}, 0x02);
    assert.match(reply.prefix.tracingId ?? '', /^[0-9a-f-]{36}$/);
  });
});

describe('authentication', () => {
  const auth = { username: 'cassandra', password: 'secret' };
  const token = (password: string): Buffer => Buffer.from(`\0cassandra\0${password}`);

  test('with the right password, framed right behind AUTHENTICATE', async (t) => {
    const client = await RawClient.open(await startNode(t, { auth }));
    const challenge = await client.startup();
    assert.equal(readAuthenticate(challenge.reader), 'org.apache.cassandra.auth.PasswordAuthenticator');
    assert.match(errorOf(await client.query('X')).message, /expecting AUTH_RESPONSE/);
    const reply = await client.request(Opcode.AUTH_RESPONSE, (writer) => {
      writeAuthResponse(writer, token('secret'));
    });
    assert.equal(reply.opcode, Opcode.AUTH_SUCCESS);
    assert.equal(kindOf(await client.query('X')), ResultKind.VOID);
  });

  test('with a wrong password', async (t) => {
    const client = await RawClient.open(await startNode(t, { auth }));
    await client.startup();
    const reply = await client.request(Opcode.AUTH_RESPONSE, (writer) => {
      writeAuthResponse(writer, token('wrong'));
    });
    assert.ok(errorOf(reply) instanceof AuthenticationFailed);
  });

  test('over some rounds of an authenticator of one’s own', async (t) => {
    const custom = {
      className: 'org.example.Rounds',
      respond: (_: Buffer | null, round: number) =>
        round < 3 ? { challenge: Buffer.from([round]) } : { success: Buffer.from('hi') },
    };
    const client = await RawClient.open(await startNode(t, { auth: custom }));
    await client.startup();
    const opcodes: number[] = [];
    for (let i = 0; i < 3; i++) {
      const reply = await client.request(Opcode.AUTH_RESPONSE, (writer) => {
        writeAuthResponse(writer, null);
      });
      opcodes.push(reply.opcode);
    }
    assert.deepEqual(opcodes, [Opcode.AUTH_CHALLENGE, Opcode.AUTH_CHALLENGE, Opcode.AUTH_SUCCESS]);
  });
});

test('a server without version 5 says so in version 4, unframed, and stays open', async (t) => {
  const node = await startNode(t, { protocolVersions: [3, 4] });
  const client = await RawClient.open(node);
  for (const opcode of [Opcode.STARTUP, Opcode.OPTIONS]) {
    const reply = await client.request(opcode, undefined, 0, 0);
    assert.equal(reply.version, 0x84);
    const refusal = errorOf(reply);
    assert.ok(refusal instanceof ProtocolError);
    assert.equal(refusal.message, 'Invalid or unsupported protocol version (5); supported versions are (3/v3, 4/v4)');
  }
  assert.equal(node.counts.refusedVersions, 2);
});

describe('a script', () => {
  test('matches by opcode, query, statement, nth request, connection, and the youngest rule holds', async (t) => {
    const { node, client } = await startBoth(t);
    const second = await RawClient.start(node);
    node.on({ statement: /FROM t/ }, rows([{ who: 'any' }]));
    node.on({ query: ' SELECT a FROM t ', connection: 2 }, rows([{ who: 'second' }]));
    const rule = node.on({ statement: 'SELECT a FROM t', nth: 3 }, rows([{ who: 'third' }]));
    const seen: unknown[] = [];
    for (const one of [client, second, client, client])
      seen.push(textRowsOf(await one.query('SELECT a FROM t'))[0]?.['who']);
    assert.deepEqual(seen, ['any', 'second', 'third', 'any']);
    assert.equal(rule.applied, 1);
    const prepared = await client.prepare('SELECT a FROM t');
    assert.deepEqual(textRowsOf(await client.execute(prepared)), [{ who: 'any' }]);
    node.reset();
    assert.equal(kindOf(await client.query('SELECT a FROM t')), ResultKind.VOID);
  });

  test('answers every error with its fields', async (t) => {
    const { node, client } = await startBoth(t);
    const ask = async (code: Parameters<typeof error>[0], fields?: Parameters<typeof error>[1]): Promise<object> => {
      const rule = node.on('QUERY', error(code, fields));
      const made = errorOf(await client.query('X'));
      rule.remove();
      return made;
    };
    const unavailable = await ask('UNAVAILABLE', { consistency: 6, required: 3, alive: 1 });
    assert.ok(unavailable instanceof Unavailable);
    assert.deepEqual([unavailable.consistency, unavailable.requiredReplicas, unavailable.aliveReplicas], [6, 3, 1]);
    const cas = await ask('WRITE_TIMEOUT', { writeType: 'CAS', contentions: 4, received: 1, required: 2 });
    assert.ok(cas instanceof WriteTimeout);
    assert.deepEqual([cas.writeType, cas.contentions, cas.received, cas.required], ['CAS', 4, 1, 2]);
    const failure = await ask('READ_FAILURE', { failures: { '127.0.0.2': 1 }, dataPresent: true });
    assert.ok(failure instanceof ReadFailure);
    assert.deepEqual([...failure.failures], [['127.0.0.2', 1]]);
    const overloaded = await ask(0x1001, { message: 'Server is shutting down' });
    assert.ok(overloaded instanceof Overloaded && overloaded.notExecuted);
    for (const [code, name] of [
      ['SERVER_ERROR', 'ServerError'],
      ['PROTOCOL_ERROR', 'ProtocolError'],
      ['BAD_CREDENTIALS', 'AuthenticationFailed'],
      ['IS_BOOTSTRAPPING', 'IsBootstrapping'],
      ['TRUNCATE_ERROR', 'TruncateError'],
      ['READ_TIMEOUT', 'ReadTimeout'],
      ['FUNCTION_FAILURE', 'FunctionFailure'],
      ['WRITE_FAILURE', 'WriteFailure'],
      ['CDC_WRITE_FAILURE', 'CdcWriteFailure'],
      ['CAS_WRITE_UNKNOWN', 'CasWriteUnknown'],
      ['SYNTAX_ERROR', 'SyntaxException'],
      ['UNAUTHORIZED', 'Unauthorized'],
      ['INVALID', 'InvalidRequest'],
      ['CONFIG_ERROR', 'ConfigurationException'],
      ['ALREADY_EXISTS', 'AlreadyExists'],
      ['UNPREPARED', 'UnpreparedError'],
      [0x7777, 'ServerError'],
    ] as const) {
      assert.equal((await ask(code)).constructor.name, name);
    }
    assert.throws(() => error('NO_SUCH' as 'INVALID'), /No server error is named/);
  });

  test('gives rows in the pages that the client asks for', async (t) => {
    const { node, client } = await startBoth(t);
    node.on(/numbers/, rows({ length: 5, row: (i) => ({ n: i }) }));
    const pages: number[][] = [];
    let pagingState: Buffer | null = null;
    do {
      const { header, cells } = rowsOf(await client.query('SELECT n FROM numbers', { pageSize: 2, pagingState }));
      pages.push(cells.map((row) => row[0]?.readInt32BE() ?? NaN));
      ({ pagingState } = header);
    } while (pagingState !== null);
    assert.deepEqual(pages, [[0, 1], [2, 3], [4]]);
    node.on(/empty/, rows([], { columns: { n: 'int' }, pagingState: 'more' }));
    const { header } = rowsOf(await client.query('SELECT empty'));
    assert.equal(header.rowCount, 0);
    assert.equal(header.pagingState?.toString(), 'more');
  });

  test('tells changed columns by METADATA_CHANGED and leaves known ones out', async (t) => {
    const { node, client } = await startBoth(t);
    const query = 'SELECT * FROM ks.t WHERE id = ?';
    node.prepared(query, {
      parameters: [{ name: 'id', type: 'int' }],
      columns: [{ name: 'a', type: 'text' }],
      partitionKeyIndexes: [0],
    });
    node.on({ statement: query }, rows([['x', 'y']]));
    const prepared = await client.prepare(query);
    assert.deepEqual(prepared.pkIndexes, [0]);
    const ask = async (resultMetadataId: Buffer, skipMetadata: boolean): Promise<number> =>
      rowsOf(await client.execute({ id: prepared.id, resultMetadataId }, [null], { skipMetadata })).flags;
    assert.equal(await ask(prepared.resultMetadataId, true), 0x05);
    assert.equal(await ask(prepared.resultMetadataId, false), 0x01);
    assert.equal(await ask(Buffer.alloc(0), true), 0x09);
    node.prepared(query, {
      columns: [
        { name: 'a', type: 'text' },
        { name: 'b', type: 'text' },
      ],
    });
    const changed = rowsOf(await client.execute(prepared, [null], { skipMetadata: true }));
    assert.deepEqual(
      changed.header.columns?.map((column) => column.name),
      ['a', 'b'],
    );
    assert.notDeepEqual(changed.header.newMetadataId, prepared.resultMetadataId);
  });

  test('warns, adds a payload, answers in pieces', async (t) => {
    const { node, client } = await startBoth(t);
    node.on(
      'QUERY',
      warn('careful', 'very')
        .payload({ k: Buffer.from('v') })
        .chunk(3)
        .rows([{ a: 'abc' }]),
    );
    const reply = await client.query('X');
    assert.deepEqual(reply.prefix.warnings, ['careful', 'very']);
    assert.deepEqual(reply.prefix.customPayload, { k: Buffer.from('v') });
    assert.deepEqual(textRowsOf(reply), [{ a: 'abc' }]);
  });

  test('holds and releases, so that replies come in another order', async (t) => {
    const { node, client } = await startBoth(t);
    node.on({ statement: 'first' }, hold());
    node.on({ statement: 'last' }, [voidResult(), release()]);
    const replies = ['first', 'second', 'last'].map((text) => client.query(text));
    await Promise.all(replies);
    assert.deepEqual(
      client.replies.slice(1).map((reply) => reply.streamId),
      [2, 1, 3],
    );
    assert.equal(node.release(), 0);
  });

  test('delays: a late reply still comes', async (t) => {
    const { node, client } = await startBoth(t);
    node.on({ statement: 'slow' }, delay(200).void());
    await Promise.all([client.query('slow'), client.query('fast')]);
    assert.deepEqual(
      client.replies.slice(1).map((reply) => reply.streamId),
      [2, 1],
    );
  });

  test('drops', async (t) => {
    const { node, client } = await startBoth(t);
    node.on({ statement: 'lost', times: 1 }, drop());
    void client.query('lost');
    await client.query('found');
    await client.query('lost');
    assert.equal(client.replies.length, 3);
  });

  test('closes connections, with an answer before and without', async (t) => {
    const { node, client } = await startBoth(t);
    node.on({ statement: 'bye' }, reactions.void().closeConnection());
    await client.query('bye');
    await client.closed;
    const second = await RawClient.start(node);
    node.on({ statement: 'cut' }, closeConnection({ reset: true }));
    void second.query('cut');
    await second.closed;
    assert.equal(second.replies.length, 1);
  });

  test('resets a connection that is just about to end: nothing of it is left', { timeout: 10_000 }, async (t) => {
    const { node, client } = await startBoth(t);
    const [connection] = node.connections;
    connection?.close();
    // By now its end is under way.
    await new Promise(setImmediate);
    connection?.destroy({ reset: true });
    await client.closed;
    while (node.connections.length > 0) await new Promise(setImmediate);
  });

  test('sends a segment with a wrong CRC', async (t) => {
    const { node, client } = await startBoth(t);
    node.on('QUERY', corruptCrc().void());
    void client.query('X');
    await client.closed;
    assert.match(String(client.failure), /payload CRC/);
  });

  test('may be a function, even one that fails', async (t) => {
    const { node, client } = await startBoth(t);
    node.on('QUERY', (request) => (request.query === 'X' ? error('INVALID', { message: 'no' }) : undefined));
    assert.ok(errorOf(await client.query('X')) instanceof InvalidRequest);
    assert.equal(kindOf(await client.query('Y')), ResultKind.VOID);
    node.on('QUERY', () => {
      throw new Error('oops');
    });
    assert.match(errorOf(await client.query('Y')).message, /oops/);
  });

  test('answers on another stream', async (t) => {
    const { node, client } = await startBoth(t);
    node.on({ statement: 'X' }, reactions.onStream(77).void());
    void client.query('X');
    await client.query('Y');
    assert.ok(client.replies.some((reply) => reply.streamId === 77));
  });
});

describe('a fake node', () => {
  test('pushes events to those who registered for them', async (t) => {
    const { node, client } = await startBoth(t);
    assert.match(errorOf(await client.register('NOPE')).message, /Invalid value 'NOPE' for Type/);
    await client.register('STATUS_CHANGE', 'SCHEMA_CHANGE');
    assert.equal(node.pushStatus('DOWN', { address: '127.0.0.3', port: 9042 }), 1);
    assert.equal(node.pushTopology('NEW_NODE', { address: '127.0.0.3', port: 9042 }), 0);
    node.pushSchema({ change: 'CREATED', target: 'FUNCTION', keyspace: 'ks', name: 'f', arguments: ['int'] });
    await client.query('X');
    assert.ok(client.events.every((event) => event.streamId === -1));
    assert.deepEqual(
      client.events.map((event) => readEvent(event.reader)),
      [
        { type: 'STATUS_CHANGE', change: 'DOWN', address: '127.0.0.3', port: 9042 },
        { type: 'SCHEMA_CHANGE', change: 'CREATED', target: 'FUNCTION', keyspace: 'ks', name: 'f', arguments: ['int'] },
      ],
    );
  });

  test('counts what it sees, and lets a test wait for it', async (t) => {
    const { node, client } = await startBoth(t);
    const third = node.waitFor('QUERY', 3);
    for (const text of ['a', 'b', 'c']) void client.query(text, { timestamp: 7n });
    assert.equal((await third).query, 'c');
    assert.equal((await node.waitFor({ query: 'b' })).timestamp, 7n);
    assert.equal(node.counts.connections, 1);
    assert.deepEqual({ ...node.counts.opcodes }, { STARTUP: 1, QUERY: 3 });
    assert.equal(node.counts.requests, 4);
  });

  test('half-open accepts and never answers, until it resumes', async (t) => {
    const node = await startNode(t, { halfOpen: true });
    const client = await RawClient.open(node);
    const ready = client.startup();
    const healthy = await FakeNode.start();
    t.after(() => healthy.close());
    await RawClient.start(healthy);
    assert.equal(client.replies.length, 0);
    assert.equal(node.counts.requests, 0);
    node.resume();
    assert.equal((await ready).opcode, Opcode.READY);
  });

  test('closes at once whoever connects, if told so', async (t) => {
    const node = await startNode(t);
    node.closeOnConnect = true;
    const client = await RawClient.open(node);
    await client.closed;
    assert.equal(node.counts.connections, 1);
  });

  test('dies and comes back on the same port, with nothing prepared', async (t) => {
    const { node, client } = await startBoth(t);
    const { port } = node;
    const prepared = await client.prepare('SELECT a FROM ks.t');
    await node.stop();
    await client.closed;
    await assert.rejects(RawClient.open(node));
    await node.restart();
    assert.equal(node.port, port);
    const again = await RawClient.start(node);
    assert.ok(errorOf(await again.execute(prepared)) instanceof UnpreparedError);
  });

  test('answers a corrupt segment with a PROTOCOL_ERROR on stream 0 and closes', async (t) => {
    const { client } = await startBoth(t);
    client.raw(Buffer.from('090002a4c8c1050000010500000000b5557487', 'hex'));
    await client.closed;
    const last = client.replies.at(-1);
    assert.ok(last !== undefined);
    assert.equal(last.streamId, 0);
    assert.match(errorOf(last).message, /CRC mismatch/);
  });

  test('closes twice, and disposes', async () => {
    let address: FakeNode;
    {
      await using node = await FakeNode.start();
      address = node;
      await node.close();
    }
    await assert.rejects(RawClient.open(address));
  });
});

test('mistyped matches, options and reactions are refused with the right name', async () => {
  await using node = await FakeNode.start();
  const wrong =
    (match: unknown): (() => unknown) =>
    () =>
      node.on(match as object, reactions.void());
  assert.throws(wrong({ opcod: 'BATCH' }), /ConfigurationError: .*unknown option opcod: did you mean opcode/);
  assert.throws(wrong(5), /ConfigurationError: .*must be an object; got 5/);
  assert.throws(() => node.on('x', 5 as never), /ConfigurationError: A reaction is .*; got 5/);
  assert.throws(() => node.waitFor({ statment: 'x' } as object), /did you mean statement/);
  await assert.rejects(FakeNode.start({ halfOpne: true } as object), /ConfigurationError: .*did you mean halfOpen/);
  await assert.rejects(FakeCluster.start({ node: 1 } as object), /ConfigurationError: .*did you mean nodes/);
});
