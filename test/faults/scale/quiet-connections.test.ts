import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeNode, rows } from '../../../src/testing/index.js';
import { runChild } from '../../support/child.js';

const CONNECTIONS = 16;
/** Long enough for some of them to be more than a connection's first buffer. */
const QUERY = `SELECT filler FROM large /* ${'x'.repeat(1000)} */`;
const SMALL = 'SELECT a FROM small';
/** Answers of several segments, which do not end where a read ends. */
const ANSWER_BYTES = 400_000;
const MOST_KEPT = 8 * 1024;

test('connections that were busy keep no more than new ones once they are quiet again', async (context) => {
  await using node = await FakeNode.start();
  node.on(SMALL, rows([{ a: 1 }]));
  node.on(QUERY, rows([{ filler: 'y'.repeat(ANSWER_BYTES) }]));
  const { code, stderr, messages } = await runChild(new URL('quiet-connections.child.ts', import.meta.url), {
    nodeArgs: ['--expose-gc'],
    args: [
      JSON.stringify({ contactPoints: [node.contactPoint] }),
      String(CONNECTIONS),
      QUERY,
      String(MOST_KEPT),
      SMALL,
    ],
  });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const { busy, quiet } = messages[0] as { busy: number; quiet: number };
  context.diagnostic(`more bytes than a new connection: busy ${busy.toFixed(0)}, quiet ${quiet.toFixed(0)}`);
  assert.ok(busy > 64 * 1024, `busy connections keep ${busy.toFixed(0)} bytes: this test does not show anything`);
  assert.ok(quiet <= MOST_KEPT, `quiet connections keep ${quiet.toFixed(0)} bytes`);
});
