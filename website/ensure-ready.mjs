// Makes a bare clone ready to build the site: the project's own dependencies, then the site's, each only if missing.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));

function modifiedAt(path) {
  return statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(cwd, command, args) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run(root, process.execPath, ['scripts/ensure-ready.mjs']);
if (modifiedAt('node_modules/.package-lock.json') < modifiedAt('package-lock.json')) {
  run(here, 'npm', ['ci', '--no-audit', '--no-fund']);
}
