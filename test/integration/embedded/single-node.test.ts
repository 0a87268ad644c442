import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { startCassandra, type CassandraNode } from '../../../src/embedded/index.js';
import { ConnectionError } from '../../../src/errors.js';

function only(nodes: readonly CassandraNode[]): CassandraNode {
  const [node] = nodes;
  assert.ok(node);
  return node;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The first bytes of the answer to OPTIONS, or 'silence' or 'refused'. */
function askOptions(address: string, port: number, patienceMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, address);
    socket.on('error', () => {
      resolve('refused');
    });
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.subarray(0, 5).toString('hex'));
    });
    socket.setTimeout(patienceMs, () => {
      socket.destroy();
      resolve('silence');
    });
    socket.write(Buffer.from('050000000500000000', 'hex'));
  });
}

const SUPPORTED = '8500000006';

test(
  'a node starts, answers, keeps its data over kill and stop, freezes and goes on',
  { timeout: 900_000 },
  async () => {
    const heard: string[] = [];
    await using db = await startCassandra({ log: (line) => heard.push(line) });
    const node = only(db.nodes);
    const firstPid = node.pid;
    assert.ok(firstPid !== undefined && isAlive(firstPid));
    assert.match(node.address, /^127\./);
    assert.deepEqual(db.contactPoints, [node.address]);
    assert.equal(db.localDatacenter, 'dc1');
    assert.equal(db.tls, undefined);
    assert.equal(await askOptions(node.address, db.port, 5000), SUPPORTED);
    const session = await db.connect();
    await session.execute("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await session.execute('CREATE TABLE k.t (id int PRIMARY KEY, v text)');
    await session.execute('INSERT INTO k.t (id, v) VALUES (?, ?)', [1, 'kept']);
    await session.close();
    // The node's commit log marks what can be replayed a few times a second; a kill loses what came after the last mark.
    await sleep(1000);

    await node.pause();
    assert.equal(await askOptions(node.address, db.port, 1000), 'silence');
    await node.resume();
    assert.equal(await askOptions(node.address, db.port, 5000), SUPPORTED);

    await node.kill();
    assert.equal(node.pid, undefined);
    assert.ok(!isAlive(firstPid));
    assert.equal(await askOptions(node.address, db.port, 500), 'refused');
    await node.start();
    assert.notEqual(node.pid, firstPid);

    await node.pause();
    await node.stop();
    assert.equal(await askOptions(node.address, db.port, 500), 'refused');
    const moved = node.address.replace(/\.\d+$/, '.77');
    await node.start({ address: moved });
    assert.equal(node.address, moved);
    assert.deepEqual(db.contactPoints, [moved]);
    const again = await db.connect('k');
    assert.deepEqual((await again.execute('SELECT v FROM t WHERE id = 1')).rows, [{ v: 'kept' }]);
    assert.ok(heard.some((line) => line.includes('Starting listening for CQL clients')));

    const lastPid = only(db.nodes).pid;
    assert.ok(lastPid !== undefined);
    await Promise.all([db.stop(), db.stop()]);
    assert.ok(!isAlive(lastPid));
    assert.ok(again.isClosed || again.cluster.isClosed);
    assert.ok(db.directory !== undefined && !existsSync(db.directory));
    await assert.rejects(db.connect(), /stopped/);
    await assert.rejects(node.start(), /stopped/);
  },
);

test(
  'a start that fails tells the end of the log, leaves it there and leaves no process',
  { timeout: 360_000 },
  async () => {
    const begun = Date.now();
    await assert.rejects(startCassandra({ yaml: { no_such_setting: 1 } }), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, /ended before it was ready/);
      assert.match(error.message, /no_such_setting/);
      const file = /Its log is (.*), the last lines/.exec(error.message)?.[1] ?? '';
      assert.match(readFileSync(file, 'utf8'), /no_such_setting/);
      rmSync(path.dirname(path.dirname(file)), { recursive: true });
      return true;
    });
    assert.ok(Date.now() - begun < 60_000);
  },
);

test('an aborted start rejects with the reason and leaves no process', { timeout: 360_000 }, async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'aborted-'));
  try {
    const controller = new AbortController();
    const starting = startCassandra({ directory, signal: controller.signal });
    starting.catch(() => undefined);
    const log = path.join(directory, 'node1', 'system.log');
    while (!existsSync(log) || readFileSync(log).length === 0) await sleep(20);
    controller.abort(new Error('changed my mind'));
    await assert.rejects(starting, /changed my mind/);
    // A JVM that lived on would go on writing.
    const size = readFileSync(log).length;
    await sleep(300);
    assert.equal(readFileSync(log).length, size);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a directory is kept, and a later start finds its data', { timeout: 540_000 }, async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'kept-'));
  try {
    const first = await startCassandra({ directory, auth: true });
    const session = await first.connect();
    await session.execute("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await assert.rejects(startCassandra({ directory }), {
      name: 'ConfigurationError',
      message: new RegExp(`${directory} is in use by process ${String(process.pid)}`),
    });
    await first.stop();
    assert.ok(existsSync(path.join(directory, 'node1', 'system.log')));
    await using second = await startCassandra({ directory, auth: true });
    await second.connect('k');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
