import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { translatePeers } from '../../../src/cluster/peer-addresses.js';
import type { TranslatedAddress } from '../../../src/policies/address-translator.js';

const PEERS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, port: 9042 }));
const OUTSIDE = { address: 'gateway', port: 1 };

type Given = TranslatedAddress | Promise<TranslatedAddress>;

/** What comes of three peers, the second of which the translator treats in its own way. */
function translated(
  second: () => Given,
  limits: { timeoutMs?: number; signal?: AbortSignal } = {},
): ReturnType<typeof translatePeers> {
  const translate = (address: string): Given => (address === '10.0.0.2' ? second() : OUTSIDE);
  return translatePeers(PEERS, { translate }, { timeoutMs: 60_000, signal: new AbortController().signal, ...limits });
}

test('a translator that fails for one peer: an error in its place, the others have their addresses', async () => {
  const bug = new Error('bug of the user');
  const wrong = [
    undefined,
    null,
    'gateway',
    {},
    { address: '', port: 1 },
    { address: 'a' },
    { address: 'a', port: '1' },
  ];
  const failures: [(() => Given) | (() => never), RegExp][] = [
    [
      () => {
        throw bug;
      },
      /has no address for 10\.0\.0\.2:9042: bug of the user$/,
    ],
    [() => Promise.reject(bug), /bug of the user$/],
    ...wrong.map((given): [() => Given, RegExp] => [() => given as Given, /no \{ address, port \}$/]),
  ];
  for (const [second, text] of failures) {
    const [a, b, c] = await translated(second);
    assert.deepEqual([a, c], [OUTSIDE, OUTSIDE]);
    assert.ok(b instanceof Error);
    assert.match(b.message, text);
  }
});

test('a translator that hangs for one peer: an error at the end of the time, what it says later is ignored', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    let failLate: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      failLate = reject;
    });
    const outcome = translated(() => late, { timeoutMs: 2000 });
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(2000);
    const [a, b, c] = await outcome;
    assert.deepEqual([a, c], [OUTSIDE, OUTSIDE]);
    assert.ok(b instanceof Error);
    assert.match(b.message, /did not answer within 2000 ms/);
    failLate(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    mock.timers.reset();
  }
});

test('a translator that hangs is not waited for once the cluster is closed', async () => {
  const closing = new AbortController();
  const outcome = translated(() => new Promise<never>(() => undefined), { signal: closing.signal });
  closing.abort();
  const [, second] = await outcome;
  assert.ok(second instanceof Error);
  assert.match(second.message, /the cluster is closed/);
});
