import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { test } from 'node:test';
import {
  AsyncCassandraError,
  AsyncCluster,
  NoHostAvailable,
  PlainTextAuthProvider,
  type AsyncClusterOptions,
} from '../../src/index.js';
import { error, FakeNode, type FakeNodeOptions } from '../../src/testing/index.js';
import { failure, QUICK } from './support.js';

/** The page that quotes what a newcomer's mistakes are answered with. */
const PAGE = new URL('../../docs/getting-started.md', import.meta.url);

/** An error as the page shows it: name, text, and the address that everybody has at first. */
function shown(reason: Error, address: string): string {
  assert.ok(reason instanceof AsyncCassandraError, reason.stack);
  return `${reason.name}: ${reason.message}`.replaceAll(address, '127.0.0.1:9042');
}

async function connecting(address: string, options: AsyncClusterOptions = {}, keyspace?: string): Promise<string> {
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [address], ...options });
  return shown(await failure(cluster.connect(keyspace)), address);
}

async function toNode(node: FakeNodeOptions, options: AsyncClusterOptions = {}, keyspace?: string): Promise<string> {
  await using server = await FakeNode.start(node);
  server.on(/^USE "shop"/, error('INVALID', { message: "Keyspace 'shop' does not exist" }));
  return await connecting(server.contactPoint, options, keyspace);
}

async function toServer(server: Server, options: AsyncClusterOptions = {}): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await connecting(`127.0.0.1:${String((server.address() as AddressInfo).port)}`, options);
  } finally {
    server.close();
  }
}

async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return await connecting(`127.0.0.1:${String(port)}`);
}

const auth = { username: 'app', password: 'right' };

test('what a newcomer does wrong is answered with what to do, in the words that the first page quotes', async (t) => {
  const page = (await readFile(PAGE, 'utf8')).replaceAll(/\s+/g, ' ');
  const mistakes: Record<string, [Promise<string>, RegExp]> = {
    'no server': [nobody(), /ECONNREFUSED .*does Cassandra run there/],
    'another server on that port': [
      toServer(createHttpServer((_, answer) => answer.end('hello'))),
      /is this not Cassandra's CQL port/,
    ],
    'a port that closes at once': [
      toServer(createServer((socket) => socket.once('data', () => socket.destroy()))),
      /want TLS, .*CQL port/,
    ],
    'a port that says nothing': [toServer(createServer(), { connectTimeoutMs: 500 }), /500 ms .*nothing answers/],
    'no credentials': [toNode({ auth }), /createWithAuth/],
    'wrong password': [
      toNode({ auth }, { authProvider: new PlainTextAuthProvider('app', 'wrong') }),
      /AuthenticationFailed/,
    ],
    'wrong datacenter': [
      toNode({ datacenter: 'dc1' }, { localDatacenter: 'DC1' }),
      /localDatacenter 'DC1'.*datacenters are: dc1/,
    ],
    'missing keyspace': [toNode({}, {}, 'shop'), /CREATE KEYSPACE/],
    'a server before 4.0': [toNode({ protocolVersions: [3, 4] }), /upgrade your Cassandra cluster/],
  };
  for (const [mistake, [answer, advice]] of Object.entries(mistakes)) {
    await t.test(mistake, async () => {
      const text = (await answer).replace(' 500 ms', ' 5000 ms');
      assert.match(text.replace(' 5000', ' 500'), advice);
      if (mistake !== 'wrong password')
        assert.ok(page.includes(text), `docs/getting-started.md does not quote: ${text}`);
    });
  }
});

test('a name that nobody knows is answered with where to look', async () => {
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: ['no-such-host.invalid'] });
  const reason = await failure(cluster.connect());
  assert.ok(reason instanceof NoHostAvailable);
  assert.match(reason.message, /Cannot resolve no-such-host\.invalid: .*is the name in contactPoints right/);
});
