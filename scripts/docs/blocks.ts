/**
 * The code blocks of a page.
 *
 *   ```ts            type-checked and run on a real node     ```ts check     only type-checked
 *   ```cql           run in the page's keyspace              ```cql skip     only shown
 *   ```text output   what the block before it must print; a line `…` stands for any lines, `…` in a line for anything
 *   ```sh            names of npm scripts must exist         ```js ```json ```yaml   must be well-formed
 *
 * A comment `<!-- setup: ts` … `-->` or `<!-- setup: cql` … `-->` is a block that readers do not see.
 */

import type { Code, Html } from 'mdast';
import { visit } from 'unist-util-visit';
import type { Page } from './pages.js';

export interface Block {
  readonly language: string;
  /** What follows the language on the fence: 'check', 'skip', 'output'. */
  readonly words: readonly string[];
  readonly hidden: boolean;
  /** The line of the opening fence, from 1; the text begins on the next one. */
  readonly line: number;
  readonly text: string;
}

const SETUP = /^<!--\s*setup:\s*(ts|cql)\s*\n([\s\S]*?)\n?\s*-->\s*$/;

function fencedBlock(node: Code): Block | null {
  if (node.lang === null || node.lang === undefined || node.position === undefined) return null;
  const words = (node.meta ?? '').split(/\s+/).filter((word) => word !== '');
  return { language: node.lang, words, hidden: false, line: node.position.start.line, text: node.value };
}

function setupBlock(node: Html): Block | null {
  const [, language, text] = SETUP.exec(node.value) ?? [];
  if (language === undefined || text === undefined || node.position === undefined) return null;
  return { language, words: [], hidden: true, line: node.position.start.line, text };
}

/** The page has blocks that a node is needed for. */
export function needsNode(page: Page): boolean {
  return blocksOf(page).some(
    ({ language, words }) =>
      (language === 'ts' && !words.includes('check')) || (language === 'cql' && !words.includes('skip')),
  );
}

/** In the order in which they stand on the page. */
export function blocksOf(page: Page): Block[] {
  const blocks: Block[] = [];
  visit(page.root, (node) => {
    const block = node.type === 'code' ? fencedBlock(node) : node.type === 'html' ? setupBlock(node) : null;
    if (block !== null) blocks.push(block);
  });
  return blocks;
}
