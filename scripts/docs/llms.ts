/** The documentation for language models (llmstxt.org): an index, and all pages in one file. */

import { contents } from './contents.js';
import { readPage } from './pages.js';

const TITLE = '# async-cassandra';
const SUMMARY =
  '> The client for Apache Cassandra on Node.js that is asynchronous from the socket up: CQL native protocol v5, ' +
  'written in TypeScript, without another driver beneath.';

/** llms.txt: one line a page. `addressOf` says where a page is, by its path below the project's folder. */
export function llmsIndex(addressOf = (path: string): string => path): string {
  const sections = contents().map(({ title, entries }) => {
    const lines = entries.map(
      (entry) => `- [${entry.title}](${addressOf(entry.path)})${entry.summary === '' ? '' : `: ${entry.summary}`}`,
    );
    return `## ${title}\n\n${lines.join('\n')}`;
  });
  return `${[TITLE, SUMMARY, ...sections].join('\n\n')}\n`;
}

const COMMENT = /<!--[\s\S]*?-->\n*/g;

/** llms-full.txt: every page of the table of contents, without what readers do not see. */
export function llmsFull(): string {
  const paths = ['README.md', ...contents().flatMap(({ entries }) => entries.map(({ path }) => path))];
  return (
    [TITLE, SUMMARY, ...[...new Set(paths)].map((path) => readPage(path).text.replaceAll(COMMENT, '').trim())].join(
      '\n\n',
    ) + '\n'
  );
}
