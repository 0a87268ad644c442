import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SchemaShelf } from '../../../src/cluster/schema-shelf.js';

/** Puts values on a shelf and tells which have to be read again. */
function reader(shelf: SchemaShelf<number>): (name: string, value?: number) => Promise<boolean> {
  return async (name, value = 1) => {
    let isRead = false;
    await shelf.get('ks', name, async () => {
      isRead = true;
      return value;
    });
    return isRead;
  };
}

test('past its bound the least recently used goes', async () => {
  const shelf = new SchemaShelf<number>(3);
  const reads = reader(shelf);
  for (const name of ['a', 'b', 'c']) assert.equal(await reads(name), true);
  assert.equal(await reads('a'), false);
  await reads('d');
  assert.equal(shelf.size, 3);
  assert.equal(await reads('a'), false);
  assert.equal(await reads('c'), false);
  assert.equal(await reads('b'), true);
});

test('the bound counts weights, and what is heavier than it is not kept', async () => {
  const shelf = new SchemaShelf<number>(10, (value) => value);
  const reads = reader(shelf);
  await reads('a', 4);
  await reads('b', 4);
  await reads('c', 6);
  assert.equal(await reads('a', 4), true);
  assert.equal(await reads('c', 6), false);
  assert.equal(await reads('huge', 11), true);
  assert.equal(await reads('huge', 11), true);
  assert.equal(await reads('c', 6), false);
  // What weighs nothing counts as one, or it could never go.
  for (let i = 0; i < 30; i++) await reads(`empty${i}`, 0);
  assert.equal(shelf.size, 10);
});

test('dropping gives the weight back', async () => {
  const shelf = new SchemaShelf<number>(10, (value) => value);
  const reads = reader(shelf);
  for (let i = 0; i < 5; i++) {
    await reads('a', 10);
    shelf.drop('ks', 'a');
    shelf.drop('ks', 'a');
  }
  await reads('a', 5);
  await reads('b', 5);
  assert.equal(shelf.size, 2);
  shelf.dropKeyspace('other');
  assert.equal(shelf.size, 2);
  shelf.dropKeyspace('ks');
  assert.equal(shelf.size, 0);
  await reads('a', 10);
  shelf.clear();
  await reads('a', 10);
  assert.equal(await reads('a', 10), false);
});

test('names of keyspaces and things do not run into each other', async () => {
  const shelf = new SchemaShelf<string>(10);
  const get = (keyspace: string, name: string): Promise<string | null> =>
    shelf.get(keyspace, name, async () => `${keyspace}/${name}`);
  await get('a,b', 'c');
  assert.equal(await get('a', 'b,c'), 'a/b,c');
  assert.equal(await get('a","b', 'c'), 'a","b/c');
});

test('peek tells only of what was read to its end', async () => {
  const shelf = new SchemaShelf<string>(10);
  let finish: (value: string) => void = () => undefined;
  const reading = shelf.get('ks', 'a', () => new Promise((resolve) => (finish = resolve)));
  assert.equal(shelf.peek('ks', 'a'), undefined);
  assert.equal(shelf.peek('ks', 'b'), undefined);
  await Promise.resolve();
  finish('value');
  await reading;
  assert.equal(await shelf.peek('ks', 'a'), 'value');
});

test('a read that throws at once fails its caller, and nobody else', async () => {
  const shelf = new SchemaShelf<string>(10);
  const broken = shelf.get('ks', 'a', () => {
    throw new Error('broken');
  });
  await assert.rejects(broken, /broken/);
  assert.equal(shelf.size, 0);
  assert.equal(await shelf.get('ks', 'a', async () => 'whole'), 'whole');
});
