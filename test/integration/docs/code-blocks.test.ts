/** Every code block of README.md and docs/ is well-formed, has right types, and runs on a real node. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needsNode } from '../../../scripts/docs/blocks.js';
import { formProblems } from '../../../scripts/docs/check-form.js';
import { typeProblems } from '../../../scripts/docs/check-types.js';
import { PageFolder, runNames, type PageFiles } from '../../../scripts/docs/page-files.js';
import { readPage, writtenPaths } from '../../../scripts/docs/pages.js';
import { runPage } from '../../../scripts/docs/run-page.js';
import { sharedNode } from '../../support/nodes.js';

describe('code blocks of the documentation', () => {
  const node = sharedNode();
  const pages = writtenPaths().map(readPage);
  const files = new Map<string, PageFiles>();
  let folder: PageFolder;

  before(() => {
    folder = new PageFolder();
    for (const page of pages) files.set(page.path, folder.write(page, runNames(page, node)));
  });

  after(() => {
    folder[Symbol.dispose]();
  });

  test('are well-formed', () => {
    assert.deepEqual(pages.flatMap(formProblems), []);
  });

  test('have right types', () => {
    assert.deepEqual(typeProblems([...files.values()]), []);
  });

  for (const page of pages.filter(needsNode)) {
    test(`run: ${page.path}`, async () => {
      const written = files.get(page.path);
      assert.ok(written);
      assert.equal(await runPage(written, runNames(page, node)), null);
    });
  }
});
