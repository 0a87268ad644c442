// npm run example -- <name> [arguments]: runs one of the examples.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const examples = new URL('../examples/', import.meta.url);
const names = readdirSync(examples).filter((name) => existsSync(new URL(`${name}/main.ts`, examples)));
const [name, ...args] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`npm run example -- <name>, one of ${names.join(', ')}`);
  process.exit(1);
}
const child = spawn(
  process.execPath,
  ['--import', 'tsx', fileURLToPath(new URL(`${name}/main.ts`, examples)), ...args],
  { stdio: 'inherit' },
);
// The example ends in its own way: on Ctrl-C the terminal tells both.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
