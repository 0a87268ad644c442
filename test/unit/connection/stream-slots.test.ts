import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { InFlight } from '../../../src/connection/in-flight.js';
import { StreamSlots } from '../../../src/connection/stream-slots.js';

class Waiting implements InFlight {
  deadline = Infinity;
  outcomes: string[] = [];
  written: boolean | null = null;
  onEnvelope(): void {
    this.outcomes.push('answered');
  }
  onConnectionLost(_error: Error, written: boolean): void {
    this.written = written;
    this.outcomes.push('lost');
  }
  onDeadline(): void {
    this.outcomes.push('late');
  }
}

test('stream 0 is never used, and every id up to the capacity is, once', () => {
  const slots = new StreamSlots(100);
  const ids = Array.from({ length: 100 }, () => slots.take(new Waiting(), 0));
  assert.deepEqual(
    [...ids].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  assert.equal(slots.take(new Waiting(), 0), -1);
  assert.equal(slots.available, 0);
});

test('a capacity past the protocol is cut to its 32,767 ids', () => {
  assert.equal(new StreamSlots(100_000).available, 32_767);
});

test("a timed-out request's id is not used again before its late answer came", () => {
  const slots = new StreamSlots(1);
  const slow = new Waiting();
  slow.deadline = 10;
  const id = slots.take(slow, 0);
  assert.equal(slots.expire(11), 1);
  assert.deepEqual(slow.outcomes, ['late']);
  assert.equal(slots.take(new Waiting(), 0), -1);
  assert.equal(slots.answer(id), null);
  const next = new Waiting();
  assert.equal(slots.take(next, 0), id);
  assert.equal(slots.answer(id), next);
});

test('an id that is kept is load, and nothing that the client itself could not take', () => {
  const load = { outstanding: 0 };
  const slots = new StreamSlots(2, load);
  const id = slots.take(new Waiting(), 0);
  slots.keep();
  assert.deepEqual([slots.available, slots.kept, slots.inFlight, load.outstanding], [1, 1, 1, 2]);
  assert.ok(slots.take(new Waiting(), 0) > 0);
  slots.unkeep();
  slots.answer(id);
  assert.deepEqual([slots.available, slots.kept, slots.inFlight, load.outstanding], [1, 0, 1, 1]);
});

test('an id that nobody asked on is told from an orphan', () => {
  const slots = new StreamSlots(4);
  assert.equal(slots.answer(3), undefined);
  assert.equal(slots.answer(30_000), undefined);
  const id = slots.take(new Waiting(), 0);
  slots.answer(id);
  assert.equal(slots.answer(id), undefined, 'a second answer to one request');
});

test('answers that never come weigh on the node for a while only, and their ids stay taken', () => {
  const load = { outstanding: 0 };
  const slots = new StreamSlots(3, load);
  const waiting = new Waiting();
  const ids = [0, 1, 2].map(() => slots.take(waiting, 0));
  const [first = 0, second = 0] = ids;
  slots.orphan(first, waiting);
  slots.writeOff();
  slots.orphan(second, waiting);
  assert.equal(load.outstanding, 3);
  slots.writeOff();
  assert.equal(load.outstanding, 2, 'the first');
  assert.ok(slots.orphansWeigh, 'the second');
  slots.writeOff();
  assert.equal(load.outstanding, 1, 'both; somebody waits for the third');
  assert.ok(!slots.orphansWeigh);
  assert.equal(slots.take(new Waiting(), 0), -1);
  assert.equal(slots.answer(first), null, 'it comes after all');
  assert.equal(load.outstanding, 1);
  assert.equal(slots.take(waiting, 0), first);
  slots.fail(new Error('lost'), 0);
  assert.equal(load.outstanding, 0);
});

test('a lost connection says which requests may have left', () => {
  const slots = new StreamSlots(4);
  const sent = new Waiting();
  const unsent = new Waiting();
  slots.take(sent, 0);
  slots.take(unsent, 1);
  slots.fail(new Error('lost'), 1);
  assert.equal(sent.written, true);
  assert.equal(unsent.written, false);
  assert.equal(slots.inFlight, 0);
});

test('the room that many ids needed is let go at rest, unless an answer is owed', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept = (): number => {
    collect();
    // What lay in array buffers is given back behind a collection's back; the next one waits until that is done.
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const all = Array.from({ length: 100 }, () => new StreamSlots(2048));
  const waiting = new Waiting();
  const busy = all.map((slots) => Array.from({ length: 2048 }, () => slots.take(waiting, 0)));
  for (const [i, slots] of all.entries()) for (const id of busy[i]?.slice(1) ?? []) slots.answer(id);
  for (const slots of all) slots.rest();
  const before = kept();
  for (const [i, slots] of all.entries()) assert.equal(slots.answer(busy[i]?.[0] ?? 0), waiting);
  for (const slots of all) slots.rest();
  const each = (before - kept()) / all.length;
  assert.ok(each > 30_000, `${each.toFixed(0)} bytes less for each`);
});

type Step =
  | { readonly kind: 'take'; readonly count: number; readonly deadline: number }
  | { readonly kind: 'answer' | 'forget'; readonly pick: number }
  | { readonly kind: 'expire'; readonly now: number }
  | { readonly kind: 'rest' }
  | { readonly kind: 'writeOff' };

const step = (most: number): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: most }), deadline: fc.nat(100) }),
    fc.record({ kind: fc.constantFrom('answer' as const, 'forget' as const), pick: fc.nat(1000) }),
    fc.record({ kind: fc.constant('expire' as const), now: fc.nat(100) }),
    fc.constant({ kind: 'rest' as const }),
    fc.constant({ kind: 'writeOff' as const }),
  );

/** What the slots must do, said in the simplest way: the server owes one answer for each id it was sent. */
function checkAgainstModel(capacity: number, steps: readonly Step[]): void {
  const load = { outstanding: 0 };
  const slots = new StreamSlots(capacity, load);
  /** For each orphan that counts as load, how often those were looked at since it is one. */
  const weighing = new Map<Waiting, number>();
  const owed = new Map<number, Waiting>();
  const given = new Set<Waiting>();
  for (const action of steps) {
    const ids = [...owed.keys()];
    if (action.kind === 'take') {
      for (let i = 0; i < action.count; i++) {
        const waiting = new Waiting();
        waiting.deadline = action.deadline;
        const id = slots.take(waiting, 0);
        assert.equal(id < 0, owed.size === capacity);
        if (id < 0) break;
        assert.ok(id >= 1 && id <= capacity);
        assert.ok(!owed.has(id), 'an id that still owes an answer was given out');
        owed.set(id, waiting);
      }
    } else if (action.kind === 'expire') {
      slots.expire(action.now);
      for (const waiting of owed.values()) {
        if (waiting.deadline > action.now || given.has(waiting)) continue;
        given.add(waiting);
        weighing.set(waiting, 0);
      }
    } else if (action.kind === 'writeOff') {
      slots.writeOff();
      for (const [waiting, looks] of weighing) {
        if (looks === 0) weighing.set(waiting, 1);
        else weighing.delete(waiting);
      }
    } else if (action.kind === 'rest') {
      slots.rest();
    } else {
      const id = ids[action.pick % Math.max(ids.length, 1)];
      const waiting = id === undefined ? undefined : owed.get(id);
      if (id === undefined || waiting === undefined) continue;
      if (action.kind === 'forget') {
        const isNew = !given.has(waiting);
        assert.equal(slots.orphan(id, waiting), isNew);
        given.add(waiting);
        if (isNew) weighing.set(waiting, 0);
      } else {
        assert.equal(slots.answer(id), given.has(waiting) ? null : waiting);
        owed.delete(id);
        weighing.delete(waiting);
      }
    }
    const orphans = [...owed.values()].filter((waiting) => given.has(waiting)).length;
    assert.equal(slots.orphans, orphans);
    assert.equal(slots.inFlight, owed.size - orphans);
    assert.equal(slots.available, capacity - owed.size);
    assert.equal(slots.orphansWeigh, weighing.size > 0);
    assert.equal(load.outstanding, slots.inFlight + weighing.size);
  }
  slots.fail(new Error('the end'), 0);
  assert.equal(load.outstanding, 0);
}

// Room for ids is made as they are needed: the second capacity lies between two sizes of it.
for (const { capacity, most, numRuns } of [
  { capacity: 8, most: 1, numRuns: 2000 },
  { capacity: 300, most: 100, numRuns: 500 },
]) {
  test(`model: whatever happens, an answer reaches the request it belongs to, or nobody (${String(capacity)} ids)`, () => {
    const steps = fc.array(step(most), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (list) => {
        checkAgainstModel(capacity, list);
      }),
      { numRuns },
    );
  });
}
