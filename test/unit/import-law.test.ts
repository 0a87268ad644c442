import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** Each floor, and the floors that it may import from beside itself. The order is the order of the house. */
const CORE = [
  'errors',
  'util',
  'observe',
  'version',
  'values',
  'protocol',
  'topology',
  'statement',
  'result',
  'policies',
  'connection',
  'cluster',
  'execution',
  'session',
  'monitoring',
  'index',
] as const;
const NOTHING = new Set(['errors', 'util', 'version']);
const ON_TOP: Readonly<Record<string, readonly string[]>> = {
  // What is counted and told names nothing of the floors that count, but refuses wrong options as they do.
  observe: ['errors', 'util'],
  metrics: ['errors', 'util', 'version', 'index'],
  fastify: ['errors', 'util', 'index'],
  testing: ['errors', 'util', 'values', 'protocol'],
  embedded: ['errors', 'util', 'index'],
  // What a user could have written, but for the search of near names and the version.
  cli: ['util', 'version', 'index'],
};
/** The packages that a floor may import: the driver itself needs none. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  cli: ['commander'],
  connection: ['lz4-napi'],
  fastify: ['fastify'],
  metrics: ['prom-client', '@opentelemetry/api'],
  testing: ['lz4-napi'],
};
const SOCKETS = new Set(['connection', 'testing', 'embedded']);

function floorOf(file: string): string {
  const [first = ''] = relative(SRC, file).split('/');
  return first.replace(/\.ts$/, '');
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const listed = ON_TOP[from];
  if (listed !== undefined) return listed.includes(to);
  if (NOTHING.has(from)) return false;
  const upper = (CORE as readonly string[]).indexOf(from);
  const lower = (CORE as readonly string[]).indexOf(to);
  return upper >= 0 && lower >= 0 && lower < upper;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));

test('every import points to a lower floor', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => target.startsWith('.'))
      .map((target) => resolve(dirname(file), target))
      .filter((target) => !mayImport(floorOf(file), floorOf(target.replace(/\.js$/, '.ts'))))
      .map((target) => `${relative(SRC, file)} imports ${relative(SRC, target)}`),
  );
  assert.deepEqual(wrong, []);
});

test('no file imports itself through others', () => {
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => resolve(dirname(file), target).replace(/\.js$/, '.ts')),
    ]),
  );
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    assert.equal(at, -1, `circle: ${[...path.slice(at), file].map((name) => relative(SRC, name)).join(' → ')}`);
    if (done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of files) visit(file);
});

test('only connections, the fake and the embedded nodes touch sockets', () => {
  const wrong = files.filter(
    (file) => !SOCKETS.has(floorOf(file)) && importsOf(file).some((name) => /^node:(net|tls)$/.test(name)),
  );
  // Addresses are told from names by node:net's isIPv4 and isIPv6, which open nothing.
  assert.deepEqual(
    wrong.map((file) => relative(SRC, file)),
    ['util/ip-address.ts'],
  );
});

test('packages are imported by the floors that need them alone: commander by the command line, never by the driver', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => !target.startsWith('.') && !target.startsWith('node:'))
      .filter((target) => PACKAGES[floorOf(file)]?.includes(target) !== true)
      .map((target) => `${relative(SRC, file)} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
  assert.ok(files.some((file) => importsOf(file).includes('commander')));
});
