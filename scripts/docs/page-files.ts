/** The modules of pages, written into a folder below the project's, so that 'async-cassandra' means the project. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunNames } from './example-names.js';
import { pageProgram } from './page-program.js';
import { PROJECT, type Page } from './pages.js';

export interface PageFiles {
  readonly page: Page;
  /** The absolute path of the module that runs all blocks. */
  readonly main: string;
  /** The absolute paths of the modules that are to be type-checked. */
  readonly typed: readonly string[];
}

/** A node that pages are run on. */
export interface DocsNode {
  readonly contactPoints: readonly string[];
  readonly port: number;
  readonly localDatacenter: string;
}

/** `docs/a/b.md` → `docs+a+b.md`, and back. */
function folderName(path: string): string {
  return path.replaceAll('/', '+');
}

export class PageFolder implements Disposable {
  readonly #folder: string;

  constructor() {
    const cache = join(PROJECT, '.cache');
    mkdirSync(cache, { recursive: true });
    this.#folder = mkdtempSync(join(cache, 'docs-'));
  }

  write(page: Page, names: RunNames): PageFiles {
    const folder = join(this.#folder, folderName(page.path));
    mkdirSync(folder);
    const write = ({ name, text }: { readonly name: string; readonly text: string }): string => {
      const file = join(folder, `${name}.ts`);
      writeFileSync(file, text);
      return file;
    };
    const { main, typed, programs } = pageProgram(page, names);
    return { page, main: write(main), typed: [write(typed), ...programs.map(write)] };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The names that a page's blocks get: its own keyspace on that node. */
export function runNames(page: Page, node: DocsNode): RunNames {
  const [address = '127.0.0.1'] = node.contactPoints;
  const word = basename(page.path, '.md')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_');
  return {
    contactPoint: /:\d+$/.test(address) ? address : `${address}:${String(node.port)}`,
    localDatacenter: node.localDatacenter,
    keyspace: `docs_${word}`,
  };
}
