import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AsyncCluster, ConfigurationError, type Host, type SchemaChangedEvent } from '../../../src/index.js';
import { sharedNode } from '../../support/nodes.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;

before(async () => {
  space = await openWorkspace('it_schema');
});
after(() => space.close());

/** Events come when they come: this waits for one, as long as the runner's own patience lasts. */
function waitFor(cluster: AsyncCluster, wanted: (event: SchemaChangedEvent) => boolean): Promise<SchemaChangedEvent> {
  return new Promise((resolve) => {
    const listener = (event: SchemaChangedEvent): void => {
      if (!wanted(event)) return;
      cluster.off('schemaChanged', listener);
      resolve(event);
    };
    cluster.on('schemaChanged', listener);
  });
}

test('schemaChanged tells of tables, types and keyspaces', { timeout: 300_000 }, async () => {
  const { cluster, session, keyspace } = space;
  const created = waitFor(cluster, (event) => event.change === 'CREATED' && event.name === 'watched');
  const updated = waitFor(cluster, (event) => event.change === 'UPDATED' && event.name === 'watched');
  const dropped = waitFor(cluster, (event) => event.change === 'DROPPED' && event.name === 'watched');
  const type = waitFor(cluster, (event) => event.target === 'TYPE');
  await session.execute('CREATE TABLE watched (id int PRIMARY KEY)');
  await session.execute('ALTER TABLE watched ADD v text');
  await session.execute('DROP TABLE watched');
  await session.execute('CREATE TYPE sort_of (a int)');
  const table = { target: 'TABLE', keyspace, name: 'watched' };
  assert.deepEqual(await created, { change: 'CREATED', ...table });
  assert.deepEqual(await updated, { change: 'UPDATED', ...table });
  assert.deepEqual(await dropped, { change: 'DROPPED', ...table });
  assert.deepEqual(await type, { change: 'CREATED', target: 'TYPE', keyspace, name: 'sort_of' });
  const other = waitFor(cluster, (event) => event.target === 'KEYSPACE' && event.keyspace === 'it_schema_other');
  await session.execute(
    "CREATE KEYSPACE it_schema_other WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
  );
  assert.deepEqual(await other, { change: 'CREATED', target: 'KEYSPACE', keyspace: 'it_schema_other' });
  await session.execute('DROP KEYSPACE it_schema_other');
});

test('a schema change tells whether all nodes know of it', async () => {
  const result = await space.session.execute('CREATE TABLE agreed (id int PRIMARY KEY)');
  assert.equal(result.info.isSchemaInAgreement, true);
  assert.equal(result.length, 0);
  assert.equal(result.wasApplied, true);
  assert.equal(await space.cluster.metadata.checkSchemaAgreement(), true);
});

test('hostAdded at the start; listeners that throw do no harm', async () => {
  const cluster = new AsyncCluster(space.options);
  const seen: string[] = [];
  const note = (event: string) => (host: Host) => {
    seen.push(`${event} ${host.address}`);
  };
  cluster.on('hostAdded', () => {
    throw new Error('a listener that throws');
  });
  cluster.on('hostUp', note('up')).on('hostAdded', note('added')).on('hostDown', note('down'));
  const logged: string[] = [];
  cluster.on('log', (entry) => logged.push(entry.message));
  await cluster.connect();
  const [address] = sharedNode().contactPoints;
  assert.deepEqual(seen, [`added ${address ?? ''}`]);
  assert.ok(logged.some((message) => message.includes("listener of 'hostAdded'")));
  await cluster.shutdown();
  assert.equal(seen.length, 1);
});

test('an event that does not exist is a ConfigurationError', () => {
  assert.throws(() => space.cluster.on('hostUpp' as 'hostUp', () => undefined), ConfigurationError);
});

test('metadata: cluster name, hosts, tokens, replicas', () => {
  const { metadata } = space.cluster;
  const { contactPoints, port, localDatacenter } = sharedNode();
  assert.notEqual(metadata.clusterName, '');
  assert.equal(metadata.hosts.length, 1);
  const [host] = metadata.hosts;
  assert.ok(host !== undefined);
  assert.equal(host.address, contactPoints[0]);
  assert.equal(host.port, port);
  assert.equal(host.datacenter, localDatacenter);
  assert.match(host.rack, /./);
  assert.match(host.id, /^[0-9a-f-]{36}$/);
  assert.match(host.releaseVersion, /^\d+\.\d+/);
  assert.equal(host.isUp, true);
  assert.ok(host.tokens.length > 0);
  for (const token of host.tokens) assert.equal(typeof token, 'bigint');
  assert.equal(metadata.getHost(host.address), host);
  assert.equal(metadata.getHost(`${host.address}:${String(host.port)}`), host);
  assert.deepEqual([...metadata.getReplicas(space.keyspace, Buffer.from([0, 0, 0, 1]))], [host]);
});

class Address {
  street = '';
  zip = 0;

  label(): string {
    return `${this.street} ${String(this.zip)}`;
  }
}

test('registerUserType: rows give instances, instances bind; before and after connect', async () => {
  await space.session.execute('CREATE TYPE address (street text, zip int)');
  await space.session.execute(
    'CREATE TABLE people (id int PRIMARY KEY, home frozen<address>, former list<frozen<address>>, loose address)',
  );
  const insert = 'INSERT INTO people (id, home, former, loose) VALUES (?, ?, ?, ?)';
  const before = new AsyncCluster(space.options);
  before.registerUserType(space.keyspace, 'address', Address);
  const session = await before.connect(space.keyspace);
  const home = Object.assign(new Address(), { street: 'Elm', zip: 7 });
  await session.execute(insert, [1, home, [home, { street: 'plain' }], home]);
  const row = (
    await session.execute<Record<string, Address>>('SELECT home, loose FROM people WHERE id = ?', [1])
  ).one();
  assert.ok(row?.['home'] instanceof Address);
  assert.equal(row['home'].label(), 'Elm 7');
  assert.ok(row['loose'] instanceof Address);
  const list = (await session.execute<{ former: Address[] }>('SELECT former FROM people')).one();
  assert.ok(list?.former[1] instanceof Address);
  assert.deepEqual(Object.entries(list.former[1]).sort(), [
    ['street', 'plain'],
    ['zip', null],
  ]);
  await before.shutdown();

  const plain = (await space.session.execute('SELECT home FROM people WHERE id = ?', [1])).one();
  assert.deepEqual(plain, { home: { street: 'Elm', zip: 7 } });
  assert.ok(!(plain.home instanceof Address));
  space.cluster.registerUserType(space.keyspace, 'address', Address);
  const after = (await space.session.execute('SELECT home FROM people WHERE id = ?', [1])).one();
  assert.ok(after?.['home'] instanceof Address);
});
