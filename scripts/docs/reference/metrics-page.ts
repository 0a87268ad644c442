import { Registry } from 'prom-client';
import { attributesAtEnd, atStart, spanAttributesAtEnd } from '../../../src/metrics/opentelemetry/attributes.js';
import { PrometheusMetricsCollector } from '../../../src/metrics/prometheus/index.js';
import { ConsistencyLevel, ServerError, type TracedRequest } from '../../../src/index.js';
import { declarationText, docstring, interfaceMembers } from './declarations.js';
import { code, fence, GENERATED, page, prose, table } from './markdown.js';

/** What prom-client's metrics have beside their public type. */
interface KnownMetric {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly constructor: { readonly name: string };
}

function prometheusTable(): string {
  const registry = new Registry();
  new PrometheusMetricsCollector({ registry });
  const metrics = registry.getMetricsAsArray() as unknown as readonly KnownMetric[];
  return table(
    ['metric', 'type', 'labels', 'meaning'],
    metrics.map((metric) => [
      code(metric.name),
      metric.constructor.name.toLowerCase(),
      metric.labelNames.map(code).join(', '),
      prose(metric.help),
    ]),
  );
}

const HOST = { id: '', datacenter: '' };

/** A request with everything that a request can have. */
const REQUEST: TracedRequest = {
  cluster: {},
  queryType: 'prepared',
  statement: 'SELECT name FROM shop.users WHERE id = ?',
  keyspace: 'shop',
  consistencyLevel: ConsistencyLevel.ONE,
  isIdempotent: true,
  fetchSize: 5000,
  parametersCount: 1,
  batchSize: 2,
  host: '127.0.0.1:9042',
  speculativeExecutions: 1,
  rowCount: 1,
  error: new ServerError('', { protocolCode: 0 }),
};

function openTelemetryTable(): string {
  const cluster = { metadata: { getHost: () => HOST } } as unknown as Parameters<typeof spanAttributesAtEnd>[1];
  const both = { ...atStart(REQUEST).attributes, ...attributesAtEnd(REQUEST) };
  const spans = { ...atStart(REQUEST).ofSpan, ...spanAttributesAtEnd(REQUEST, cluster) };
  return table(
    ['attribute', 'spans', 'metric'],
    [
      ...Object.keys(both).map((name) => [code(name), 'yes', 'yes']),
      ...Object.keys(spans).map((name) => [code(name), 'yes', '']),
    ],
  );
}

const CHANNELS = ['TracedRequest', 'TracedAttempt', 'TracedPrepare', 'TracedConnect'];

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function channel(name: string): string[] {
  const [title = '', ...meaning] = docstring('observe/tracing', name).split(': ');
  return [
    `### ${title.replaceAll('`', '')}`,
    prose(capitalized(meaning.join(': '))),
    table(
      ['field', 'type', 'meaning'],
      interfaceMembers('observe/tracing', name).map((field) => [
        code(field.isOptional ? `${field.name}?` : field.name),
        code(field.type),
        prose(field.doc),
      ]),
    ),
  ];
}

export function metricsPage(): string {
  return page(
    '# Metrics and traces',
    GENERATED,
    'How to switch them on: [metrics and monitoring](../metrics-and-monitoring.md).',
    '## Prometheus',
    'The collector of `async-cassandra/metrics/prometheus`. Its own `labels` come on top of those named here.',
    prometheusTable(),
    '## In memory',
    prose(docstring('observe/metrics/in-memory', 'InMemoryMetricsCollector')),
    fence('ts', declarationText('observe/metrics/in-memory', 'InMemoryStats')),
    '## For a collector of your own',
    prose(docstring('observe/metrics/types', 'MetricsCollector')),
    fence('ts', declarationText('observe/metrics/types', 'MetricsCollector')),
    fence('ts', declarationText('observe/metrics/types', 'QueryMetrics')),
    fence('ts', declarationText('observe/metrics/types', 'PageMetrics')),
    fence('ts', declarationText('observe/metrics/types', 'ConnectionMetrics')),
    '## OpenTelemetry',
    prose(docstring('metrics/opentelemetry/index', 'instrument')),
    'Each attribute is there where its value is known.',
    openTelemetryTable(),
    '## Tracing channels',
    prose(docstring('observe/tracing', 'TracedOperation')),
    fence(
      'ts',
      "import { tracingChannel } from 'node:diagnostics_channel';\n\ntracingChannel('async-cassandra:request').asyncEnd.subscribe((traced) => console.log(traced));",
    ),
    ...CHANNELS.flatMap(channel),
    '## Counters of a cluster',
    prose(docstring('session/statistics', 'ClusterStatistics')),
    fence('ts', declarationText('session/statistics', 'ClusterStatistics')),
    fence('ts', declarationText('session/statistics', 'HostStatistics')),
    fence('ts', declarationText('observe/metrics/types', 'ObservedTotals')),
  );
}
