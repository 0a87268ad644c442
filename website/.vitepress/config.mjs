import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';
import { contents } from '../../scripts/docs/contents.ts';
import { llmsFull, llmsIndex } from '../../scripts/docs/llms.ts';
import { projectLinks } from './links.mjs';

const project = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
const repository = manifest.repository?.url.replace(/^git\+/, '').replace(/\.git$/, '');

/** The pages that lie in the project's folder; all others lie below docs/ and keep their place. */
const PROJECT_PAGES = [
  { title: 'Overview', file: 'README.md', page: 'readme.md' },
  { title: 'Changelog', file: 'CHANGELOG.md', page: 'changelog.md' },
  { title: 'Contributing', file: 'CONTRIBUTING.md', page: 'contributing.md' },
  { title: 'Security', file: 'SECURITY.md', page: 'security.md' },
].filter(({ file }) => existsSync(join(project, file)));

/** 'docs/streaming.md' → '/streaming.md' */
function addressOf(path) {
  const own = PROJECT_PAGES.find(({ file }) => file === path);
  if (own !== undefined) return `/${own.page}`;
  return /^docs\/.*\.md$/.test(path) ? `/${path.slice('docs/'.length)}` : null;
}

function pageOf(path) {
  return (addressOf(path) ?? '/').replace(/\.md$/, '').replace(/index$/, '');
}

function sidebarSection({ title, entries }) {
  return { text: title, items: entries.map((entry) => ({ text: entry.title, link: pageOf(entry.path) })) };
}

const sections = contents();
const projectSection = {
  text: 'Project',
  items: PROJECT_PAGES.map(({ title, file }) => ({ text: title, link: pageOf(file) })),
};

const firstOf = (title) => {
  const entry = sections.find((section) => section.title === title)?.entries[0];
  if (entry === undefined) throw new Error(`docs/index.md has no section '${title}' with pages`);
  return pageOf(entry.path);
};

/** The pages lie outside of this folder, where there is no Vue. */
const vueFromHere = {
  name: 'vue-from-here',
  enforce: 'pre',
  resolveId(id) {
    if (!/^vue(?:\/|$)/.test(id)) return null;
    return this.resolve(id, join(project, 'website/package.json'), { skipSelf: true });
  },
};

export default defineConfig({
  title: 'async-cassandra',
  description: 'The client for Apache Cassandra on Node.js that is asynchronous from the socket up.',
  lang: 'en',
  srcDir: '..',
  srcExclude: ['.*/**', 'api/**', 'benchmarks/**', 'examples/**', 'src/**', 'test/**', 'website/**'],
  rewrites: {
    ...Object.fromEntries(PROJECT_PAGES.map(({ file, page }) => [file, page])),
    'docs/:path(.*)': ':path',
  },
  outDir: './dist',
  cleanUrls: true,
  lastUpdated: false,
  vite: {
    plugins: [vueFromHere],
    // The index of the search, and the page of the whole API.
    build: { chunkSizeWarningLimit: 2000 },
  },
  markdown: {
    anchor: { slugify: (text) => slug(text) },
    config: (md) => {
      projectLinks(md, { project, sources: repository && `${repository}/blob/main`, addressOf });
    },
  },
  // docs/index.md is plain Markdown in the repository; here it is the front page.
  transformPageData: (page) => {
    if (page.relativePath !== 'index.md') return;
    return {
      title: 'Documentation',
      frontmatter: {
        layout: 'home',
        hero: {
          name: 'async-cassandra',
          text: 'Apache Cassandra for Node.js',
          tagline:
            'Asynchronous from the socket up: native protocol v5, written in TypeScript, without another driver beneath.',
          actions: [
            { theme: 'brand', text: 'Get started', link: firstOf('First steps') },
            { theme: 'alt', text: 'Reference', link: firstOf('Reference') },
          ],
        },
        features: [
          {
            title: 'Native',
            details: 'Frames, checksums, routing and retries are its own code: no wrapped driver, no threads.',
          },
          {
            title: 'Safe',
            details: 'A write that may have been applied is never sent twice unless you call it idempotent.',
          },
          {
            title: 'Streams that hold',
            details: 'Millions of rows in constant memory; a forgotten stream leaks nothing.',
          },
        ],
      },
    };
  },
  themeConfig: {
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Guide', link: firstOf('First steps') },
      { text: 'Reference', link: firstOf('Reference') },
      { text: manifest.version, items: [{ text: 'Changelog', link: '/changelog' }] },
    ],
    sidebar: [...sections.map(sidebarSection), projectSection],
    ...(repository === undefined ? {} : { socialLinks: [{ icon: 'github', link: repository }] }),
    footer: {
      message:
        'Apache-2.0. Not affiliated with or endorsed by the Apache Software Foundation. Apache Cassandra is a trademark of the Apache Software Foundation.',
    },
  },
  buildEnd: async ({ outDir }) => {
    await writeFile(join(outDir, 'llms.txt'), llmsIndex(pageOf));
    await writeFile(join(outDir, 'llms-full.txt'), llmsFull());
  },
});
