import { ConfigurationError, type ObservedCluster, type ObservedStatistics } from '../../index.js';
import { DRIVER_METRICS, DRIVER_PREFIX, type DriverMetric, type Sample } from './driver-metrics.js';
import type { PromClient } from './load.js';

export type Labels = Readonly<Record<string, string>>;

/** A cluster, and the constant labels of the collector that it came through. */
interface Source {
  readonly cluster: ObservedCluster;
  readonly labels: Labels;
}

/** Hosts as one collector has heard of them. */
export interface HealthSource {
  readonly labels: Labels;
  /** 1 or 0 by 'address:port'. */
  healthOfHosts(): ReadonlyMap<string, number>;
}

export interface HubSettings {
  readonly labelNames: readonly string[];
  readonly buckets: readonly number[];
}

const QUERY_LABELS = ['query_type', 'success'];

/**
 * All metrics of one registry. Collectors of several clusters share it, as a registry knows each name once; what
 * tells them apart are their constant labels, and what has the same labels is added up.
 */
export class RegistryHub {
  readonly duration: PromClient.Histogram;
  readonly queries: PromClient.Counter;
  readonly errors: PromClient.Counter;
  readonly hostErrors: PromClient.Counter;
  readonly pages: PromClient.Counter;
  readonly rows: PromClient.Counter;
  readonly settings: HubSettings;
  readonly #registry: PromClient.Registry;
  readonly #own = new Map<string, PromClient.Metric>();
  readonly #sources = new Set<Source>();
  readonly #health = new Set<HealthSource>();
  /** What closed clusters had counted: a counter never goes back. By metric and labels. */
  readonly #retired = new Map<string, Map<string, Sample>>();
  #read: Map<Source, ObservedStatistics> | null = null;

  constructor(client: typeof PromClient, registry: PromClient.Registry, settings: HubSettings) {
    this.#registry = registry;
    this.settings = settings;
    const base = (
      name: string,
      help: string,
      labelNames: readonly string[],
    ): PromClient.MetricConfiguration<string> => {
      if (registry.getSingleMetric(name) !== undefined) {
        throw new ConfigurationError(
          `PrometheusMetricsCollector: the registry has another metric ${name} already: give it a registry of its own`,
        );
      }
      return { name, help, labelNames: [...labelNames, ...settings.labelNames], registers: [registry] };
    };
    const keep = <M extends PromClient.Metric>(name: string, metric: M): M => {
      this.#own.set(name, metric);
      return metric;
    };
    const counter = (name: string, help: string, labelNames: readonly string[]): PromClient.Counter =>
      keep(name, new client.Counter(base(name, help, labelNames)));
    const durationName = 'cassandra_query_duration_seconds';
    this.duration = keep(
      durationName,
      new client.Histogram({
        ...base(durationName, 'How long calls took, from the call to its outcome.', QUERY_LABELS),
        buckets: [...settings.buckets],
      }),
    );
    this.queries = counter('cassandra_queries_total', 'Calls that have ended.', QUERY_LABELS);
    this.errors = counter('cassandra_errors_total', 'Calls that failed, by the class of the error.', ['error_type']);
    this.hostErrors = counter(`${DRIVER_PREFIX}errors_total`, 'The same by the host that was asked last.', [
      'error_type',
      'host',
    ]);
    this.pages = counter(`${DRIVER_PREFIX}stream_pages_total`, 'Pages of streams that came.', []);
    this.rows = counter(`${DRIVER_PREFIX}stream_rows_total`, 'Rows of streams that came.', []);
    this.#addHealth(client, base, keep);
    for (const metric of DRIVER_METRICS) this.#addDriverMetric(client, metric, base, keep);
  }

  #addHealth(client: typeof PromClient, base: MakeBase, keep: Keep): void {
    const name = 'cassandra_connection_healthy';
    const health = this.#health;
    keep(
      name,
      new client.Gauge({
        ...base(
          name,
          '1 if the host can be reached, 0 if not; of hosts that the load balancing policy leaves out only what is told to be down.',
          ['host'],
        ),
        // Of several processes, as of several clusters, one that does not reach it is enough to be told.
        aggregator: 'min',
        collect(): void {
          this.reset();
          for (const { labels, value } of leastHealth(health)) this.set({ ...labels }, value);
        },
      }),
    );
  }

  #addDriverMetric(client: typeof PromClient, metric: DriverMetric, base: MakeBase, keep: Keep): void {
    const name = DRIVER_PREFIX + metric.name;
    const samples = (): readonly Sample[] => this.#samplesOf(metric);
    function collect(this: PromClient.Counter | PromClient.Gauge): void {
      this.reset();
      for (const { labels, value } of samples()) this.inc({ ...labels }, value);
    }
    const settings = { ...base(name, metric.help, metric.labelNames), aggregator: metric.aggregator, collect };
    keep(name, metric.type === 'counter' ? new client.Counter(settings) : new client.Gauge(settings));
  }

  // ---- clusters ----------------------------------------------------------------------------------------------------

  addHealth(source: HealthSource): void {
    this.#health.add(source);
  }

  removeHealth(source: HealthSource): void {
    this.#health.delete(source);
  }

  attach(cluster: ObservedCluster, labels: Labels): void {
    if (this.#sourceOf(cluster, labels) === undefined) this.#sources.add({ cluster, labels });
  }

  detach(cluster: ObservedCluster, labels: Labels): void {
    const source = this.#sourceOf(cluster, labels);
    if (source === undefined) return;
    this.#sources.delete(source);
    for (const metric of DRIVER_METRICS) {
      if (metric.type !== 'counter') continue;
      for (const sample of metric.read([cluster.statistics])) this.#retire(metric.name, source.labels, sample);
    }
  }

  #sourceOf(cluster: ObservedCluster, labels: Labels): Source | undefined {
    return [...this.#sources].find((source) => source.cluster === cluster && source.labels === labels);
  }

  #retire(name: string, constant: Labels, sample: Sample): void {
    const labels = { ...constant, ...sample.labels };
    const retired = this.#retired.get(name) ?? new Map<string, Sample>();
    this.#retired.set(name, retired);
    const key = keyOf(labels);
    retired.set(key, { labels, value: (retired.get(key)?.value ?? 0) + sample.value });
  }

  #samplesOf(metric: DriverMetric): readonly Sample[] {
    const read = this.#readSources();
    const groups = new Map<string, { labels: Labels; statistics: ObservedStatistics[] }>();
    for (const [{ labels }, statistics] of read) {
      const key = keyOf(labels);
      const group = groups.get(key) ?? { labels, statistics: [] };
      group.statistics.push(statistics);
      groups.set(key, group);
    }
    const samples = [...groups.values()].flatMap(({ labels, statistics }) =>
      metric.read(statistics).map((sample) => ({ labels: { ...labels, ...sample.labels }, value: sample.value })),
    );
    return [...samples, ...this.#retiredOf(metric, samples)];
  }

  /** The series of a host end with the last cluster that knows it. */
  #retiredOf({ name, labelNames }: DriverMetric, living: readonly Sample[]): Iterable<Sample> {
    const retired = this.#retired.get(name);
    if (retired === undefined) return [];
    if (labelNames.includes('host')) {
      const keys = new Set(living.map(({ labels }) => keyOf(labels)));
      for (const key of retired.keys()) if (!keys.has(key)) retired.delete(key);
    }
    return retired.values();
  }

  /** All metrics of a scrape are read in one turn: the clusters are asked once for all of them. */
  #readSources(): Map<Source, ObservedStatistics> {
    if (this.#read !== null) return this.#read;
    this.#read = new Map([...this.#sources].map((source) => [source, source.cluster.statistics]));
    queueMicrotask(() => {
      this.#read = null;
    });
    return this.#read;
  }

  /** False once the registry was cleared: then another hub is needed. */
  get isRegistered(): boolean {
    return this.#registry.getSingleMetric('cassandra_queries_total') === this.queries;
  }

  /** What the metrics of this hub hold, as prom-client tells it. */
  async toJson(): Promise<readonly object[]> {
    return Promise.all([...this.#own.values()].map((metric) => metric.get()));
  }
}

type MakeBase = (name: string, help: string, labelNames: readonly string[]) => PromClient.MetricConfiguration<string>;
type Keep = <M extends PromClient.Metric>(name: string, metric: M) => M;

/** The least of what is told of each host with the same labels. */
function leastHealth(sources: Iterable<HealthSource>): Iterable<Sample> {
  const least = new Map<string, Sample>();
  for (const source of sources) {
    for (const [host, value] of source.healthOfHosts()) {
      const labels = { ...source.labels, host };
      const key = keyOf(labels);
      least.set(key, { labels, value: Math.min(value, least.get(key)?.value ?? value) });
    }
  }
  return least.values();
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
