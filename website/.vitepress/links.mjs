import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

function isLocal(url) {
  return !/^(?:[a-z][a-z\d+.-]*:|#|\/)/i.test(url);
}

function withoutLink(tokens) {
  for (const token of tokens) {
    token.attrs = null;
    token.tag = 'span';
  }
}

/**
 * For markdown-it: links are written as they work in the repository; here they become those of the site.
 * - `project`: the project's folder.
 * - `sources`: the address where files that are no page of the site can be read; undefined if there is none.
 * - `addressOf`: the address of a page, by its path below the project's folder; null if it is no page.
 */
export function projectLinks(md, { project, sources, addressOf }) {
  const rewrite = (link, end, from) => {
    const href = link.attrGet('href');
    if (href === null || !isLocal(href)) return;
    const [path, anchor] = href.split('#');
    const target = relative(project, join(dirname(from), decodeURI(path))).replaceAll('\\', '/');
    const hash = anchor === undefined ? '' : `#${anchor}`;
    const address = addressOf(target);
    if (address !== null) link.attrSet('href', `${address}${hash}`);
    // What is not there stays as it is, for the site's own check to find.
    else if (!existsSync(join(project, target))) return;
    else if (sources === undefined) withoutLink([link, end]);
    else link.attrSet('href', `${sources}/${target}${hash}`);
  };
  md.core.ruler.push('project-links', ({ tokens, env }) => {
    for (const children of tokens.map((token) => token.children ?? [])) {
      children.forEach((child, index) => {
        if (child.type !== 'link_open') return;
        const end = children.slice(index).find(({ type }) => type === 'link_close');
        rewrite(child, end, env.realPath ?? env.path);
      });
    }
  });
}
