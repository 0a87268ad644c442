// Makes everything ready to run: the driver built, and what it is compared with installed, each only if missing or old.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));

function run(cwd, command, args) {
  console.log(`> ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function modifiedAt(path) {
  return statSync(here + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

run(root, process.execPath, ['scripts/ensure-ready.mjs']);
if (modifiedAt('node_modules/.package-lock.json') < modifiedAt('package-lock.json')) {
  run(here, 'npm', ['ci', '--no-audit', '--no-fund']);
}
