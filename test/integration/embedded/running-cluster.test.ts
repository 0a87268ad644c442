import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { startCassandra } from '../../../src/embedded/index.js';
import { ConnectionError } from '../../../src/errors.js';
import { sharedCassandra } from '../../support/cassandra.js';

const NAMES = ['CASSANDRA_CONTACT_POINTS', 'CASSANDRA_LOCAL_DC'] as const;
const before = NAMES.map((name) => process.env[name]);
afterEach(() => {
  for (const [index, name] of NAMES.entries()) {
    const value = before[index];
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});

test('CASSANDRA_CONTACT_POINTS: a handle on a running cluster, which stop() leaves running', async () => {
  const { contactPoints, port, localDatacenter } = await sharedCassandra();
  process.env['CASSANDRA_CONTACT_POINTS'] = contactPoints.map((host) => `${host}:${String(port)}`).join(',');
  const db = await startCassandra();
  assert.deepEqual(db.nodes, []);
  assert.deepEqual(db.contactPoints, contactPoints);
  assert.equal(db.port, port);
  assert.equal(db.localDatacenter, localDatacenter);
  const session = await db.connect();
  await db.stop();
  await assert.rejects(session.execute('SELECT key FROM system.local'), ConnectionError);
  await using again = await startCassandra();
  assert.equal((await (await again.connect()).execute('SELECT key FROM system.local')).length, 1);
  await assert.rejects(again.addNode(), /running one/);
});

test('CASSANDRA_LOCAL_DC goes before what the node says', async () => {
  const { contactPoints, port } = await sharedCassandra();
  process.env['CASSANDRA_CONTACT_POINTS'] = `${contactPoints.join(',')}:${String(port)}`;
  process.env['CASSANDRA_LOCAL_DC'] = 'elsewhere';
  await using db = await startCassandra();
  assert.equal(db.localDatacenter, 'elsewhere');
});

test('CASSANDRA_LOCAL_DC that is empty, as CI systems leave it, says nothing', async () => {
  const { contactPoints, port, localDatacenter } = await sharedCassandra();
  process.env['CASSANDRA_CONTACT_POINTS'] = `${contactPoints.join(',')}:${String(port)}`;
  process.env['CASSANDRA_LOCAL_DC'] = '';
  await using db = await startCassandra();
  assert.equal(db.localDatacenter, localDatacenter);
});

test('a cluster that does not answer is an error', async () => {
  process.env['CASSANDRA_CONTACT_POINTS'] = '127.0.0.1:1';
  await assert.rejects(startCassandra(), (error) => error instanceof ConnectionError && error.message.includes(':1'));
});
