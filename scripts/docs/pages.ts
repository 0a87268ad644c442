/** The pages of the documentation: README.md and what lies below docs/, as Markdown trees. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Root } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';

/** The project's folder, with a slash at its end. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

export interface Page {
  /** Below the project's folder, with forward slashes: 'docs/streaming.md'. */
  readonly path: string;
  readonly text: string;
  readonly root: Root;
}

const parser = unified().use(remarkParse).use(remarkGfm);

export function parsePage(path: string, text: string): Page {
  return { path, text, root: parser.parse(text) };
}

export function readPage(path: string): Page {
  return parsePage(path, readFileSync(join(PROJECT, path), 'utf8'));
}

/** Every page below docs/, generated ones too. */
export function docsPaths(): string[] {
  return readdirSync(join(PROJECT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .sort();
}

/** Where the pages lie that scripts/docs/generate.ts writes. */
export const REFERENCE = 'docs/reference/';

/** Pages that people write: those whose code blocks are run. */
export function writtenPaths(): string[] {
  return ['README.md', ...docsPaths().filter((path) => !path.startsWith(REFERENCE))];
}
