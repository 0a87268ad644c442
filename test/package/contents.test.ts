import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { rollup } from 'rollup';
import ts from 'typescript';
import { installedProject, ROOT, type Project } from './support/installed.js';

let project: Project;

before(async () => {
  project = await installedProject();
});

after(() => project.remove());

/** One file for each entry, the command and what is started by its path, and what they share. */
const PROGRAMS = [
  'cli/main',
  'embedded/index',
  'fastify/index',
  'index',
  'metrics/opentelemetry/index',
  'metrics/prometheus/index',
  'shared/core',
  'shared/fake-cluster',
  'shared/load-peer',
  'testing/index',
  'testing/remote-child',
  'testing/remote-child-file',
];

test('the archive holds the declarations and the bundles of src/, three texts and the manifest, and nothing else', () => {
  const paths = project.packed.files.map(({ path }) => path);
  const outside = paths.filter((path) => !path.startsWith('dist/'));
  assert.deepEqual(outside.sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  const compiled = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `dist/${name.replace(/\.ts$/, '.d.ts')}`);
  const inside = paths.filter((path) => path.startsWith('dist/'));
  assert.deepEqual(inside.sort(), [...compiled, ...PROGRAMS.map((name) => `dist/${name}.js`)].sort());
});

test('no file of the archive names a place on the machine that made it', async () => {
  const folder = join(project.folder, 'node_modules', 'async-cassandra');
  for (const { path } of project.packed.files) {
    const text = await readFile(join(folder, path), 'utf8');
    assert.ok(!text.includes(ROOT.replace(/\/$/, '') + '/'), path);
    assert.ok(!text.includes(`${homedir()}/`), path);
  }
});

test('the bundles are ASCII, which engines load faster', async () => {
  const folder = join(project.folder, 'node_modules', 'async-cassandra', 'dist');
  for (const name of PROGRAMS) {
    const text = await readFile(join(folder, `${name}.js`), 'utf8');
    assert.doesNotMatch(text, /[\u0080-\uffff]/, name);
  }
});

test('bundling leaves every class its name, and one of each for all entries', async () => {
  const text = `
    import * as driver from 'async-cassandra';
    import { FakeNode } from 'async-cassandra/testing';
    const renamed = Object.entries(driver).filter(([name, value]) => typeof value === 'function' && value.name !== name);
    const node = await FakeNode.start({ protocolVersions: [4] });
    const cluster = new driver.AsyncCluster({ contactPoints: [node.contactPoint] });
    const error = await cluster.connect().catch((error) => error);
    console.log(renamed.length, error instanceof driver.ConnectionError, error.name);
    await cluster.shutdown();
    await node.close();`;
  assert.equal(await project.node('names.mjs', text), '0 true ConnectionError');
});

test('fake nodes in a process of their own are found by the bundle', async () => {
  const text = `
    import { AsyncCluster } from 'async-cassandra';
    import { RemoteFakeCluster } from 'async-cassandra/testing';
    const fake = await RemoteFakeCluster.start({ nodes: 2 });
    const cluster = new AsyncCluster({ contactPoints: fake.contactPoints });
    await cluster.connect();
    console.log(cluster.metadata.hosts.length);
    await cluster.shutdown();
    await fake.close();`;
  assert.equal(await project.node('remote.mjs', text), '2');
});

test('the README tells the true size and number of dependencies', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const told = /(\d+\.\d) MB unpacked in (\d+) hundred files, one dependency, `commander`/.exec(readme);
  assert.ok(told, 'the README tells the size as "1.2 MB unpacked in 5 hundred files, one dependency, `commander`"');
  const { unpackedSize, files } = project.packed;
  const megabytes = unpackedSize / 1e6;
  assert.ok(Math.abs(megabytes - Number(told[1])) <= 0.1, `${String(unpackedSize)} bytes`);
  assert.ok(Math.abs(files.length / 100 - Number(told[2])) <= 0.75, `${String(files.length)} files`);
});

/** Each entry that needs a package of its own, how it is used first, and what it then asks for. */
const PEERS = {
  'async-cassandra/metrics/prometheus': ['new entry.PrometheusMetricsCollector()', 'prom-client'],
  'async-cassandra/metrics/opentelemetry': ['entry.instrument({})', '@opentelemetry/api'],
} as const;

for (const [name, [use, peer]] of Object.entries(PEERS)) {
  test(`without its optional peer, ${name} loads, and says at first use what to install`, async () => {
    const text = `
      const entry = await import('${name}');
      try { ${use} } catch (error) { console.log(error.name, error.message); }`;
    assert.match(await project.node('peer.mjs', text), new RegExp(`^ConfigurationError .*npm install ${peer}`));
  });
}

test('without Fastify, the plugin loads: an app that registers it has Fastify', async () => {
  const text = `console.log(typeof (await import('async-cassandra/fastify')).default)`;
  assert.equal(await project.node('fastify.mjs', text), 'function');
});

test('every entry can be required as it can be imported: nothing awaits at the top level', async () => {
  const text = `
    const entries = Object.keys(require('async-cassandra/package.json').exports);
    for (const entry of entries) require('async-cassandra' + entry.slice(1));
    console.log(entries.length);`;
  const { exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly exports: object };
  assert.equal(await project.node('all.cjs', text), String(Object.keys(exports).length));
});

/** What a program says that has the fake nodes within itself: in this process they work, in another one they cannot. */
const FAKES = `
  import { AsyncCluster } from 'async-cassandra';
  import { FakeNode, RemoteFakeCluster, rows } from 'async-cassandra/testing';
  async function main() {
    const node = await FakeNode.start();
    node.on('SELECT a', rows([{ a: 1 }]));
    const cluster = new AsyncCluster({ contactPoints: [node.contactPoint] });
    const session = await cluster.connect();
    console.log((await session.execute('SELECT a')).one().a);
    await cluster.shutdown();
    await node.close();
    await RemoteFakeCluster.start().catch((error) => console.log(error.name, error.message));
  }
  void main();`;
const FAKES_SAY = /^1\nConfigurationError RemoteFakeCluster starts a file .* leave async-cassandra out of the bundle/;

function asCommonJs(text: string): string {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}

test('the entries work when they are made CommonJS, as test runners do: only remote fakes say that they cannot', async () => {
  const from = join(project.folder, 'node_modules', 'async-cassandra');
  const transformed = join(project.folder, 'commonjs');
  const to = join(transformed, 'node_modules', 'async-cassandra');
  const manifest = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as object;
  await mkdir(to, { recursive: true });
  await writeFile(join(to, 'package.json'), JSON.stringify({ ...manifest, type: 'commonjs' }));
  for (const name of PROGRAMS.map((program) => join('dist', `${program}.js`))) {
    await mkdir(dirname(join(to, name)), { recursive: true });
    await writeFile(join(to, name), asCommonJs(await readFile(join(from, name), 'utf8')));
  }
  assert.match(await project.node('commonjs/fakes.cjs', asCommonJs(FAKES)), FAKES_SAY);
});

test('the entries work in a bundle: only remote fakes say that they cannot', async () => {
  const dist = join(project.folder, 'node_modules', 'async-cassandra', 'dist');
  const entry = join(project.folder, 'app.mjs');
  const places = new Map([
    ['async-cassandra', 'index.js'],
    ['async-cassandra/testing', 'testing/index.js'],
  ]);
  const resolveId = (id: string): string | null => {
    const place = places.get(id);
    return place === undefined ? null : join(dist, place);
  };
  await writeFile(entry, FAKES);
  const bundle = await rollup({
    input: entry,
    external: /^node:|^lz4-napi$/,
    plugins: [{ name: 'package', resolveId }],
  });
  const { output } = await bundle.generate({ format: 'es', inlineDynamicImports: true });
  await bundle.close();
  assert.match(await project.node('bundle.mjs', output[0].code), FAKES_SAY);
});
