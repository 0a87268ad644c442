import { ConfigurationError } from '../../errors.js';
import { callHook } from '../../util/hook-outcome.js';
import type { ConnectionMetrics, MetricsCollector, ObservedCluster, PageMetrics, QueryMetrics } from './types.js';

/** How a collector that throws is told of. */
export type ReportFailure = (message: string, error: unknown) => void;

/** Those that every collector has. */
export const COLLECTOR_METHODS = ['recordQuery', 'recordConnectionHealth', 'getStats'] as const;

function checkCollector(collector: unknown, at: number): void {
  const given = (typeof collector === 'object' && collector !== null ? collector : {}) as Record<string, unknown>;
  const missing = COLLECTOR_METHODS.filter((name) => typeof given[name] !== 'function');
  if (missing.length === 0) return;
  const names = missing.map((name) => `${name}()`).join(', ');
  throw new ConfigurationError(
    `MetricsMiddleware: collectors[${String(at)}] is no MetricsCollector: it lacks ${names}`,
  );
}

/**
 * Hands what happens in a cluster to its collectors. Given to a cluster as the option `metrics`; several clusters may
 * share one.
 */
export class MetricsMiddleware {
  /** Where metrics go, in the order in which they were given. */
  readonly collectors: readonly MetricsCollector[];
  readonly #clusters = new Map<ObservedCluster, ReportFailure>();
  /** Collectors whose failure was told. */
  readonly #reported = new Set<MetricsCollector>();
  #isEnabled = true;

  /** @throws ConfigurationError if something is no collector. */
  constructor(collectors: readonly MetricsCollector[] = []) {
    const given: unknown = collectors;
    if (!Array.isArray(given)) throw new ConfigurationError('MetricsMiddleware needs an array of collectors');
    given.forEach(checkCollector);
    this.collectors = [...collectors];
  }

  /** Whether metrics are passed on. */
  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** The clusters that this middleware was given to and that are not closed. */
  get clusters(): readonly ObservedCluster[] {
    return [...this.#clusters.keys()];
  }

  /** Passes metrics on again. */
  enable(): void {
    this.#isEnabled = true;
  }

  /** Nothing is recorded until `enable()`; collectors keep what they have. */
  disable(): void {
    this.#isEnabled = false;
  }

  /** Tells every collector of a call that ended. What one throws harms neither the others nor the call. */
  recordQuery(metrics: QueryMetrics): void {
    if (!this.#isEnabled) return;
    for (const collector of this.collectors) this.#tell(collector, () => collector.recordQuery(metrics));
  }

  /** Tells every collector that takes pages of a page that came. */
  recordPage(metrics: PageMetrics): void {
    if (!this.#isEnabled) return;
    for (const collector of this.collectors) this.#tell(collector, () => collector.recordPage?.(metrics));
  }

  /** Tells every collector how a host's connections do. */
  recordConnectionHealth(metrics: ConnectionMetrics): void {
    if (!this.#isEnabled) return;
    for (const collector of this.collectors) this.#tell(collector, () => collector.recordConnectionHealth(metrics));
  }

  /** What the first collector that has something to tell tells: the in-memory one's stats; null if there is none. */
  async getStats(): Promise<unknown> {
    for (const collector of this.collectors) {
      try {
        const stats: unknown = await collector.getStats();
        if (stats !== null && stats !== undefined) return stats;
      } catch (error) {
        this.#onFailure(collector, error);
      }
    }
    return null;
  }

  /** For the cluster alone: collectors may read its numbers from now on. */
  attachCluster(cluster: ObservedCluster, report: ReportFailure): void {
    if (this.#clusters.has(cluster)) return;
    this.#clusters.set(cluster, report);
    for (const collector of this.collectors) this.#tell(collector, () => collector.attachCluster?.(cluster));
  }

  /** For the cluster alone: it is being closed. */
  detachCluster(cluster: ObservedCluster): void {
    if (!this.#clusters.delete(cluster)) return;
    for (const collector of this.collectors) this.#tell(collector, () => collector.detachCluster?.(cluster));
  }

  #tell(collector: MetricsCollector, act: () => unknown): void {
    callHook(act, (error) => {
      this.#onFailure(collector, error);
    });
  }

  /** A collector that fails once would fail at every request: that is told once. */
  #onFailure(collector: MetricsCollector, error: unknown): void {
    if (this.#reported.has(collector)) return;
    const [report] = this.#clusters.values();
    if (report === undefined) return;
    this.#reported.add(collector);
    report('A metrics collector failed; that is not told again', error);
  }
}
