import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttemptGate } from '../../../src/cluster/attempt-gate.js';
import { ConnectionError, InvalidRequest } from '../../../src/errors.js';

interface Attempt {
  readonly host: string;
  readonly outcome: Promise<string>;
  settle: (result: string | Error) => void;
  begun: boolean;
}

/** A gate and the attempts made through it, in the order in which they begin. */
function bench(most: number): { gate: AttemptGate; begun: Attempt[]; attempt: (host: string) => Attempt } {
  const gate = new AttemptGate(most);
  const begun: Attempt[] = [];
  const attempt = (host: string): Attempt => {
    let settle: (result: string | Error) => void = () => undefined;
    const connected = new Promise<string>((resolve, reject) => {
      settle = (result) => {
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
    });
    const outcome = gate.run(host, () => {
      one.begun = true;
      begun.push(one);
      return connected;
    });
    outcome.catch(() => undefined);
    const one: Attempt = { host, outcome, settle, begun: false };
    return one;
  };
  return { gate, begun, attempt };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('so many attempts at a time, the others in the order of their coming', async () => {
  const { gate, begun, attempt } = bench(3);
  const all = Array.from({ length: 10 }, (_, i) => attempt(`host ${String(i)}`));
  await turn();
  assert.equal(begun.length, 3);
  assert.equal(gate.running, 3);
  for (const [i, one] of all.entries()) {
    if (i % 2 === 0) one.settle('open');
    else one.settle(new ConnectionError('refused'));
    await turn();
    assert.equal(begun.length, Math.min(10, i + 4));
    assert.equal(gate.running, Math.min(3, 9 - i));
  }
  assert.deepEqual(begun, all);
});

test('one attempt at a host at a time', async () => {
  const { begun, attempt } = bench(10);
  const [first, second, other] = [attempt('a'), attempt('a'), attempt('b')];
  await turn();
  assert.deepEqual(begun, [first, other]);
  first.settle('open');
  await turn();
  assert.ok(second.begun);
  second.settle('open too');
  assert.deepEqual(await Promise.all([first.outcome, second.outcome]), ['open', 'open too']);
});

test('who waits for an attempt that finds the host away is told the same, without knocking again', async () => {
  const { gate, begun, attempt } = bench(10);
  const all = Array.from({ length: 5 }, () => attempt('a'));
  await turn();
  const refused = new ConnectionError('refused');
  all[0]?.settle(refused);
  for (const one of all) await assert.rejects(one.outcome, refused);
  assert.equal(begun.length, 1);
  assert.equal(gate.running, 0);
  const later = attempt('a');
  await turn();
  assert.ok(later.begun, 'the next attempt is a new one');
});

test("what the host said of one pool's keyspace is not the others' error", async () => {
  const { attempt } = bench(10);
  const [first, second] = [attempt('a'), attempt('a')];
  await turn();
  first.settle(new InvalidRequest('no such keyspace'));
  await turn();
  assert.ok(second.begun);
  second.settle('open');
  assert.equal(await second.outcome, 'open');
});

test('followers stand in line like all others', async () => {
  const { begun, attempt } = bench(1);
  const [first, follower, other] = [attempt('a'), attempt('a'), attempt('b')];
  await turn();
  first.settle('open');
  await turn();
  assert.deepEqual(begun, [first, other]);
  other.settle('open');
  await turn();
  assert.deepEqual(begun, [first, other, follower]);
});
