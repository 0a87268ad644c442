import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DRIVER_VERSION } from '../../src/version.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
let folder = '';

interface Manifest {
  readonly version: string;
  readonly dependencies?: Record<string, string>;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'async-cassandra-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
  });
  const packed = JSON.parse(stdout) as readonly { readonly filename: string }[];
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  const archive = join(folder, packed[0]?.filename ?? '');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--omit=optional', archive], {
    cwd: folder,
  });
});

after(() => rm(folder, { recursive: true, force: true }));

async function node(file: string, text: string): Promise<string> {
  await writeFile(join(folder, file), text);
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  return stdout.trim();
}

/** The command line has one dependency, which has none; that the driver never imports it is held by the import law. */
test('the driver has no runtime dependency, and tells servers its true version', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  assert.deepEqual(Object.keys(manifest.dependencies ?? {}), ['commander']);
  const installed = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'));
  assert.deepEqual(installed.sort(), ['async-cassandra', 'commander']);
  assert.equal(manifest.version, DRIVER_VERSION);
});

test('an installed package can be imported: every entry', async () => {
  const text = `
    const entries = ['async-cassandra', 'async-cassandra/embedded', 'async-cassandra/testing'];
    const modules = await Promise.all(entries.map((entry) => import(entry)));
    console.log(typeof modules[0].AsyncCluster, typeof modules[1].startCassandra, typeof modules[2].FakeNode.start);`;
  assert.equal(await node('import.mjs', text), 'function function function');
});

test('an installed package can be required on Node versions that require ES modules', async () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  // Node 20 has it since 20.19, 22 since 22.12.
  if ((major === 20 && minor < 19) || (major === 22 && minor < 12)) return;
  assert.equal(await node('require.cjs', `console.log(typeof require('async-cassandra').AsyncCluster)`), 'function');
});

test('errors of two copies of the package know each other', async () => {
  const text = `
    import { InvalidRequest as A } from 'async-cassandra';
    const { InvalidRequest: B, SyntaxException, QueryError } = await import(new URL('./node_modules/async-cassandra/dist/shared/core.js?copy', import.meta.url));
    const error = new A('x');
    console.log(A === B, error instanceof B, error instanceof QueryError, error instanceof SyntaxException);`;
  assert.equal(await node('copies.mjs', text), 'false true true false');
});

test('what is missing for LZ4 is named when it is first used', async () => {
  const text = `
    import { AsyncCluster } from 'async-cassandra';
    const cluster = new AsyncCluster({ compression: 'lz4' });
    await cluster.connect().catch((error) => console.log(error.name, error.message));
    await cluster.shutdown();`;
  assert.match(await node('lz4.mjs', text), /^ConfigurationError .*npm install lz4-napi/);
});

test('the installed command runs', async () => {
  const { stdout } = await run('npx', ['--no-install', 'async-cassandra', 'version'], { cwd: folder });
  assert.equal(stdout, `async-cassandra ${DRIVER_VERSION}\nNode.js ${process.versions.node}\n`);
});
