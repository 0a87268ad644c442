import { readFileSync } from 'node:fs';

const BEAT_MS = 5;

/** CPU time of this process's main thread in milliseconds; of all its threads where that is not told. */
function cpuMs(): number {
  try {
    const [running = ''] = readFileSync(`/proc/self/task/${String(process.pid)}/schedstat`, 'utf8').split(' ');
    return Number(running) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}

/**
 * Watches for stalls of the event loop. A late beat counts only as far as this thread was itself at work meanwhile: on a
 * busy machine others take the processor too.
 */
export class Heartbeat {
  /** The longest stall so far, in milliseconds, and when it ended, counted from the start. */
  longest = 0;
  longestAt = 0;
  #begun = performance.now();
  #last = this.#begun;
  #lastCpu = cpuMs();
  readonly #timer = setInterval(() => {
    this.#beat();
  }, BEAT_MS);

  #beat(): void {
    const now = performance.now();
    const cpu = cpuMs();
    const stall = Math.min(now - this.#last, cpu - this.#lastCpu);
    if (stall > this.longest) {
      this.longest = stall;
      this.longestAt = now - this.#begun;
    }
    this.#last = now;
    this.#lastCpu = cpu;
  }

  /** Work that is the measurement's own does not count. */
  skip<T>(work: () => T): T {
    this.#beat();
    const result = work();
    this.#last = performance.now();
    this.#lastCpu = cpuMs();
    return result;
  }

  stop(): void {
    this.#beat();
    clearInterval(this.#timer);
  }
}
