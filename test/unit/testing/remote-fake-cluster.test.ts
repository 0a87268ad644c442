import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, ConfigurationError } from '../../../src/index.js';
import { RemoteFakeCluster } from '../../../src/testing/index.js';

const script = new URL('remote.script.ts', import.meta.url);

test('a cluster in another process: scripted there, used here', async () => {
  await using fake = await RemoteFakeCluster.start({ nodes: 3, script });
  assert.equal(fake.nodes.length, 3);
  assert.notEqual(await fake.run('pid'), process.pid);
  assert.equal(await fake.run('pid'), fake.pid);
  await fake.run('script', 'SELECT value FROM t', 7);
  await using cluster = new AsyncCluster({ contactPoints: fake.contactPoints, localDatacenter: fake.localDatacenter });
  const session = await cluster.connect();
  assert.deepEqual((await session.execute('SELECT value FROM t')).rows, [{ value: 7 }]);
  assert.equal(cluster.metadata.hosts.length, 3);
  assert.equal(cluster.metadata.hosts[0]?.port, fake.port);
  const requests = (await fake.run('requestsByNode')) as number[];
  assert.equal(requests.length, 3);
  assert.ok(requests.some((count) => count > 0));
});

test("the script's errors come back; so do its absence and its unfit results", async () => {
  await using fake = await RemoteFakeCluster.start({ nodes: 1, script });
  await assert.rejects(fake.run('fails'), { name: 'RangeError', message: 'as told' });
  await assert.rejects(fake.run('unheardOf'), /exports no function 'unheardOf'/);
  await assert.rejects(fake.run('unsendable'), /could not be cloned/);
});

test('the end of the process is told to whoever waits, and closing afterwards is fine', async () => {
  const fake = await RemoteFakeCluster.start({ nodes: 1, script });
  await assert.rejects(fake.run('dies'), /has ended \(code 3/);
  await assert.rejects(fake.run('pid'));
  await fake.close();
  await fake.close();
});

test('a script that cannot be loaded: the start fails, no process stays', async () => {
  await assert.rejects(
    RemoteFakeCluster.start({ nodes: 1, script: new URL('no-such-file.ts', import.meta.url) }),
    /no-such-file/,
  );
});

test('functions cannot go to another process', async () => {
  await assert.rejects(RemoteFakeCluster.start({ nodes: 1, peers: () => [] } as never), ConfigurationError);
});
