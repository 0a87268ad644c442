// Makes a bare clone ready: installs the development dependencies and builds dist/, each only if it is missing or old.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function modifiedAt(path) {
  try {
    return statSync(join(root, path)).mtimeMs;
  } catch {
    return 0;
  }
}

function newestBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, entry) => Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

function npm(...args) {
  console.log(`> npm ${args.join(' ')}`);
  const { status } = spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (modifiedAt('node_modules/.package-lock.json') < modifiedAt('package-lock.json'))
  npm('ci', '--no-audit', '--no-fund');
const sources = Math.max(
  newestBelow('src'),
  ...['tsconfig.json', 'tsconfig.build.json', 'scripts/bundle.mjs'].map(modifiedAt),
);
if (modifiedAt('dist/index.js') < sources) npm('run', 'build');
