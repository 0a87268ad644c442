import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../src/cli/run.js';
import { error, FakeNode, type FakeKeyspace } from '../../src/testing/index.js';
import { commandIo, runCommand } from '../support/command-line.js';

/** Sets the title of a terminal's window, and then the colour of all that follows. */
const EVIL = '\x1b]0;owned\x07 \x1b[31mred\x9b1A';
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

test("--debug printed a server's text to the terminal as it came, control sequences and all", async () => {
  await using node = await FakeNode.start();
  node.on('SELECT esc', error('INVALID', { message: `bad ${EVIL}\nsecond line` }));
  const { stderr, code } = await runCommand(['query', 'SELECT esc', '--debug', '--contact-points', node.contactPoint]);
  assert.equal(code, 4);
  assert.match(stderr, /InvalidRequest: bad \\x1b\]0;owned\\x07 \\x1b\[31mred\\x9b1A\nsecond line\n {4}at /);
  assert.doesNotMatch(stderr, CONTROL);
});

test('--debug: what the client tells of its work drives no terminal either', async () => {
  await using node = await FakeNode.start();
  node.on('STARTUP', error('SERVER_ERROR', { message: `bad ${EVIL}` }));
  const args = ['query', 'SELECT a', '--debug', '--timeout', '2', '--contact-points', node.contactPoint];
  const { stderr } = await runCommand(args);
  assert.match(stderr, /owned/);
  assert.doesNotMatch(stderr, CONTROL);
});

const NAMED: FakeKeyspace = {
  name: 'ks',
  tables: [{ name: 't', columns: { k: 'int', [`v${EVIL}`]: 'text' }, partitionKey: ['k'] }],
};

test('describe drives no terminal; what is piped is the CQL to the letter', async () => {
  await using node = await FakeNode.start({ keyspaces: [NAMED] });
  const args = ['describe', 'ks', '--contact-points', node.contactPoint];
  const io = commandIo();
  const code = await run(args, { ...io, stdout: Object.assign(io.stdout, { isTTY: true }) });
  assert.equal(code, 0);
  assert.match(io.stdout.text, /CREATE TABLE ks\.t \(\n {2}k int,\n {2}"v\\x1b\]0;owned\\x07 .*" text/);
  assert.doesNotMatch(io.stdout.text, CONTROL);
  const { stdout } = await runCommand(args);
  assert.ok(stdout.includes(`"v${EVIL}" text`));
});

test('ping and describe --cluster drive no terminal, whatever a node says its names are', async () => {
  await using node = await FakeNode.start({ clusterName: EVIL, rack: EVIL });
  const points = ['--contact-points', node.contactPoint];
  for (const args of [
    ['ping', '--count', '1', ...points],
    ['describe', '--cluster', ...points],
  ]) {
    const { stdout, code } = await runCommand(args);
    assert.equal(code, 0);
    assert.equal(stdout.split('owned').length, 3, stdout);
    assert.doesNotMatch(stdout, CONTROL);
  }
});
