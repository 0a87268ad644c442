import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LocalCassandra } from '../../../src/embedded/cluster.js';
import { resolveOptions, type EmbeddedOptions } from '../../../src/embedded/options.js';

const FAKE_JAVA = fileURLToPath(new URL('fake-java.fixture.mjs', import.meta.url));
const ENOUGH = new Error('enough');
/** Several nodes need an address each. */
const options = { timeout: 60_000, skip: process.platform !== 'linux' };

let around: string;
let directory: string;

beforeEach(() => {
  around = mkdtempSync(path.join(os.tmpdir(), 'kept-nodes-'));
  directory = path.join(around, 'kept');
});

afterEach(() => {
  rmSync(around, { recursive: true });
});

/** Starts a cluster of nodes that are no Cassandra; the one in the folder `hanging` never answers. */
function start(options: EmbeddedOptions, hanging = 'none'): Promise<LocalCassandra> {
  const java = path.join(around, 'java');
  writeFileSync(java, `#!/bin/sh\nexec '${process.execPath}' '${FAKE_JAVA}' ${hanging}\n`);
  chmodSync(java, 0o755);
  const resolved = resolveOptions({ directory, ...options });
  return LocalCassandra.start(resolved, { version: '5.0.9', jars: [] }, { java, release: 17 });
}

/** What the node was told: whether it streams its share of the data, and whom it asks for the ring. */
function told(db: LocalCassandra, node: number): { streams: boolean; asksItself: boolean } {
  const yaml = readFileSync(path.join(directory, `node${String(node)}`, 'conf', 'cassandra.yaml'), 'utf8');
  const seeds = /"seeds": "([^"]*)"/.exec(yaml)?.[1]?.split(',') ?? [];
  return {
    streams: /^auto_bootstrap: true$/m.test(yaml),
    asksItself: seeds.includes(db.contactPoints[node - 1] ?? ''),
  };
}

/** Until the node that hangs has made its data folder. */
async function begun(node: number): Promise<void> {
  const log = path.join(directory, `node${String(node)}`, 'system.log');
  while (!existsSync(log) || !readFileSync(log, 'utf8').includes('begun')) await sleep(10);
}

async function startGivenUp(nodes: number): Promise<void> {
  const controller = new AbortController();
  const rejected = assert.rejects(start({ nodes, signal: controller.signal }, `node${String(nodes)}`), ENOUGH);
  await begun(nodes);
  controller.abort(ENOUGH);
  await rejected;
}

test('a first start that was given up leaves no node that counts as one that was there', options, async () => {
  await startGivenUp(2);
  assert.ok(existsSync(path.join(directory, 'node2', 'data')));
  const second = await start({ nodes: 2 });
  assert.deepEqual(told(second, 1), { streams: true, asksItself: true });
  assert.deepEqual(told(second, 2), { streams: true, asksItself: false });
  await second.stop();
  const third = await start({ nodes: 2 });
  assert.deepEqual(told(third, 2), { streams: true, asksItself: true });
  await third.stop();
});

test('when not even the first node got ready, the next start is a first one', options, async () => {
  await startGivenUp(1);
  const db = await start({ nodes: 2 });
  assert.deepEqual(told(db, 1), { streams: false, asksItself: true });
  assert.deepEqual(told(db, 2), { streams: false, asksItself: false });
  await db.stop();
});

test('a node that a kept directory did not have streams its share, as one that is added does', options, async () => {
  await (await start({ nodes: 1 })).stop();
  const db = await start({ nodes: 2 });
  assert.deepEqual(told(db, 2), { streams: true, asksItself: false });
  await db.addNode();
  assert.deepEqual(told(db, 3), { streams: true, asksItself: false });
  await db.stop();
});

test('a node whose joining was given up streams its share at the next attempt', options, async () => {
  const db = await start({ nodes: 1 }, 'node2');
  const controller = new AbortController();
  const refused = assert.rejects(db.addNode({ signal: controller.signal }), ENOUGH);
  await begun(2);
  controller.abort(ENOUGH);
  await refused;
  writeFileSync(path.join(around, 'java'), `#!/bin/sh\nexec '${process.execPath}' '${FAKE_JAVA}'\n`);
  await db.addNode();
  assert.deepEqual(told(db, 2), { streams: true, asksItself: false });
  await db.stop();
});

test(
  'nodes of a kept directory have the addresses of the last start, by which they know each other',
  options,
  async () => {
    const first = await start({ nodes: 2 });
    const { contactPoints, port } = first;
    await first.stop();
    const second = await start({ nodes: 2 });
    assert.deepEqual(second.contactPoints, contactPoints);
    assert.equal(second.port, port);
    await second.stop();
    const third = await start({ nodes: 2, port: 19_042 });
    assert.deepEqual([third.contactPoints, third.port], [contactPoints, 19_042]);
    await third.stop();
  },
);

test('a kept directory whose addresses are taken, or cannot be read, gets others', options, async () => {
  const first = await start({ nodes: 1 });
  const [address = ''] = first.contactPoints;
  await first.stop();
  await using server = net.createServer().listen(first.port, address);
  await once(server, 'listening');
  const second = await start({ nodes: 1 });
  assert.notEqual(second.contactPoints[0], address);
  await second.stop();
  for (const text of ['', '{', 'null', '{"block":"10.0.0","nativePort":1,"storagePort":2}', '{"block":"127.0.1"}']) {
    writeFileSync(path.join(directory, 'addresses'), text);
    await (await start({ nodes: 1 })).stop();
  }
});

/** A setting whose value runs `atWriting` while a node's files are written: after the checks, before there is a process. */
function whileFilesAreWritten(atWriting: () => void): NonNullable<EmbeddedOptions['yaml']> {
  return {
    get num_tokens() {
      atWriting();
      return 16;
    },
  };
}

test('a cluster that is stopped while a node joins has no node that starts behind its back', options, async () => {
  let atWriting = (): void => undefined;
  const db = await start({
    nodes: 1,
    yaml: whileFilesAreWritten(() => {
      atWriting();
    }),
  });
  let stopped: Promise<void> | undefined;
  atWriting = () => {
    stopped = db.stop();
  };
  await assert.rejects(db.addNode(), /stopped/);
  await stopped;
  assert.ok(!existsSync(path.join(directory, 'node2', 'system.log')), 'a process was started');
  assert.equal(db.nodes.length, 1);
});

for (const end of ['stop', 'kill'] as const) {
  test(`${end}() of a node that is about to start ends its start`, options, async () => {
    let atWriting = (): void => undefined;
    const db = await start({
      nodes: 1,
      yaml: whileFilesAreWritten(() => {
        atWriting();
      }),
    });
    const [node] = db.nodes;
    assert.ok(node);
    await node.kill();
    let ended: Promise<void> | undefined;
    atWriting = () => {
      ended = node[end]();
    };
    await assert.rejects(node.start(), /stopped while it started/);
    await ended;
    assert.equal(node.isRunning, false);
    atWriting = () => undefined;
    await node.start();
    assert.equal(node.isRunning, true);
    await db.stop();
  });
}

test('a node whose joining is cut off by stop() does not count as joined', options, async () => {
  const db = await start({ nodes: 1 }, 'node2');
  const refused = assert.rejects(db.addNode(), /stopped/);
  await begun(2);
  await db.stop();
  await refused;
  assert.equal(db.nodes.length, 1);
});

test('start() of a node that is being stopped starts it again', options, async () => {
  const db = await start({ nodes: 1 });
  const [node] = db.nodes;
  assert.ok(node);
  const { pid } = node;
  const stopped = node.stop();
  await node.start();
  await stopped;
  assert.ok(node.isRunning && node.pid !== pid);
  await db.stop();
});

test('a node that ended by itself and was started again tells each line of its log once', options, async () => {
  const heard: string[] = [];
  const db = await start({ nodes: 1, log: (line) => heard.push(line) });
  const [node] = db.nodes;
  assert.ok(node?.pid !== undefined);
  while (heard.length === 0) await sleep(10);
  process.kill(node.pid, 'SIGKILL');
  while (node.isRunning) await sleep(10);
  heard.length = 0;
  await node.start();
  await db.stop();
  assert.deepEqual(heard, ['begun']);
});

test("options of addNode() and of a node's start() are checked as those of startCassandra are", options, async () => {
  const db = await start({ nodes: 1 });
  const [node] = db.nodes;
  assert.ok(node);
  await node.kill();
  for (const [wrong, message] of [
    [{ datacentre: 'west' }, /^addNode: .*datacentre.*did you mean datacenter/],
    [{ datacenter: 'a b' }, /^addNode: datacenter must be/],
    ['west', /^addNode: the options must be an object; got 'west'/],
  ] as const) {
    await assert.rejects(db.addNode(wrong as object), { name: 'ConfigurationError', message });
  }
  for (const [wrong, message] of [
    [{ adress: '127.0.0.9' }, /^start: .*adress.*did you mean address/],
    [{ address: 'localhost' }, /^start: address must be/],
  ] as const) {
    await assert.rejects(node.start(wrong as object), { name: 'ConfigurationError', message });
  }
  await db.stop();
});
