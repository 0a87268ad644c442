import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CodecRegistry } from '../../../src/protocol/codec/registry.js';
import type { ColumnSpec } from '../../../src/protocol/codec/cql-type.js';
import { PreparedQuery } from '../../../src/statement/prepared-query.js';
import { ResultShapes } from '../../../src/statement/result-shapes.js';
import { column } from '../protocol/codec/support.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const registry = new CodecRegistry();
const columns = (...names: string[]): ColumnSpec[] => names.map((name) => column(name, 'list<int>'));

test('results with the same id and columns share one shape and its row plans', () => {
  const shapes = new ResultShapes(registry);
  const one = shapes.of(Buffer.from('id'), columns('a', 'b'));
  const other = shapes.of(Buffer.from('id'), columns('a', 'b'));
  assert.equal(one, other);
  assert.equal(one.objects, other.objects);
  assert.equal(shapes.size, 1);
});

test('an id that stands for other columns, or another id, is another shape', () => {
  const shapes = new ResultShapes(registry);
  const one = shapes.of(Buffer.from('id'), columns('a', 'b'));
  assert.deepEqual(shapes.of(Buffer.from('id'), columns('a', 'c')).columns, columns('a', 'c'));
  assert.deepEqual(shapes.of(Buffer.from('id'), [column('a', 'int')]).columns, [column('a', 'int')]);
  assert.notEqual(shapes.of(Buffer.from('other'), columns('a', 'b')), one);
  assert.equal(shapes.of(Buffer.from('id'), columns('a', 'b')), one, 'the first one stays');
});

test('statements of one table share the shape; one that learns of other columns changes alone', () => {
  const shapes = new ResultShapes(registry);
  const prepare = (id: string): PreparedQuery =>
    new PreparedQuery(
      'SELECT a FROM t',
      null,
      {
        id: Buffer.from(id),
        resultMetadataId: Buffer.from('m'),
        resultColumns: columns('a'),
        bindColumns: [],
        pkIndexes: [],
      },
      registry,
      shapes,
    );
  const one = prepare('1');
  const other = prepare('2');
  assert.equal(one.shape, other.shape);
  one.shape = shapes.of(Buffer.from('n'), columns('a', 'b'));
  assert.deepEqual(other.shape?.columns, columns('a'));
});

test('a shape goes with the last statement that has it', async () => {
  const shapes = new ResultShapes(registry);
  const kept = shapes.of(Buffer.from('kept'), columns('a'));
  for (let i = 0; i < 500; i++) shapes.of(Buffer.from(String(i)), columns('a', `c${String(i)}`));
  for (let i = 0; i < 20 && shapes.size > 1; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
  assert.ok(shapes.size <= 2, `${String(shapes.size)} are left`);
  assert.equal(shapes.of(Buffer.from('kept'), columns('a')), kept);
});
