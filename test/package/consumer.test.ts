import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { installedProject, ROOT, type Project } from './support/installed.js';
import { compiler, TYPESCRIPTS } from './support/toolchain.js';

const run = promisify(execFile);

/** The strictest that TypeScript has, declarations of the package included: that is what skipLibCheck false means. */
const STRICTEST = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  noEmit: true,
};
const RESOLUTIONS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};
const PARTS = { core: ['src/core.ts'], all: ['src'] };
/**
 * The package's declarations are read by every version. What only costs time in between is left to the ends: the
 * optional peers' own declarations, and the other way to find modules.
 */
const MORE: Partial<Record<(typeof TYPESCRIPTS)[number], readonly string[]>> = {
  '5.6': ['bundler-core'],
  '7.0': ['nodenext-all', 'bundler-all'],
};
/** What the consumer has beside the package: the types of Node and the optional peers. */
const BESIDE = ['@types/node', 'fastify', 'prom-client', '@opentelemetry/api'];

let project: Project;

before(async () => {
  project = await installedProject();
  for (const name of BESIDE) {
    const link = join(project.folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), link);
  }
  await writeFile(join(project.folder, 'package.json'), '{ "private": true, "type": "module" }');
  await cp(join(ROOT, 'test/package/consumer'), join(project.folder, 'src'), { recursive: true });
  for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
    for (const [part, include] of Object.entries(PARTS)) {
      const config = { compilerOptions: { ...STRICTEST, ...resolution }, include };
      await writeFile(join(project.folder, `${name}-${part}.json`), JSON.stringify(config));
    }
  }
});

after(() => project.remove());

async function compile(version: (typeof TYPESCRIPTS)[number], config: string): Promise<string> {
  const tsc = await compiler(version);
  return run(process.execPath, [tsc, '-p', config], { cwd: project.folder }).then(
    () => 'compiled',
    (error: unknown) => (error as { readonly stdout: string }).stdout,
  );
}

for (const version of TYPESCRIPTS) {
  test(`a strict project compiles against the package: TypeScript ${version}`, async () => {
    for (const config of ['nodenext-core', ...(MORE[version] ?? [])]) {
      assert.equal(await compile(version, `${config}.json`), 'compiled', config);
    }
  });
}

test('a project that misuses the package does not compile', async () => {
  const wrong = `import { AsyncCluster } from 'async-cassandra';
    export const cluster: AsyncCluster = new AsyncCluster({ requestTimeout: 3 });`;
  await mkdir(join(project.folder, 'wrong'));
  await writeFile(join(project.folder, 'wrong', 'wrong.ts'), wrong);
  const config = { compilerOptions: { ...STRICTEST, ...RESOLUTIONS.nodenext }, include: ['wrong'] };
  await writeFile(join(project.folder, 'wrong.json'), JSON.stringify(config));
  assert.match(await compile('7.0', 'wrong.json'), /'requestTimeout' does not exist.*AsyncClusterOptions/);
});
