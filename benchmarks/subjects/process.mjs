// A subject in a process of its own: nobody else's heap, nobody else's compiled code, nobody else's CPU time.
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { allocationProfile, cpuProfile } from '../lib/inspect.mjs';
import { KEYS, retainedBytes, runLoad } from '../lib/load.mjs';

const MODULES = {
  'async-cassandra': './async-cassandra.mjs',
  'cassandra-driver': './cassandra-driver.mjs',
  floor: './floor.mjs',
};

let subject;
let operation;
let openMore;
const more = [];

/** Speed that comes from rows left out is none. The floor and writes give no rows to count. */
function check(outcome, expected) {
  const rows = typeof outcome === 'number' ? outcome : outcome?.rows?.length;
  if (expected > 0 && rows !== undefined && rows !== expected) {
    throw new Error(`There should be ${expected} rows, and there are ${rows}`);
  }
}

const COMMANDS = {
  async open({ kind, settings, workload, rows, isHeld }) {
    const { open } = await import(MODULES[kind]);
    openMore = () => open(settings);
    subject = await openMore();
    operation = await subject.operation(workload, rows);
    if (!isHeld) check(await operation(0), rows);
    return null;
  },

  async warm({ inFlight, ms }) {
    await runLoad(operation, inFlight, ms);
    return null;
  },

  async measure({ inFlight, warmMs, ms }) {
    await runLoad(operation, inFlight, warmMs);
    return runLoad(operation, inFlight, ms);
  },

  profile({ what, inFlight, ms, top }) {
    const work = () => runLoad(operation, inFlight, ms);
    return what === 'cpu' ? cpuProfile(work, top) : allocationProfile(work, top);
  },

  /** One request, however long it takes: a stream. */
  async once() {
    globalThis.gc();
    const started = performance.now();
    const cpu = process.cpuUsage();
    await operation(0);
    const { user, system } = process.cpuUsage(cpu);
    return { cpuUs: user + system, elapsedMs: performance.now() - started, requests: 1 };
  },

  /** The gaps between the beats of a timer while the load is on. */
  async heartbeat({ inFlight, beatMs, ms }) {
    const gaps = [];
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }, beatMs);
    const { requests } = await runLoad(operation, inFlight, ms);
    clearInterval(timer);
    return {
      longestMs: Math.max(...gaps),
      averageMs: gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length,
      requests,
    };
  },

  /** In KiB, since the process began. */
  peakRss: async () => process.resourceUsage().maxRSS,

  /** Requests with statements of many texts, one after another through all of them. */
  async prepareMany({ query, count }) {
    const texts = Array.from({ length: count }, (_, i) => `${query} /* ${i} */`);
    const parameters = [KEYS[0]];
    for (const text of texts) await subject.numbered(text, parameters);
    operation = (i) => subject.numbered(texts[(i * 7919) % count], parameters);
    return retainedBytes();
  },

  /** After a while: connections beyond the first may still be opening. */
  async retained() {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return retainedBytes();
  },

  /** Further clients, each with connections of its own, that do nothing. */
  async openMore({ count }) {
    for (let i = 0; i < count; i++) more.push(await openMore());
    return retainedBytes();
  },

  /** `count` requests that get no answer. */
  async hold({ count }) {
    for (let i = 0; i < count; i++) operation(i).catch(() => undefined);
    return retainedBytes();
  },

  async close() {
    await subject.close();
    return null;
  },
};

process.on('message', (message) => {
  void (async () => {
    try {
      process.send({ id: message.id, value: await COMMANDS[message.command](message) });
    } catch (error) {
      process.send({ id: message.id, error: String(error?.stack ?? error) });
    }
  })();
});
process.on('disconnect', () => process.exit());
