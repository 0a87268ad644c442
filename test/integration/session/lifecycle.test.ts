import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import {
  AsyncCluster,
  BatchStatement,
  ConfigurationError,
  ConnectionError,
  ConstantReconnectionPolicy,
  NoHostAvailable,
  OperationTimedOut,
  type AsyncCassandraSession,
} from '../../../src/index.js';
import { sharedNode } from '../../support/nodes.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { OwnTime } from '../../support/own-time.js';

let space: Workspace;

before(async () => {
  space = await openWorkspace('it_lifecycle');
  await space.session.execute('CREATE TABLE t (id int PRIMARY KEY, v text)');
});
after(() => space.close());

function saying(text: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.message, text);
    return true;
  };
}

async function everyCallFails(session: AsyncCassandraSession, text: string): Promise<void> {
  await assert.rejects(session.execute('SELECT * FROM t'), saying(text));
  await assert.rejects(session.execute('SELECT * FROM t WHERE id = ?', [1]), saying(text));
  await assert.rejects(session.executeBatch(new BatchStatement().add('DELETE FROM t WHERE id = 1')), saying(text));
  await assert.rejects(session.executeStream('SELECT * FROM t'), saying(text));
  await assert.rejects(session.executeConcurrent('SELECT * FROM t WHERE id = ?', [[1]]), saying(text));
  await assert.rejects(session.prepare('SELECT * FROM t'), saying(text));
  await assert.rejects(session.setKeyspace('system'), saying(text));
  await assert.rejects(session.cql`SELECT * FROM t`, saying(text));
}

test('a closed session says so; others of its cluster go on', async () => {
  const [one, two] = await Promise.all([space.cluster.connect(space.keyspace), space.cluster.connect(space.keyspace)]);
  await one.close();
  await one.close();
  assert.equal(one.isClosed, true);
  assert.equal(two.isClosed, false);
  await everyCallFails(one, 'Session is closed');
  assert.equal((await two.execute('SELECT * FROM t')).length, 0);
  await two.close();
});

test('a closed cluster says so, and closes its sessions', async () => {
  const cluster = new AsyncCluster(space.options);
  const session = await cluster.connect(space.keyspace);
  assert.equal(cluster.isClosed, false);
  await cluster.shutdown();
  assert.equal(cluster.isClosed, true);
  assert.equal(session.isClosed, true);
  await everyCallFails(session, 'Cluster is closed');
  await assert.rejects(cluster.connect(), saying('Cluster is closed'));
  await cluster.shutdown();
  await cluster.close();
  await session.close();
});

test('a cluster that never connected can be shut down', async () => {
  const cluster = new AsyncCluster(space.options);
  await cluster.shutdown();
  await assert.rejects(cluster.connect(), saying('Cluster is closed'));
});

test('await using closes session and cluster', async () => {
  let cluster: AsyncCluster;
  let session: AsyncCassandraSession;
  {
    await using ownCluster = new AsyncCluster(space.options);
    await using ownSession = await ownCluster.connect(space.keyspace);
    cluster = ownCluster;
    session = ownSession;
    assert.equal((await session.execute('SELECT * FROM t')).length, 0);
  }
  assert.ok(cluster.isClosed);
  assert.ok(session.isClosed);
});

test('what is under way when the session closes still finishes', async () => {
  const session = await space.cluster.connect(space.keyspace);
  const running = Array.from({ length: 100 }, (_, id) => session.execute('INSERT INTO t (id) VALUES (?)', [id]));
  await session.close();
  await Promise.all(running);
});

test('what is under way at shutdown finishes; nothing new is taken', async () => {
  const cluster = new AsyncCluster(space.options);
  const session = await cluster.connect(space.keyspace);
  await session.prepare('SELECT id FROM t WHERE id = ?');
  const running = Array.from({ length: 500 }, (_, id) => session.execute('SELECT id FROM t WHERE id = ?', [id]));
  const over = cluster.shutdown();
  await assert.rejects(session.execute('SELECT * FROM t'), saying('Cluster is closed'));
  await Promise.all(running);
  await over;
});

test('closing is not 5 s a session and 5 s a cluster: an idle one takes no drain time', async () => {
  const cluster = new AsyncCluster(space.options);
  const session = await cluster.connect(space.keyspace);
  await session.execute('SELECT * FROM t');
  const time = new OwnTime();
  await session.close();
  await cluster.shutdown({ drainTimeoutMs: 60_000 });
  const took = time.stop();
  assert.ok(took < 2000, `${String(took)} ms`);
});

interface Proxy {
  readonly port: number;
  /** How many connections there were. */
  readonly opened: () => number;
  /** Cuts every connection and listens no longer. */
  readonly close: () => Promise<void>;
}

/** Stands between client and node. */
async function proxyTo(listenAt = 0): Promise<Proxy> {
  const { contactPoints, port } = sharedNode();
  let opened = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    opened++;
    const far = net.connect(port, contactPoints[0]);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(listenAt, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    opened: () => opened,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('concurrent connects share one start-up', async () => {
  const proxy = await proxyTo();
  const { contactPoints, port } = sharedNode();
  const cluster = new AsyncCluster({
    contactPoints: ['127.0.0.1'],
    port: proxy.port,
    // The node tells its own address, which is not the proxy's.
    addressTranslator: {
      translate: (address) => {
        assert.deepEqual([address, port], [contactPoints[0], port]);
        return Promise.resolve({ address: '127.0.0.1', port: proxy.port });
      },
    },
  });
  const sessions = await Promise.all(Array.from({ length: 20 }, () => cluster.connect(space.keyspace)));
  // The control connection and the pool's one.
  assert.equal(proxy.opened(), 2);
  await Promise.all(sessions.map((session) => session.execute('SELECT * FROM t')));
  assert.equal(proxy.opened(), 2);
  await cluster.shutdown();
  await proxy.close();
});

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('nobody listens: NoHostAvailable at once, with the cause of each host', async () => {
  const port = await closedPort();
  const cluster = new AsyncCluster({ contactPoints: ['127.0.0.1', '127.0.0.2'], port });
  const time = new OwnTime();
  await assert.rejects(cluster.connect(), (error: unknown) => {
    assert.ok(error instanceof NoHostAvailable);
    assert.deepEqual([...error.errors.keys()].sort(), [`127.0.0.1:${String(port)}`, `127.0.0.2:${String(port)}`]);
    for (const cause of error.errors.values()) assert.match(cause.message, /ECONNREFUSED/);
    return true;
  });
  const took = time.stop();
  assert.ok(took < 2000, `${String(took)} ms`);
  await cluster.shutdown();
});

test('a name that cannot be resolved is among the causes', async () => {
  const cluster = new AsyncCluster({ contactPoints: ['no-such-host.invalid'] });
  await assert.rejects(cluster.connect(), (error: unknown) => {
    assert.ok(error instanceof NoHostAvailable);
    assert.match(error.message, /no-such-host\.invalid/);
    return true;
  });
  await cluster.shutdown();
});

test('a failed connect can be tried again, and then works', async () => {
  const port = await closedPort();
  const cluster = new AsyncCluster({ contactPoints: [`127.0.0.1:${String(port)}`] });
  await assert.rejects(cluster.connect(), NoHostAvailable);
  const proxy = await proxyTo(port);
  const session = await cluster.connect(space.keyspace);
  assert.equal((await session.execute('SELECT key FROM system.local')).length, 1);
  await cluster.shutdown();
  await proxy.close();
});

test(
  'hostDown when the node is gone, hostUp when it is back, and requests work again',
  { timeout: 300_000 },
  async () => {
    const proxy = await proxyTo();
    const cluster = new AsyncCluster({
      contactPoints: ['127.0.0.1'],
      port: proxy.port,
      reconnectionPolicy: new ConstantReconnectionPolicy(50),
      addressTranslator: { translate: () => Promise.resolve({ address: '127.0.0.1', port: proxy.port }) },
    });
    const session = await cluster.connect(space.keyspace);
    const [host] = cluster.metadata.hosts;
    const down = new Promise((resolve) => cluster.on('hostDown', resolve));
    const up = new Promise((resolve) => cluster.on('hostUp', resolve));
    await session.execute('INSERT INTO t (id, v) VALUES (?, ?)', [5000, 'before']);
    await proxy.close();
    assert.equal(await down, host);
    assert.equal(host?.isUp, false);
    await assert.rejects(session.execute('SELECT * FROM t'), NoHostAvailable);
    const again = await proxyTo(proxy.port);
    assert.equal(await up, host);
    assert.equal(host.isUp, true);
    assert.deepEqual((await session.execute('SELECT v FROM t WHERE id = ?', [5000])).rows, [{ v: 'before' }]);
    await cluster.shutdown();
    await again.close();
  },
);

test('a node that accepts and says nothing: connect ends with its time', async () => {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const silent = new AsyncCluster({ contactPoints: ['127.0.0.1'], port, connectTimeoutMs: 100 });
  await assert.rejects(silent.connect(), NoHostAvailable);
  await silent.shutdown();
  const patient = new AsyncCluster({ contactPoints: ['127.0.0.1'], port });
  await assert.rejects(patient.connect(undefined, { timeoutMs: 50 }), OperationTimedOut);
  await patient.shutdown();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('an unknown localDatacenter is a ConfigurationError that lists the known ones', async () => {
  const cluster = new AsyncCluster({ ...space.options, localDatacenter: 'nowhere' });
  await assert.rejects(cluster.connect(), (error: unknown) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, /nowhere/);
    assert.match(error.message, new RegExp(sharedNode().localDatacenter));
    return true;
  });
  await cluster.shutdown();
});

test('host names are contact points too', async () => {
  const { contactPoints, port } = sharedNode();
  await using cluster = new AsyncCluster({ contactPoints: [`${contactPoints[0] ?? ''}:${String(port)}`], port: 1 });
  const session = await cluster.connect();
  assert.equal((await session.execute('SELECT key FROM system.local')).length, 1);
});
