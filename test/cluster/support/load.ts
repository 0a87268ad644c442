import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from './latencies.js';
import type { Mix } from './mix.js';

/** Requests under way while the nodes warm up and show what they can do. */
const WARM_UP_WORKERS = 64;
const WARM_UP_MS = 4000;
const MEASURED_MS = 4000;
/** More than this is not asked for, however fast the machine. */
const MOST = 2000;
/**
 * The nodes and their client share the machine. While one of them starts, that takes most of it, and more work than the
 * rest can do would time out in the servers whatever a client does.
 */
const SHARE = 0.35;

export interface Capacity {
  /** Requests a second that the nodes served at most. */
  readonly limit: number;
  /** Requests a second to be sent. */
  readonly rate: number;
}

/** Warms the nodes up (Java compiles what runs often) and measures what they serve. */
export async function warmUp(mix: Mix): Promise<Capacity> {
  const end = performance.now() + WARM_UP_MS + MEASURED_MS;
  let measured = 0;
  const worker = async (): Promise<void> => {
    for (let now = performance.now(); now < end; now = performance.now()) {
      await mix.send();
      if (now >= end - MEASURED_MS) measured++;
    }
  };
  await Promise.all(Array.from({ length: WARM_UP_WORKERS }, worker));
  const limit = Math.round((measured * 1000) / MEASURED_MS);
  return { limit, rate: Math.min(MOST, Math.round(limit * SHARE)) };
}

/**
 * Requests that arrive at a fixed rate, whether those before are answered or not: a client that hangs piles them up
 * instead of sending less. A latency is counted from when the request was due.
 */
export class Load {
  readonly latencies = new Latencies();
  readonly #mix: Mix;
  readonly #rate: number;
  readonly #underWay = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  #stopped = false;

  /** `rate`: arrivals a second. */
  constructor(mix: Mix, rate: number) {
    this.#mix = mix;
    this.#rate = rate;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const start = performance.now();
    let arrived = 0;
    while (!this.#stopped) {
      const due = Math.floor(((performance.now() - start) * this.#rate) / 1000);
      for (; arrived < due; arrived++) this.#arrive(start + (arrived * 1000) / this.#rate);
      await sleep(1);
    }
  }

  #arrive(due: number): void {
    const outcome = this.#mix.send().then((kind) => {
      this.latencies.record(kind, due, performance.now() - due);
      this.#underWay.delete(outcome);
    });
    this.#underWay.add(outcome);
  }

  /** Requests that wait for their answer. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** No more arrivals; resolves when the last request is answered or has failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await Promise.all(this.#underWay);
  }
}
