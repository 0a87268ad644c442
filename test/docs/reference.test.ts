/** What is generated from the source is what is committed, and leaves nothing unexplained. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Table } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { visit } from 'unist-util-visit';
import * as driver from '../../src/index.js';
import { llmsIndex } from '../../scripts/docs/llms.js';
import { docsPaths, parsePage, PROJECT, REFERENCE } from '../../scripts/docs/pages.js';
import { referencePages } from '../../scripts/docs/reference-pages.js';

const pages = referencePages();
const ADVICE = 'run `npm run docs:generate` and commit what it writes';

test('the committed reference is what the source says', () => {
  for (const [path, text] of pages) {
    assert.equal(readFileSync(join(PROJECT, path), 'utf8'), text, `${path} is out of date: ${ADVICE}`);
  }
});

test('no page of the reference is left over', () => {
  const committed = docsPaths().filter((path) => path.startsWith(REFERENCE));
  assert.deepEqual(committed, [...pages.keys()].sort());
});

test('llms.txt lists the pages of docs/index.md', () => {
  assert.equal(readFileSync(join(PROJECT, 'llms.txt'), 'utf8'), llmsIndex(), `llms.txt is out of date: ${ADVICE}`);
});

/** Rows of tables whose last column says what a thing means, and that say nothing there. */
function unexplained(path: string, text: string): string[] {
  const rows: string[] = [];
  visit(parsePage(path, text).root, 'table', ({ children: [head, ...body] }: Table) => {
    const last = head?.children.at(-1);
    if (last === undefined || !['meaning', 'when'].includes(textOf(last))) return;
    for (const row of body) {
      const cell = row.children.at(-1);
      if (cell === undefined || textOf(cell) === '')
        rows.push(`${path}: ${row.children.map((each) => textOf(each)).join(' | ')}`);
    }
  });
  return rows;
}

test('every option, error field, event, metric and trace field has a docstring', () => {
  assert.deepEqual(
    [...pages].flatMap(([path, text]) => unexplained(path, text)),
    [],
  );
});

test('every class of errors says what to do', () => {
  const text = pages.get(`${REFERENCE}errors.md`) ?? '';
  const sections = text.split('\n## ').slice(1, -1);
  assert.ok(sections.length > 20);
  const silent = sections
    .filter((section) => !section.includes('**What to do:**'))
    .map((section) => section.split('\n')[0]);
  // The root is never thrown itself.
  assert.deepEqual(silent, ['AsyncCassandraError']);
});

test('everything that can be imported at run time is in the reference', () => {
  const text = pages.get(`${REFERENCE}api/main.md`) ?? '';
  const missing = Object.keys(driver).filter((name) => !text.includes(`\n### ${name}\n`));
  assert.deepEqual(missing, []);
});
