import { KINDS, type Kind } from './journal.js';

/** What one request took, and when it was to start, in performance.now() milliseconds. */
interface Sample {
  readonly kind: Kind;
  readonly at: number;
  readonly ms: number;
}

/** Every latency of a load, to be asked for any stretch of time. */
export class Latencies {
  readonly #samples: Sample[] = [];

  record(kind: Kind, at: number, ms: number): void {
    this.#samples.push({ kind, at, ms });
  }

  /** Of the requests of these kinds that were to start from `from` until before `to`. */
  between(from: number, to: number, kinds: readonly Kind[] = KINDS): LatencySummary {
    const sorted = this.#samples
      .filter(({ kind, at }) => at >= from && at < to && kinds.includes(kind))
      .map(({ ms }) => ms)
      .sort((a, b) => a - b);
    return new LatencySummary(sorted);
  }
}

export class LatencySummary {
  readonly #sorted: readonly number[];

  constructor(sorted: readonly number[]) {
    this.#sorted = sorted;
  }

  get count(): number {
    return this.#sorted.length;
  }

  percentile(percent: number): number {
    const at = Math.ceil((percent / 100) * this.#sorted.length) - 1;
    return this.#sorted[Math.max(0, at)] ?? NaN;
  }

  toString(): string {
    const of = (percent: number): string => this.percentile(percent).toFixed(1);
    return `${String(this.count)} requests, p50 ${of(50)} ms, p99 ${of(99)} ms, worst ${of(100)} ms`;
  }
}
