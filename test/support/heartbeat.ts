import { readFileSync } from 'node:fs';

const BEAT_MS = 5;
/** Of /proc/stat. */
const STEAL_FIELD = 8;
const TICK_MS = 10;

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
 * Milliseconds, for each processor, in which the machine below this one had it run something else (proc(5), "steal"): a
 * thread that is held up so counts as running. Nothing where that is not told.
 */
function stolenMs(): number[] {
  try {
    const processors = readFileSync('/proc/stat', 'utf8').match(/^cpu\d.*$/gm) ?? [];
    return processors.map((line) => Number(line.split(' ')[STEAL_FIELD] ?? 0) * TICK_MS);
  } catch {
    return [];
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
  /** How many beats there were. */
  beats = 0;
  #sum = 0;
  #begun = performance.now();
  #last = this.#begun;
  #lastCpu = cpuMs();
  #lastStolen = stolenMs();
  readonly #timer = setInterval(() => {
    this.#beat();
  }, BEAT_MS);

  #beat(): void {
    const now = performance.now();
    const cpu = cpuMs();
    const stolen = stolenMs();
    const taken = stolen.map((ms, processor) => ms - (this.#lastStolen[processor] ?? ms));
    const stall = Math.min(now - this.#last, cpu - this.#lastCpu) - Math.max(0, ...taken);
    this.beats++;
    this.#sum += Math.max(0, stall);
    if (stall > this.longest) {
      this.longest = stall;
      this.longestAt = now - this.#begun;
    }
    this.#last = now;
    this.#lastCpu = cpu;
    this.#lastStolen = stolen;
  }

  /** The average stall, in milliseconds. */
  get average(): number {
    return this.#sum / this.beats;
  }

  /** Work that is the measurement's own does not count. */
  skip<T>(work: () => T): T {
    this.#beat();
    const result = work();
    this.#last = performance.now();
    this.#lastCpu = cpuMs();
    this.#lastStolen = stolenMs();
    return result;
  }

  stop(): void {
    this.#beat();
    clearInterval(this.#timer);
  }
}
