import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { runCommand } from '../../support/command-line.js';

const PAGE = new URL('../../../docs/command-line.md', import.meta.url);

/** How a command's help stands on the page. */
async function section(command: string): Promise<string> {
  const name = command === '' ? 'async-cassandra' : `async-cassandra ${command}`;
  const { code, stdout, stderr } = await runCommand([...(command === '' ? [] : [command]), '--help']);
  assert.deepEqual([code, stderr], [0, '']);
  return `### ${name}\n\n\`\`\`text\n${stdout}\`\`\`\n`;
}

test('docs/command-line.md ends with the help of every command, as it is', async () => {
  const sections: string[] = [];
  for (const command of ['', 'ping', 'describe', 'query', 'version']) sections.push(await section(command));
  const page = await readFile(PAGE, 'utf8');
  const from = page.indexOf('### async-cassandra\n');
  assert.equal(page.slice(from), sections.join('\n'));
});

test('every command of the program is on the page', async () => {
  const { stdout } = await runCommand(['--help']);
  const commands = [...(stdout.split('Commands:\n')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\w+)/gm)];
  assert.deepEqual(
    commands.map((match) => match[1]),
    ['ping', 'describe', 'query', 'version', 'help'],
  );
});
