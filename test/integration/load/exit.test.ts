import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChild } from '../../support/child.js';
import { sharedNode } from '../../support/nodes.js';

const CASES = [
  'awaited',
  'not awaited',
  'after aborts',
  'after timeouts and streams',
  'after setKeyspace',
  'never connected',
  'failed to connect',
];

for (const name of CASES) {
  test(`after shutdown() an idle process ends by itself within 100 ms: ${name}`, async (context) => {
    const outcome = await runChild(new URL('exit.child.ts', import.meta.url), {
      args: [JSON.stringify(sharedNode()), name],
      timeoutMs: 120_000,
    });
    assert.equal(outcome.code, 0, `${String(outcome.signal)} ${outcome.stderr}`);
    const ms = Number(/^exit after (\d+) ms$/m.exec(outcome.stderr)?.[1]);
    context.diagnostic(`${String(ms)} ms`);
    assert.ok(ms < 100, outcome.stderr);
  });
}
