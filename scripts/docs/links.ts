/** Links between the project's Markdown files: does what they point at exist? No network: addresses elsewhere are not looked at. */

import { existsSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import GithubSlugger from 'github-slugger';
import { toString as textOf } from 'mdast-util-to-string';
import { visit } from 'unist-util-visit';
import { docsPaths, PROJECT, readPage, type Page } from './pages.js';

/** Every Markdown file that readers see: those in the project's folder, in docs/ and beside examples. */
export function linkedPages(): Page[] {
  const below = (folder: string): string[] =>
    readdirSync(join(PROJECT, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map((entry) => posix.join(folder, entry.name));
  return [...below('.'), ...below('examples/monitoring'), ...below('benchmarks'), ...docsPaths()].map(readPage);
}

/** The anchors of a page's headings, as GitHub and the site make them. */
function anchorsOf(page: Page): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  visit(page.root, 'heading', (node) => {
    anchors.add(slugger.slug(textOf(node)));
  });
  return anchors;
}

export interface PageLink {
  readonly url: string;
  readonly line: number;
}

/** Links, images and definitions that point to files or headings. */
function localLinks(page: Page): PageLink[] {
  const links: PageLink[] = [];
  visit(page.root, (node) => {
    if (node.type !== 'link' && node.type !== 'image' && node.type !== 'definition') return;
    if (/^[a-z][a-z\d+.-]*:/i.test(node.url)) return;
    links.push({ url: node.url, line: node.position?.start.line ?? 1 });
  });
  return links;
}

/** The project's path that a link of a page points to. */
function targetOf(page: Page, url: string): string {
  const [path = ''] = url.split('#');
  return path === '' ? page.path : posix.join(posix.dirname(page.path), decodeURI(path));
}

function problemOf(page: Page, url: string, anchors: ReadonlyMap<string, ReadonlySet<string>>): string | null {
  const target = targetOf(page, url);
  if (target.startsWith('../')) return 'leads out of the project';
  if (!anchors.has(target) && !existsSync(join(PROJECT, target))) return `there is no ${target}`;
  const [, anchor] = url.split('#');
  if (anchor === undefined) return null;
  const known = anchors.get(target);
  if (known === undefined) return `${target} is no page that has anchors`;
  return known.has(anchor) ? null : `${target} has no heading #${anchor}`;
}

/** 'page:line: what is wrong with the link' */
export function linkProblems(pages: readonly Page[]): string[] {
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
  return pages.flatMap((page) =>
    localLinks(page).flatMap(({ url, line }) => {
      const problem = problemOf(page, url, anchors);
      return problem === null ? [] : [`${page.path}:${String(line)}: (${url}) ${problem}`];
    }),
  );
}
