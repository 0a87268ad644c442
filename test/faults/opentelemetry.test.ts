import assert from 'node:assert/strict';
import { tracingChannel } from 'node:diagnostics_channel';
import { after, before, test } from 'node:test';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BatchStatement } from '../../src/index.js';
import { instrument } from '../../src/metrics/opentelemetry/index.js';
import { error, hold, rows } from '../../src/testing/index.js';
import { bench, failure } from './support.js';

before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
after(() => {
  context.disable();
});

function tracing(): { spans: InMemorySpanExporter; tracerProvider: BasicTracerProvider } {
  const spans = new InMemorySpanExporter();
  return { spans, tracerProvider: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }) };
}

test('spans by the stable conventions, children of the active span, and no values', async () => {
  const { spans, tracerProvider } = tracing();
  await using one = await bench();
  const { node, session, cluster } = one;
  node.on(/FROM shop.users/, rows([{ id: 1 }, { id: 2 }]));
  node.on(/FROM bad/, error('INVALID', { message: 'no such table' }));
  node.prepared(/INSERT/, { parameters: [{ name: 'a', type: 'text' }] });
  const undo = instrument(cluster, { tracerProvider });
  const parent = tracerProvider.getTracer('test').startSpan('parent');
  await context.with(trace.setSpan(context.active(), parent), async () => {
    await session.execute("SELECT * FROM shop.users WHERE name = 'secret'", undefined, {
      fetchSize: 7,
      isIdempotent: true,
    });
    await session.execute('INSERT INTO t (a) VALUES (?)', ['secret']);
    await session.executeBatch(
      new BatchStatement().add("INSERT INTO t (a) VALUES ('x')").add("INSERT INTO t (a) VALUES ('y')"),
    );
    await failure(session.execute('SELECT * FROM bad'));
  });
  parent.end();
  undo();
  await session.execute('SELECT after');

  const made = spans.getFinishedSpans().filter(({ name }) => name !== 'parent');
  assert.deepEqual(
    made.map(({ name }) => name),
    ['SELECT users', 'PREPARE t', 'INSERT t', 'BATCH INSERT t', 'SELECT bad'],
  );
  for (const span of made) {
    assert.equal(span.kind, SpanKind.CLIENT);
    assert.equal(span.parentSpanContext?.spanId, parent.spanContext().spanId);
    assert.equal(span.attributes['db.system.name'], 'cassandra');
    assert.equal(span.attributes['server.address'], '127.0.0.1');
    assert.equal(span.attributes['server.port'], node.port);
  }
  const [select, , insert, batch, bad] = made;
  assert.deepEqual(select?.attributes, {
    'db.system.name': 'cassandra',
    'db.operation.name': 'SELECT',
    'db.namespace': 'shop',
    'db.collection.name': 'users',
    'cassandra.consistency.level': 'local_one',
    'cassandra.page.size': 7,
    'cassandra.query.idempotent': true,
    'server.address': '127.0.0.1',
    'server.port': node.port,
    'cassandra.coordinator.id': node.hostId,
    'cassandra.coordinator.dc': 'datacenter1',
    'db.response.returned_rows': 2,
  });
  assert.equal(insert?.attributes['db.query.text'], 'INSERT INTO t (a) VALUES (?)');
  assert.equal(batch?.attributes['db.operation.batch.size'], 2);
  assert.equal(batch.attributes['db.query.text'], undefined);
  assert.equal(bad?.attributes['error.type'], 'InvalidRequest');
  assert.equal(bad.attributes['db.response.status_code'], String(0x2200));
  assert.deepEqual(bad.status, { code: SpanStatusCode.ERROR, message: 'no such table' });
  assert.doesNotMatch(JSON.stringify(made.map(({ attributes }) => attributes)), /secret/);
});

test('what is under way when the instrumentation is undone ends its span, and nothing stays behind', async () => {
  const { spans, tracerProvider } = tracing();
  await using one = await bench();
  const { node, session, cluster } = one;
  const { asyncEnd } = tracingChannel('async-cassandra:request');
  node.on(/FROM held/, hold());
  const undo = instrument(cluster, { tracerProvider });
  const running = session.execute('SELECT a FROM held');
  await node.waitFor(/FROM held/);
  undo();
  undo();
  await session.execute('SELECT b FROM after');
  assert.deepEqual(spans.getFinishedSpans(), []);
  node.release();
  await running;
  assert.deepEqual(
    spans.getFinishedSpans().map(({ name }) => name),
    ['SELECT held'],
  );
  assert.equal(asyncEnd.hasSubscribers, false);
});

test('only the instrumented cluster makes spans', async () => {
  const { spans, tracerProvider } = tracing();
  await using one = await bench();
  await using other = await bench();
  const undo = instrument(one.cluster, { tracerProvider });
  await other.session.execute('SELECT 1');
  assert.deepEqual(spans.getFinishedSpans(), []);
  await one.session.execute('SELECT 1');
  assert.equal(spans.getFinishedSpans().length, 1);
  undo();
});

test('db.client.operation.duration in seconds, with its attributes', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  await using one = await bench();
  one.node.on(/FROM bad/, error('INVALID'));
  const undo = instrument(one.cluster, { meterProvider });
  await one.session.execute('SELECT * FROM t');
  await one.session.execute('SELECT * FROM t');
  await failure(one.session.execute('SELECT * FROM bad'));
  undo();
  await reader.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  await meterProvider.shutdown();
  assert.deepEqual(
    metrics.map(({ descriptor }) => [descriptor.name, descriptor.unit]),
    [['db.client.operation.duration', 's']],
  );
  const points = (metrics[0]?.dataPoints ?? []) as { attributes: object; value: { count: number; sum: number } }[];
  assert.deepEqual(
    points.map(({ attributes, value }) => [attributes, value.count]),
    [
      [
        {
          'db.system.name': 'cassandra',
          'db.operation.name': 'SELECT',
          'db.collection.name': 't',
          'server.address': '127.0.0.1',
          'server.port': one.node.port,
        },
        2,
      ],
      [
        {
          'db.system.name': 'cassandra',
          'db.operation.name': 'SELECT',
          'db.collection.name': 'bad',
          'server.address': '127.0.0.1',
          'server.port': one.node.port,
          'db.response.status_code': String(0x2200),
          'error.type': 'InvalidRequest',
        },
        1,
      ],
    ],
  );
  assert.ok((points[0]?.value.sum ?? 99) < 10, 'seconds, not milliseconds');
});

test('the trace context travels in the custom payload, if asked for', async () => {
  const { spans, tracerProvider } = tracing();
  await using one = await bench();
  const undo = instrument(one.cluster, { tracerProvider, propagate: true });
  await one.session.execute('SELECT 1');
  undo();
  const [span] = spans.getFinishedSpans();
  const sent = one.node.requests.find(({ query }) => query === 'SELECT 1')?.customPayload?.['traceparent'];
  const { traceId, spanId } = span?.spanContext() ?? { traceId: '', spanId: '' };
  assert.equal(Buffer.from(sent ?? []).toString(), `00-${traceId}-${spanId}-01`);
});
