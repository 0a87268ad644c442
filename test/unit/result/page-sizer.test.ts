import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageSizer } from '../../../src/result/page-sizer.js';

test('small rows: as many as were asked for', () => {
  const sizer = new PageSizer(5000, 1_000_000);
  sizer.onPage(5000, 500_000);
  assert.equal(sizer.rows, 5000);
});

test('large rows: as many as fit, and one at least', () => {
  const sizer = new PageSizer(5000, 1_000_000);
  sizer.onPage(5000, 50_000_000);
  assert.equal(sizer.rows, 100);
  sizer.onPage(100, 300_000_000);
  assert.equal(sizer.rows, 1);
});

test('it grows back by and by, up to what was asked for', () => {
  const sizer = new PageSizer(100, 1_000_000);
  sizer.onPage(10, 10_000_000);
  const asked = Array.from({ length: 9 }, () => {
    sizer.onPage(sizer.rows, sizer.rows * 10);
    return sizer.rows;
  });
  assert.deepEqual(asked, [2, 4, 8, 16, 32, 64, 100, 100, 100]);
});

test('empty pages tell nothing of the rows', () => {
  const sizer = new PageSizer(100, 1_000_000);
  sizer.onPage(100, 10_000_000);
  assert.equal(sizer.rows, 10);
  sizer.onPage(0, 0);
  assert.equal(sizer.rows, 20);
});

test('no bound, no change', () => {
  const sizer = new PageSizer(100, 0);
  sizer.onPage(100, 10_000_000_000);
  assert.equal(sizer.rows, 100);
});
