import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);

/** The floors of the source: its folders, and the files that are floors of their own. */
async function floors(): Promise<string[]> {
  const entries = await readdir(new URL('src/', ROOT), { withFileTypes: true });
  const names = entries.map((entry) => entry.name.replace(/\.ts$/, ''));
  // A number and nothing else.
  return names.filter((name) => name !== 'version').sort();
}

/** The floors of the drawing with the height at which they stand; 0 is at the top. */
async function drawn(): Promise<Map<string, number>> {
  const svg = await readFile(new URL('docs/architecture.svg', ROOT), 'utf8');
  const found = svg.matchAll(/<text class="floor" x="\d+" y="(\d+)"[^>]*>(\w+)<\/text>/g);
  return new Map([...found].map(([, y, name]) => [name ?? '', Number(y)]));
}

async function importsOf(floor: string): Promise<Set<string>> {
  const files = (await readdir(new URL('src/', ROOT), { recursive: true })).filter(
    (file) => file === `${floor}.ts` || (file.startsWith(`${floor}/`) && file.endsWith('.ts')),
  );
  const source = new URL('src/', ROOT);
  const floorsOf = async (file: string): Promise<string[]> => {
    const text = await readFile(new URL(file, source), 'utf8');
    const targets = [...text.matchAll(/from '(\.[^']+)'/g)].map(
      ([, path = '']) => new URL(path, new URL(file, source)),
    );
    return targets.map(({ href }) => /^[\w-]+/.exec(href.slice(source.href.length))?.[0] ?? '');
  };
  return new Set((await Promise.all(files.map(floorsOf))).flat());
}

test('the drawing shows every floor of the source, and no other', async () => {
  assert.deepEqual([...(await drawn()).keys()].sort(), await floors());
});

test('the page has a row for each floor', async () => {
  const page = await readFile(new URL('docs/architecture.md', ROOT), 'utf8');
  const table = page.slice(page.indexOf('| folder |'), page.indexOf('- **The protocol is pure**'));
  for (const floor of await floors()) assert.match(table, new RegExp(`\`${floor}(/\\*|\\.ts)?\``), floor);
});

test('in the drawing every floor stands above those that it imports, or beside them', async () => {
  const heights = await drawn();
  for (const [floor, y] of heights) {
    for (const below of await importsOf(floor)) {
      const other = heights.get(below);
      if (below !== floor && other !== undefined) assert.ok(other >= y, `${floor} imports ${below}`);
    }
  }
});
