/** Each doubling of the latency is divided into so many buckets: a value is known to about 3 %. */
const BUCKETS_PER_DOUBLING = 32;
const SUB_BITS = 5;
/** From 1 µs to about 18 minutes. */
const MAX_MICROS = 2 ** 30 - 1;
const BUCKETS = (30 - SUB_BITS + 1) * BUCKETS_PER_DOUBLING;
/** After so many values all counts are halved, so that older ones lose their weight. */
const VALUES_PER_HALVING = 8192;

/** Counts of recent latencies in buckets that grow with the value: a few instructions to record, fixed memory. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #untilHalving = VALUES_PER_HALVING;

  record(ms: number): void {
    const micros = ms > 0 ? Math.min(ms * 1000, MAX_MICROS) | 0 : 0;
    const bucket = bucketOf(micros);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    if (--this.#untilHalving === 0) this.#halve();
  }

  /** The latency in ms that `percent` of the recent values do not exceed, rounded up to its bucket's end; -1 if none. */
  percentile(percent: number): number {
    if (this.#total === 0) return -1;
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#total));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= wanted) return firstMicrosAfter(bucket) / 1000;
    }
    return MAX_MICROS / 1000;
  }

  #halve(): void {
    this.#untilHalving = VALUES_PER_HALVING;
    let total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = (this.#counts[bucket] ?? 0) >>> 1;
      this.#counts[bucket] = count;
      total += count;
    }
    this.#total = total;
  }
}

/** Below 64 µs each microsecond has a bucket; above, the number's six leading bits choose it. */
function bucketOf(micros: number): number {
  if (micros < BUCKETS_PER_DOUBLING) return micros;
  const shift = 31 - Math.clz32(micros) - SUB_BITS;
  return shift * BUCKETS_PER_DOUBLING + (micros >>> shift);
}

function firstMicrosAfter(bucket: number): number {
  if (bucket < BUCKETS_PER_DOUBLING) return bucket + 1;
  const shift = Math.floor(bucket / BUCKETS_PER_DOUBLING) - 1;
  const leading = bucket - shift * BUCKETS_PER_DOUBLING;
  return (leading + 1) * 2 ** shift;
}
