// npm run docs:check -- [--types] [page …]: the code blocks of pages, as the tests check them. Default: all pages.
//   --types   only what needs no Cassandra: form and types

import { startCassandra } from 'async-cassandra/embedded';
import { needsNode } from './blocks.js';
import { formProblems } from './check-form.js';
import { typeProblems } from './check-types.js';
import { PageFolder, runNames, type DocsNode } from './page-files.js';
import { readPage, writtenPaths } from './pages.js';
import { runPage } from './run-page.js';

const args = process.argv.slice(2);
const onlyTypes = args.includes('--types');
const asked = args.filter((arg) => !arg.startsWith('--'));
const pages = (asked.length > 0 ? asked : writtenPaths()).map(readPage);
const problems: string[] = [];

const NOWHERE: DocsNode = { contactPoints: ['127.0.0.1'], port: 9042, localDatacenter: 'dc1' };

function report(found: readonly string[]): void {
  problems.push(...found);
  for (const problem of found) console.error(problem);
}

async function runAll(node: DocsNode): Promise<void> {
  using folder = new PageFolder();
  for (const page of pages.filter(needsNode)) {
    const names = runNames(page, node);
    const began = performance.now();
    const problem = await runPage(folder.write(page, names), names);
    report(problem === null ? [] : [problem]);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${problem === null ? 'ran' : 'FAILED'} ${page.path} (${seconds} s)`);
  }
}

function checkTypes(): void {
  using folder = new PageFolder();
  report(typeProblems(pages.map((page) => folder.write(page, runNames(page, NOWHERE)))));
}

report(pages.flatMap(formProblems));
checkTypes();
if (!onlyTypes) {
  await using db = await startCassandra({ version: '5.0' });
  await runAll(db);
}
console.log(problems.length === 0 ? `${String(pages.length)} pages hold` : `${String(problems.length)} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
