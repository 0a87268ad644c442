import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);

async function sources(): Promise<string> {
  const files = await readdir(new URL('src/', ROOT), { recursive: true });
  const texts = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFile(new URL(`src/${file}`, ROOT), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

/** The page's rows by code; each has a class, a cause and what to do. */
async function documented(): Promise<Map<string, readonly string[]>> {
  const page = await readFile(new URL('docs/troubleshooting.md', ROOT), 'utf8');
  const rows = page.split('\n').flatMap((line) => {
    const [, code, ...cells] = /^\| `(ERR_\w+)` \| (.*) \| (.*) \| (.*) \|$/.exec(line) ?? [];
    return code === undefined ? [] : [[code, cells] as const];
  });
  assert.equal(new Map(rows).size, rows.length, 'no code has two rows');
  return new Map(rows);
}

test('docs/troubleshooting.md has a row for each error code of the source, and for no other', async () => {
  const text = await sources();
  const codes = new Set([...text.matchAll(/'(ERR_[A-Z_]+)'/g)].map(([, code = '']) => code));
  // Node's own, which are only looked at.
  for (const code of codes) if (/^ERR_(TLS|SSL|STREAM_DESTROYED|MODULE|PACKAGE)/.test(code)) codes.delete(code);
  const rows = await documented();
  assert.deepEqual([...rows.keys()].sort(), [...codes].sort());
});

test('each row names the class that has the code, a cause and what to do', async () => {
  const errors = await readFile(new URL('src/errors.ts', ROOT), 'utf8');
  const classes = new Map(
    errors.split(/^export class /m).flatMap((part) => {
      const name = /^\w+/.exec(part)?.[0] ?? '';
      const code = /'(ERR_[A-Z_]+)'/.exec(part)?.[1];
      return code === undefined ? [] : [[code, name] as const];
    }),
  );
  for (const [code, [name, cause = '', advice = '']] of await documented()) {
    const expected = classes.get(code) ?? 'QueryError';
    assert.equal(name, `\`${expected}\``, code);
    assert.ok(cause.length > 10 && advice.length > 5, code);
  }
});

/** Texts of the server, of OpenSSL and of the operating system. */
const TEXTS_OF_OTHERS = ['connect ECONNREFUSED', "Keyspace '…' does not exist", 'No keyspace has been specified'];

test('each text that the page lists is one of the source, or known to come from elsewhere', async () => {
  const page = await readFile(new URL('docs/troubleshooting.md', ROOT), 'utf8');
  const section = page.slice(page.indexOf('## By text'), page.indexOf('## By code'));
  const texts = [...section.matchAll(/^\| (`.*?`) \|/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
    .map(([, text = '']) => text);
  assert.ok(texts.length > 15);
  // Strings that are put together are one text.
  const source = (await sources()).replaceAll(/['"`] \+\s*['"`]/g, '');
  for (const text of texts) {
    if (TEXTS_OF_OTHERS.includes(text)) continue;
    for (const part of text.split(/…| \(|\)$/)) assert.ok(source.includes(part.trim()), text);
  }
});
