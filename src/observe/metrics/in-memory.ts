import { ConfigurationError } from '../../errors.js';
import { anInteger, optionProblems, type OptionChecks } from '../../util/option-checks.js';
import { SecondCounts } from './second-counts.js';
import type { ConnectionMetrics, MetricsCollector, ObservedCluster, PageMetrics, QueryMetrics } from './types.js';

/** How much is kept. */
export interface InMemoryMetricsOptions {
  /** How many of the latest queries are kept for durations, success rate and top queries. Default 10000. */
  readonly maxEntries?: number | undefined;
}

/** What an InMemoryMetricsCollector has gathered. Without any query all durations are 0 and the success rate is 1. */
export interface InMemoryStats {
  /** Durations of calls, in milliseconds. */
  readonly queryPerformance: {
    /** Since the beginning, or the last clear(). */
    readonly totalQueries: number;
    /** Those whose `timestamp` lies in the last five minutes. One that lies in the future, or is no date, counts as now. */
    readonly recentQueries5min: number;
    /** These, the percentiles and the success rate are of the latest queries, `maxEntries` at most. */
    readonly minDurationMs: number;
    readonly avgDurationMs: number;
    readonly maxDurationMs: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
    /** From 0 to 1. */
    readonly successRate: number;
    /**
     * Of the last five minutes, or of the time since the beginning, or since the first of these calls, if that is
     * shorter; but of one second at least.
     */
    readonly queriesPerSecond: number;
  };
  /** How often each class of error came. */
  readonly errorSummary: Readonly<Record<string, number>>;
  /** The ten that were executed most often, of the latest queries. */
  readonly topQueries: readonly {
    readonly queryHash: string;
    readonly count: number;
    readonly avgDurationMs: number;
  }[];
  /** By 'address:port'. */
  readonly connectionHealth: Readonly<
    Record<
      string,
      {
        readonly isHealthy: boolean;
        /** Of the latest connection that was opened, or could not be; 0 once the host went down. */
        readonly responseTimeMs: number;
        /** Attempts of requests at this host that failed, other than by time, since the client knows it. */
        readonly errorCount: number;
        /** Attempts of requests at this host. */
        readonly totalQueries: number;
      }
    >
  >;
  /** Pages and rows that streams received. */
  readonly streams: { readonly pages: number; readonly rows: number };
}

const CHECKS: OptionChecks = { maxEntries: anInteger(1, 10_000_000) };
const RECENT_SECONDS = 300;
const TOP_QUERIES = 10;
/** Names of errors and hosts beyond so many are counted together: what users throw must not fill the memory. */
const MOST_NAMES = 1000;
const OTHERS = 'others';

/** Keeps the latest queries in this process, in a ring of fixed size, and sums them up when asked. */
export class InMemoryMetricsCollector implements MetricsCollector {
  readonly #durations: Float64Array;
  readonly #failed: Uint8Array;
  readonly #hashes: string[] = [];
  readonly #recent = new SecondCounts(RECENT_SECONDS);
  readonly #errors = new Map<string, number>();
  readonly #health = new Map<string, ConnectionMetrics>();
  readonly #clusters = new Set<ObservedCluster>();
  #total = 0;
  #since = performance.now();
  #pages = 0;
  #rows = 0;

  /** @throws ConfigurationError for an unknown option, or if maxEntries is no positive whole number. */
  constructor(options: InMemoryMetricsOptions = {}) {
    const problems = optionProblems(options, CHECKS);
    if (problems.length > 0) throw new ConfigurationError(`InMemoryMetricsCollector: ${problems.join('; ')}`);
    const { maxEntries = 10_000 } = options;
    this.#durations = new Float64Array(maxEntries);
    this.#failed = new Uint8Array(maxEntries);
  }

  /** Takes in a call; called by the middleware. */
  recordQuery({ queryHash, durationMs, success, errorType, timestamp }: QueryMetrics): void {
    const at = this.#total % this.#durations.length;
    this.#durations[at] = durationMs;
    this.#failed[at] = success ? 0 : 1;
    this.#hashes[at] = queryHash;
    this.#total++;
    this.#countRecent(timestamp);
    if (success) return;
    const name = keyFor(this.#errors, errorType ?? 'Error');
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1);
  }

  /** Counts a page of a stream and its rows; called by the middleware. */
  recordPage({ success, rows }: PageMetrics): void {
    if (!success) return;
    this.#pages++;
    this.#rows += rows;
  }

  /** Takes in how the host's connections do; called by the middleware. */
  recordConnectionHealth(metrics: ConnectionMetrics): void {
    this.#health.set(keyFor(this.#health, metrics.host), metrics);
  }

  /** Reads the cluster's numbers when asked, from now on; called by the middleware. */
  attachCluster(cluster: ObservedCluster): void {
    this.#clusters.add(cluster);
  }

  /** Keeps the cluster's last numbers; called by the middleware. */
  detachCluster(cluster: ObservedCluster): void {
    this.#refreshHealth();
    this.#clusters.delete(cluster);
  }

  /** Sums up what was gathered, now. */
  getStats(): InMemoryStats {
    this.#refreshHealth();
    return {
      queryPerformance: this.#performance(),
      errorSummary: Object.fromEntries(this.#errors),
      topQueries: this.#topQueries(),
      connectionHealth: Object.fromEntries(
        [...this.#health].map(([host, { isHealthy, responseTimeMs, errorCount, totalQueries }]) => [
          host,
          { isHealthy, responseTimeMs, errorCount, totalQueries },
        ]),
      ),
      streams: { pages: this.#pages, rows: this.#rows },
    };
  }

  /** Forgets everything. */
  clear(): void {
    this.#total = 0;
    this.#since = performance.now();
    this.#hashes.length = 0;
    this.#recent.clear();
    this.#errors.clear();
    this.#health.clear();
    this.#pages = 0;
    this.#rows = 0;
  }

  /** What a host was asked since its last connection was opened: nobody tells of that, it is looked up. */
  #refreshHealth(): void {
    const counts = new Map<string, { errorCount: number; totalQueries: number }>();
    for (const { statistics } of this.#clusters) {
      for (const { host, errors, requests } of statistics.hosts) {
        const { errorCount = 0, totalQueries = 0 } = counts.get(host.endpoint) ?? {};
        counts.set(host.endpoint, { errorCount: errorCount + errors, totalQueries: totalQueries + requests });
      }
    }
    for (const [host, health] of this.#health) {
      const now = counts.get(host);
      if (now !== undefined) this.#health.set(host, { ...health, ...now });
    }
  }

  /** The age counts, not the time: the clock on the wall may be set meanwhile. */
  #countRecent(timestamp: Date): void {
    const ageMs = Date.now() - Number(timestamp);
    const now = performance.now();
    if (ageMs >= RECENT_SECONDS * 1000) return;
    const at = ageMs > 0 ? now - ageMs : now;
    this.#recent.count(at);
    if (at < this.#since) this.#since = at;
  }

  get #kept(): number {
    return Math.min(this.#total, this.#durations.length);
  }

  #performance(): InMemoryStats['queryPerformance'] {
    const kept = this.#kept;
    const sorted = this.#durations.slice(0, kept).sort();
    const now = performance.now();
    const recent = this.#recent.total(now);
    const seconds = Math.min(RECENT_SECONDS, Math.max(1, (now - this.#since) / 1000));
    return {
      totalQueries: this.#total,
      recentQueries5min: recent,
      minDurationMs: sorted[0] ?? 0,
      avgDurationMs: kept === 0 ? 0 : sum(sorted) / kept,
      maxDurationMs: sorted[kept - 1] ?? 0,
      p50Ms: percentile(sorted, 50),
      p95Ms: percentile(sorted, 95),
      p99Ms: percentile(sorted, 99),
      successRate: kept === 0 ? 1 : 1 - sum(this.#failed.subarray(0, kept)) / kept,
      queriesPerSecond: recent / seconds,
    };
  }

  #topQueries(): InMemoryStats['topQueries'] {
    const sums = new Map<string, { count: number; totalMs: number }>();
    for (let at = 0; at < this.#kept; at++) {
      const hash = this.#hashes[at] ?? '';
      const one = sums.get(hash) ?? { count: 0, totalMs: 0 };
      one.count++;
      one.totalMs += this.#durations[at] ?? 0;
      sums.set(hash, one);
    }
    return [...sums]
      .sort(([, a], [, b]) => b.count - a.count)
      .slice(0, TOP_QUERIES)
      .map(([queryHash, { count, totalMs }]) => ({ queryHash, count, avgDurationMs: totalMs / count }));
  }
}

function keyFor(map: ReadonlyMap<string, unknown>, name: string): string {
  return map.has(name) || map.size < MOST_NAMES ? name : OTHERS;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** The smallest value that `percent` of all do not exceed; 0 if there is none. */
function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}
