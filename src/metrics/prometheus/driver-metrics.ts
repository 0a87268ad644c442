import type { ObservedHost, ObservedStatistics, ObservedTotals } from '../../index.js';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Aggregator = 'sum' | 'average';

/** A metric that is read from the clusters' own numbers when somebody scrapes. */
export interface DriverMetric {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly labelNames: readonly string[];
  /** How one value is made of those of several clusters, and of several processes in prom-client's cluster mode. */
  readonly aggregator: Aggregator;
  /** Of all clusters that share their constant labels. */
  readonly read: (all: readonly ObservedStatistics[]) => readonly Sample[];
}

export const DRIVER_PREFIX = 'cassandra_client_';

type All = readonly ObservedStatistics[];
type NumberOf<T> = { [K in keyof T]: T[K] extends number ? K : never }[keyof T];

/** Makes one sample of what has the same labels. */
class Combined {
  readonly #byLabels = new Map<string, { readonly labels: Sample['labels']; sum: number; count: number }>();

  readonly #aggregator: Aggregator;

  constructor(aggregator: Aggregator) {
    this.#aggregator = aggregator;
  }

  add(labels: Sample['labels'], value: number): void {
    const key = JSON.stringify(labels);
    const before = this.#byLabels.get(key) ?? { labels, sum: 0, count: 0 };
    this.#byLabels.set(key, { labels, sum: before.sum + value, count: before.count + 1 });
  }

  get samples(): readonly Sample[] {
    return [...this.#byLabels.values()].map(({ labels, sum, count }) => ({
      labels,
      value: this.#aggregator === 'sum' ? sum : sum / count,
    }));
  }
}

function sumOf(all: readonly ObservedStatistics[], value: (one: ObservedStatistics) => number): number {
  return all.reduce((sum, one) => sum + value(one), 0);
}

function total(name: string, help: string, field: NumberOf<ObservedTotals>, unit = 1): DriverMetric {
  return {
    name,
    help,
    type: 'counter',
    labelNames: [],
    aggregator: 'sum',
    read: (all: All): readonly Sample[] => [{ labels: {}, value: sumOf(all, ({ totals }) => totals[field]) * unit }],
  };
}

function perHost(
  type: DriverMetric['type'],
  name: string,
  help: string,
  value: (host: ObservedHost) => number | null,
  aggregator: Aggregator = 'sum',
): DriverMetric {
  return {
    name,
    help,
    type,
    labelNames: ['host'],
    aggregator,
    read: (all) => {
      const combined = new Combined(aggregator);
      for (const one of all.flatMap(({ hosts }) => hosts)) {
        const number = value(one);
        if (number !== null) combined.add({ host: one.host.endpoint }, number);
      }
      return combined.samples;
    },
  };
}

/** The driver's own metrics. */
export const DRIVER_METRICS: readonly DriverMetric[] = [
  perHost('gauge', 'in_flight_requests', 'Requests that wait for an answer.', (host) => host.inFlight),
  perHost('gauge', 'queued_requests', 'Requests that wait for room on a connection.', (host) => host.queued),
  perHost(
    'gauge',
    'open_connections',
    'Connections that are open, without the control connection.',
    (host) => host.openConnections,
  ),
  perHost(
    'gauge',
    'orphaned_streams',
    'Requests given up that the host still owes an answer.',
    (host) => host.orphaned,
  ),
  perHost('gauge', 'adaptive_limit', 'Requests that the host may have at a time.', (host) => host.adaptiveLimit),
  perHost(
    'gauge',
    'host_latency_seconds',
    'Moving average of the latency of answers.',
    ({ latencyMs }) => (latencyMs === null ? null : latencyMs / 1000),
    'average',
  ),
  perHost('counter', 'requests_total', 'Attempts of requests that were sent.', (host) => host.requests),
  perHost('counter', 'request_errors_total', 'Attempts that failed, other than by time.', (host) => host.errors),
  {
    name: 'connection_errors_total',
    help: 'Connections that could not be opened or were lost, by kind: connect, tls, auth, protocol, heartbeat, lost.',
    type: 'counter',
    labelNames: ['host', 'kind'],
    aggregator: 'sum',
    read: (all: All): readonly Sample[] => {
      const sums = new Combined('sum');
      for (const { totals } of all) {
        for (const [host, kinds] of totals.connectionErrorsByHost) {
          for (const [kind, count] of kinds) sums.add({ host, kind }, count);
        }
      }
      return sums.samples;
    },
  },
  {
    name: 'retries_total',
    help: 'Attempts that were sent because a retry policy asked for them, by the class of the error before.',
    type: 'counter',
    labelNames: ['cause'],
    aggregator: 'sum',
    read: (all: All): readonly Sample[] => {
      const sums = new Combined('sum');
      for (const { totals } of all) for (const [cause, count] of totals.retriesByCause) sums.add({ cause }, count);
      return sums.samples;
    },
  },
  total(
    'speculative_executions_total',
    'Attempts begun beside one that had not failed, but not answered either.',
    'speculativeExecutions',
  ),
  total('timeouts_total', 'Attempts that were not answered by their deadline.', 'timeouts'),
  {
    name: 'prepared_statements',
    help: 'Statements in the cache of prepared statements.',
    type: 'gauge',
    labelNames: [],
    aggregator: 'sum',
    read: (all: All): readonly Sample[] => [
      { labels: {}, value: sumOf(all, ({ preparedStatements }) => preparedStatements) },
    ],
  },
  total('prepares_total', 'Statements prepared for the first time.', 'prepares'),
  total('reprepares_total', 'Requests that a node answered with not knowing their prepared statement.', 'reprepares'),
  total('bytes_sent_total', 'Bytes handed to sockets.', 'bytesSent'),
  total('bytes_received_total', 'Bytes read from sockets.', 'bytesReceived'),
  total('socket_writes_total', 'Writes to sockets, each of one or many requests.', 'writes'),
  total('requests_sent_total', 'Requests handed to sockets, those of the client itself among them.', 'requestsSent'),
  {
    name: 'requests_per_write',
    help: 'Requests in one write to a socket, on average since the start.',
    type: 'gauge',
    labelNames: [],
    aggregator: 'average',
    read: (all: All): readonly Sample[] => {
      const writes = sumOf(all, ({ totals }) => totals.writes);
      return [{ labels: {}, value: writes === 0 ? 0 : sumOf(all, ({ totals }) => totals.requestsSent) / writes }];
    },
  },
  total('connections_opened_total', 'Connections that were opened.', 'connectionsOpened'),
  total('schema_events_total', 'Changes of the schema that servers told of.', 'schemaEvents'),
  total('topology_events_total', 'Nodes that came or left, as servers told.', 'topologyEvents'),
  total('status_events_total', 'Nodes that went up or down, as servers told.', 'statusEvents'),
  total(
    'decode_seconds_total',
    'Time of the event loop spent on reading answers: its rate is the share of the event loop.',
    'decodeMs',
    0.001,
  ),
  total('stray_answers_total', 'Answers to requests that were never sent.', 'strayAnswers'),
];
