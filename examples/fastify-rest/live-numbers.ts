// What the live page shows: a collector that keeps the calls since the last look, and the client's own statistics.
import type { AsyncCassandraSession, MetricsCollector, QueryMetrics } from 'async-cassandra';

export interface LiveNumbers {
  readonly at: number;
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
  /** Milliseconds, of the calls since the last look; null if there were none. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly requests: number;
  readonly errors: number;
  readonly retries: number;
  readonly hosts: readonly {
    readonly endpoint: string;
    readonly datacenter: string;
    readonly isUp: boolean;
    readonly connections: number;
    readonly inFlight: number;
    readonly queued: number;
    readonly limit: number;
    readonly latencyMs: number | null;
  }[];
}

const MOST_DURATIONS = 20_000;

export class LiveCollector implements MetricsCollector {
  requests = 0;
  errors = 0;
  #durations: number[] = [];

  recordQuery({ durationMs, success }: QueryMetrics): void {
    this.requests++;
    if (!success) this.errors++;
    if (this.#durations.length < MOST_DURATIONS) this.#durations.push(durationMs);
  }

  recordConnectionHealth(): void {
    // The page reads hosts from the cluster's statistics.
  }

  getStats(): null {
    return null;
  }

  /** The durations since the last call, sorted. */
  takeDurations(): readonly number[] {
    const durations = this.#durations.sort((a, b) => a - b);
    this.#durations = [];
    return durations;
  }
}

/** Looks at the numbers at intervals, as long as somebody watches, and tells all watchers. */
export class LiveFeed {
  readonly #collector: LiveCollector;
  readonly #session: AsyncCassandraSession;
  readonly #intervalMs: number;
  readonly #watchers = new Set<(numbers: LiveNumbers) => void>();
  #timer: NodeJS.Timeout | null = null;
  #last = { at: 0, requests: 0, errors: 0 };

  constructor(session: AsyncCassandraSession, collector: LiveCollector, intervalMs = 500) {
    this.#session = session;
    this.#collector = collector;
    this.#intervalMs = intervalMs;
  }

  watch(watcher: (numbers: LiveNumbers) => void): () => void {
    this.#watchers.add(watcher);
    if (this.#timer === null) {
      this.#look();
      this.#timer = setInterval(() => {
        const numbers = this.#look();
        for (const tell of this.#watchers) tell(numbers);
      }, this.#intervalMs);
    }
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  #look(): LiveNumbers {
    const { requests, errors } = this.#collector;
    const at = Date.now();
    const seconds = Math.max(0.001, (at - this.#last.at) / 1000);
    const durations = this.#collector.takeDurations();
    const percentile = (share: number): number | null =>
      durations[Math.min(durations.length - 1, Math.floor(durations.length * share))] ?? null;
    const numbers: LiveNumbers = {
      at,
      requestsPerSecond: (requests - this.#last.requests) / seconds,
      errorsPerSecond: (errors - this.#last.errors) / seconds,
      p50: percentile(0.5),
      p95: percentile(0.95),
      p99: percentile(0.99),
      requests,
      errors,
      ...this.#clusterNumbers(),
    };
    this.#last = { at, requests, errors };
    return numbers;
  }

  #clusterNumbers(): Pick<LiveNumbers, 'retries' | 'hosts'> {
    const { totals, hosts } = this.#session.cluster.statistics;
    return {
      retries: totals.retries,
      hosts: hosts.map(({ host, openConnections, inFlight, queued, adaptiveLimit, latencyMs }) => ({
        endpoint: host.endpoint,
        datacenter: host.datacenter,
        isUp: host.isUp,
        connections: openConnections,
        inFlight,
        queued,
        limit: adaptiveLimit,
        latencyMs,
      })),
    };
  }
}
