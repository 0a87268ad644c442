/** Every link between the Markdown files leads somewhere, and every page can be found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contents, CONTENTS } from '../../scripts/docs/contents.js';
import { linkedPages, linkProblems } from '../../scripts/docs/links.js';
import { docsPaths, parsePage } from '../../scripts/docs/pages.js';

test('no link is dead, in files or in anchors', () => {
  const pages = linkedPages();
  assert.ok(pages.some(({ path }) => path === 'README.md'));
  assert.deepEqual(linkProblems(pages), []);
});

test('docs/index.md, which the menu is made of, lists every page once', () => {
  const listed = contents().flatMap(({ entries }) => entries.map(({ path }) => path));
  assert.deepEqual(
    listed.sort(),
    docsPaths().filter((path) => path !== CONTENTS),
  );
});

test('every entry of docs/index.md says what its page is about', () => {
  const silent = contents().flatMap(({ entries }) => entries.filter(({ summary }) => summary === ''));
  assert.deepEqual(silent, []);
});

test('dead links are found: files, anchors, images, definitions', () => {
  const problems = linkProblems([
    parsePage(
      'docs/a.md',
      '# One two\n\n[b](b.md) [x](../README.md)\n\n[y](#one-two) [z](#three)\n\n![i](i.svg)\n\n[d]: gone.md\n',
    ),
    parsePage('README.md', '# R\n\n[a](docs/a.md#nothing) [web](https://example.com/gone)\n'),
  ]);
  assert.deepEqual(problems, [
    'docs/a.md:3: (b.md) there is no docs/b.md',
    'docs/a.md:5: (#three) docs/a.md has no heading #three',
    'docs/a.md:7: (i.svg) there is no docs/i.svg',
    'docs/a.md:9: (gone.md) there is no docs/gone.md',
    'README.md:3: (docs/a.md#nothing) docs/a.md has no heading #nothing',
  ]);
});
