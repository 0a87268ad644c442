import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { firstSuccess } from '../../../src/cluster/first-success.js';

interface Bench {
  readonly begun: string[];
  readonly failed: string[];
  readonly discarded: string[];
  readonly outcome: Promise<string | null>;
  readonly settle: (candidate: string, error?: Error) => Promise<void>;
}

function race(candidates: readonly string[], goesOn = true): Bench {
  const begun: string[] = [];
  const failed: string[] = [];
  const discarded: string[] = [];
  const settlers = new Map<string, (error?: Error) => void>();
  async function* list(): AsyncGenerator<string, void, undefined> {
    for (const candidate of candidates) yield Promise.resolve(candidate);
  }
  const outcome = firstSuccess(
    list(),
    (candidate) =>
      new Promise<string>((resolve, reject) => {
        begun.push(candidate);
        settlers.set(candidate, (error) => {
          if (error === undefined) resolve(candidate);
          else reject(error);
        });
      }),
    {
      patienceMs: 500,
      most: 2,
      goesOn: (candidate) => {
        failed.push(candidate);
        return goesOn;
      },
      discard: (late) => discarded.push(late),
    },
  );
  const settle = async (candidate: string, error?: Error): Promise<void> => {
    settlers.get(candidate)?.(error);
    await turn();
  };
  return { begun, failed, discarded, outcome, settle };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await turn();
}

test('one after the other until one succeeds', async () => {
  const { begun, failed, outcome, settle } = race(['a', 'b', 'c']);
  await turn();
  assert.deepEqual(begun, ['a']);
  await settle('a', new Error('refused'));
  assert.deepEqual(begun, ['a', 'b']);
  await settle('b');
  assert.equal(await outcome, 'b');
  assert.deepEqual(failed, ['a']);
});

test('null if all fail, or none is there', async () => {
  const { outcome, settle } = race(['a', 'b']);
  await turn();
  await settle('a', new Error('refused'));
  await settle('b', new Error('refused'));
  assert.equal(await outcome, null);
  assert.equal(await race([]).outcome, null);
});

test('who does not answer is not waited for; what comes late is handed back', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => {
    mock.timers.reset();
  });
  const { begun, discarded, outcome, settle } = race(['a', 'b', 'c']);
  await turn();
  await pass(499);
  assert.deepEqual(begun, ['a']);
  await pass(1);
  assert.deepEqual(begun, ['a', 'b']);
  await pass(5000);
  assert.deepEqual(begun, ['a', 'b'], 'two at a time');
  await settle('b', new Error('refused'));
  assert.deepEqual(begun, ['a', 'b', 'c']);
  await settle('c');
  assert.equal(await outcome, 'c');
  await settle('a');
  assert.deepEqual(discarded, ['a']);
});

test('an error that no other candidate can cure ends it', async () => {
  const { begun, outcome, settle } = race(['a', 'b'], false);
  await turn();
  await settle('a', new Error('wrong password'));
  assert.equal(await outcome, null);
  assert.deepEqual(begun, ['a']);
});
