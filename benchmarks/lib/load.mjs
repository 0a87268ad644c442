// A closed loop: as many workers as there may be requests in flight, each asking again as soon as it was answered.
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { percentile } from './statistics.mjs';

/** Each so many requests one is timed: reading the clock for all would be a good part of the cheapest ones. */
const TIMED_EVERY = 16;
const MAX_SAMPLES = 1 << 16;

/** Runs `operation(i)` for `ms` milliseconds with `inFlight` under way; all are answered when this resolves. */
export async function runLoad(operation, inFlight, ms) {
  const samples = new Float64Array(MAX_SAMPLES);
  let sampled = 0;
  let requests = 0;
  let stop = false;
  const every = inFlight === 1 ? 2 : TIMED_EVERY;

  async function worker(from) {
    for (let i = from; !stop; i++) {
      if (i % every === 0) {
        const asked = performance.now();
        await operation(i);
        samples[sampled++ % MAX_SAMPLES] = performance.now() - asked;
      } else await operation(i);
      requests++;
    }
  }

  const timer = setTimeout(() => {
    stop = true;
  }, ms);
  const started = performance.now();
  const cpu = process.cpuUsage();
  await Promise.all(Array.from({ length: inFlight }, (_, i) => worker(i)));
  const { user, system } = process.cpuUsage(cpu);
  const elapsedMs = performance.now() - started;
  clearTimeout(timer);
  const timed = samples.subarray(0, Math.min(sampled, MAX_SAMPLES));
  return {
    requests,
    elapsedMs,
    cpuUs: user + system,
    p50Ms: percentile(timed, 0.5),
    p99Ms: percentile(timed, 0.99),
  };
}

/** Bytes that are retained: the heap and what lies outside of it, after full collections. Needs --expose-gc. */
export async function retainedBytes() {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The same 64 keys for every subject. */
export const KEYS = Array.from({ length: 64 }, (_, i) => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE((i + 1) * 0x01234567, 0);
  bytes[6] = 0x40;
  bytes[8] = 0x80;
  bytes.writeUInt32BE(i + 1, 12);
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
});
