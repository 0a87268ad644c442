/**
 * async-cassandra/metrics/prometheus: the metrics of clusters for Prometheus, by the optional peer prom-client.
 */
import type { Registry } from 'prom-client';
import {
  ConfigurationError,
  type ConnectionMetrics,
  type MetricsCollector,
  type ObservedCluster,
  type PageMetrics,
  type QueryMetrics,
} from '../../index.js';
import {
  anObject,
  isObject,
  mustBe,
  optionProblems,
  showValue,
  withMethods,
  type OptionCheck,
  type OptionChecks,
} from '../../util/option-checks.js';
import { loadPromClient } from './load.js';
import { RegistryHub, type HealthSource, type HubSettings, type Labels } from './registry-hub.js';

/** Where series are registered, and how they look. */
export interface PrometheusMetricsOptions {
  /** Default: prom-client's own default registry. */
  readonly registry?: Registry | undefined;
  /**
   * Labels that all series of this collector have, such as `{ cluster: 'orders' }`. Names are of letters, digits and _,
   * with no digit first; values are strings.
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Upper bounds of cassandra_query_duration_seconds, in seconds, ascending. Default: 0.5 ms to 10 s. */
  readonly buckets?: readonly number[] | undefined;
}

const DEFAULT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Each class of error is a series of its own: what users throw must not make endless ones. */
const MOST_ERROR_TYPES = 100;
const OWN_LABELS = new Set(['query_type', 'success', 'host', 'error_type', 'kind', 'cause', 'le']);

/** As Prometheus has them. */
const LABEL_NAME = /^[a-zA-Z_]\w*$/;

const someLabels: OptionCheck = (value) => {
  if (!isObject(value)) return anObject(value);
  const names = Object.keys(value);
  const taken = names.filter((name) => OWN_LABELS.has(name));
  if (taken.length > 0) return `must not be called ${taken.join(', ')}: these are the metrics' own`;
  const odd = names.filter((name) => !LABEL_NAME.test(name));
  if (odd.length > 0)
    return `must have names of letters, digits and _, no digit first; got ${odd.map(showValue).join(', ')}`;
  const unfit = Object.entries(value).filter(([, label]) => typeof label !== 'string');
  if (unfit.length === 0) return null;
  return `must be strings; got ${unfit.map(([name, label]) => `${name}: ${showValue(label)}`).join(', ')}`;
};

/** A histogram counts a value in the first bound that it does not exceed. */
function areAscending(bounds: readonly unknown[]): boolean {
  return bounds.every((bound, at) => Number.isFinite(bound) && (at === 0 || Number(bounds[at - 1]) < Number(bound)));
}

const CHECKS: OptionChecks = {
  registry: withMethods('a Registry of prom-client', 'registerMetric', 'getSingleMetric'),
  labels: someLabels,
  buckets: mustBe(
    'an array of numbers of seconds, each greater than the one before',
    (value) => Array.isArray(value) && areAscending(value),
  ),
};

const hubs = new WeakMap<Registry, RegistryHub>();

interface QuerySeries {
  readonly observe: (seconds: number) => void;
  readonly count: () => void;
}

/**
 * Metrics for Prometheus. Give it to `createMetricsSystem({ prometheus })` and that to the cluster; the application
 * serves `registry.metrics()`. Several clusters can share a collector, and several collectors a registry if their
 * `labels` have the same names.
 */
export class PrometheusMetricsCollector implements MetricsCollector {
  /** The labels that all series of this collector have. */
  readonly labels: Labels;
  /** The registry that the application serves. */
  readonly registry: Registry;
  readonly #hub: RegistryHub;
  /** By the type of query, of calls that succeeded and of those that failed. */
  readonly #succeeded = new Map<string, QuerySeries>();
  readonly #failed = new Map<string, QuerySeries>();
  readonly #errorTypes = new Set<string>();
  /** What was recorded of hosts; of those of attached clusters their own word counts. */
  readonly #recorded = new Map<string, number>();
  readonly #clusters = new Set<ObservedCluster>();
  readonly #health: HealthSource;

  /**
   * @throws ConfigurationError if prom-client is not installed, an option is wrong, or the registry has metrics of the
   * same names that have other labels or come from elsewhere.
   */
  constructor(options: PrometheusMetricsOptions = {}) {
    checkOptions(options);
    const client = loadPromClient();
    this.registry = options.registry ?? client.register;
    this.labels = { ...options.labels };
    this.#hub = hubOf(client, this.registry, {
      labelNames: Object.keys(this.labels).sort(),
      buckets: options.buckets ?? DEFAULT_BUCKETS,
    });
    this.#health = { labels: this.labels, healthOfHosts: () => this.#healthOfHosts() };
  }

  /** Counts a call and its duration; called by the middleware. */
  recordQuery({ queryType, success, durationMs, errorType, host }: QueryMetrics): void {
    const series = this.#seriesOf(queryType, success);
    series.observe(durationMs / 1000);
    series.count();
    if (success) return;
    this.#hub.errors.inc({ ...this.labels, error_type: this.#errorType(errorType) });
    this.#recordHostError(errorType, host);
  }

  /** Counts a page of a stream and its rows; called by the middleware. */
  recordPage({ success, rows, errorType, host }: PageMetrics): void {
    if (!success) {
      // A stream asks many hosts: only its last page knows which one it failed at.
      this.#recordHostError(errorType, host);
      return;
    }
    this.#hub.pages.inc({ ...this.labels }, 1);
    this.#hub.rows.inc({ ...this.labels }, rows);
  }

  /** Keeps whether the host is well; called by the middleware. */
  recordConnectionHealth({ host, isHealthy }: ConnectionMetrics): void {
    this.#recorded.set(host, isHealthy ? 1 : 0);
    this.#hub.addHealth(this.#health);
  }

  /** The metrics as prom-client gives them as JSON. */
  getStats(): Promise<readonly object[]> {
    return this.#hub.toJson();
  }

  /** Shows the cluster's own numbers from now on; called by the middleware. */
  attachCluster(cluster: ObservedCluster): void {
    this.#clusters.add(cluster);
    this.#hub.addHealth(this.#health);
    this.#hub.attach(cluster, this.labels);
  }

  /** Shows them no longer; called by the middleware. */
  detachCluster(cluster: ObservedCluster): void {
    if (!this.#clusters.delete(cluster)) return;
    this.#hub.detach(cluster, this.labels);
    if (this.#clusters.size > 0) return;
    this.#recorded.clear();
    // A registry that lives on does not keep collectors that nobody uses.
    this.#hub.removeHealth(this.#health);
  }

  #seriesOf(queryType: string, success: boolean): QuerySeries {
    const known = success ? this.#succeeded : this.#failed;
    let series = known.get(queryType);
    if (series === undefined) {
      const labels = { ...this.labels, query_type: queryType, success: success ? 'success' : 'failure' };
      const duration = this.#hub.duration.labels(labels);
      const queries = this.#hub.queries.labels(labels);
      series = {
        observe: (seconds) => {
          duration.observe(seconds);
        },
        count: () => {
          queries.inc();
        },
      };
      known.set(queryType, series);
    }
    return series;
  }

  #recordHostError(errorType: string | undefined, host: string | undefined): void {
    if (host === undefined) return;
    this.#hub.hostErrors.inc({ ...this.labels, error_type: this.#errorType(errorType), host });
  }

  #errorType(name = 'Error'): string {
    if (this.#errorTypes.has(name)) return name;
    if (this.#errorTypes.size >= MOST_ERROR_TYPES) return 'others';
    this.#errorTypes.add(name);
    return name;
  }

  /**
   * Hosts that a cluster knows no longer are left out, and those that it has no connection to and never lost: nothing is
   * known of hosts that the policy leaves out. Before any host is known, what was found at the contact points.
   */
  #healthOfHosts(): ReadonlyMap<string, number> {
    const hosts = [...this.#clusters].flatMap((cluster) => cluster.statistics.hosts);
    if (hosts.length === 0) return this.#recorded;
    const health = new Map<string, number>();
    for (const { host, openConnections } of hosts) {
      if (host.isUp && openConnections === 0) continue;
      health.set(host.endpoint, Math.min(health.get(host.endpoint) ?? 1, host.isUp ? 1 : 0));
    }
    return health;
  }
}

function checkOptions(options: PrometheusMetricsOptions): void {
  const problems = optionProblems(options, CHECKS);
  if (problems.length > 0) throw new ConfigurationError(`PrometheusMetricsCollector: ${problems.join('; ')}`);
}

/** The metrics of a registry, made with its first collector. */
function hubOf(client: ReturnType<typeof loadPromClient>, registry: Registry, settings: HubSettings): RegistryHub {
  const known = hubs.get(registry);
  if (known?.isRegistered !== true) {
    const made = new RegistryHub(client, registry, settings);
    hubs.set(registry, made);
    return made;
  }
  const shape = ({ labelNames, buckets }: HubSettings): string =>
    `labels (${labelNames.join(', ')}) and buckets (${buckets.join(', ')})`;
  if (shape(known.settings) !== shape(settings)) {
    throw new ConfigurationError(
      `PrometheusMetricsCollector: the registry has these metrics with ${shape(known.settings)}; another collector for ` +
        'it needs the same names of labels (their values may differ) and the same buckets, or a registry of its own',
    );
  }
  return known;
}
