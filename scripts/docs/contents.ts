/** docs/index.md as a table of contents: the site's menu and llms.txt follow it. */

import { posix } from 'node:path';
import type { Link, ListItem } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { visit } from 'unist-util-visit';
import { readPage } from './pages.js';

export interface Entry {
  readonly title: string;
  /** Below the project's folder: 'docs/streaming.md'. */
  readonly path: string;
  /** What stands behind the link. */
  readonly summary: string;
}

export interface Section {
  readonly title: string;
  readonly entries: readonly Entry[];
}

export const CONTENTS = 'docs/index.md';

function linksIn(item: ListItem): Link[] {
  const links: Link[] = [];
  visit(item, 'link', (node) => {
    links.push(node);
  });
  return links;
}

function entryOf(item: ListItem): Entry[] {
  const [link] = linksIn(item);
  if (link?.url.endsWith('.md') !== true) return [];
  const title = textOf(link);
  const summary = textOf(item)
    .slice(title.length)
    .replace(/^[:\s–—]+/, '')
    .replaceAll('\n', ' ');
  return [{ title, path: posix.join(posix.dirname(CONTENTS), link.url), summary }];
}

/** The lists of docs/index.md, each under its heading. */
export function contents(): Section[] {
  const sections: Section[] = [];
  let title = '';
  for (const node of readPage(CONTENTS).root.children) {
    if (node.type === 'heading') title = textOf(node);
    else if (node.type === 'list') sections.push({ title, entries: node.children.flatMap(entryOf) });
  }
  return sections;
}
