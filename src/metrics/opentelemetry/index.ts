/**
 * async-cassandra/metrics/opentelemetry: spans and the metric `db.client.operation.duration` by the stable semantic
 * conventions for databases, by the optional peer @opentelemetry/api.
 */
import { subscribe, unsubscribe, type ChannelListener } from 'node:diagnostics_channel';
import type { Attributes, Context, Histogram, MeterProvider, Span, Tracer, TracerProvider } from '@opentelemetry/api';
import { ConfigurationError } from '../../errors.js';
import type { AsyncCluster } from '../../index.js';
import { aBoolean, optionProblems, withMethods, type OptionCheck } from '../../util/option-checks.js';
import { DRIVER_VERSION } from '../../version.js';
import { attributesAtEnd, atStart, isRequest, spanAttributesAtEnd, spanName, type Traced } from './attributes.js';
import { loadApi, type Api } from './load.js';

/** Where spans and metrics go, and whether the trace context travels on. */
export interface InstrumentOptions {
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Default: the global one. */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * True: each request carries its span's W3C trace context (`traceparent`, `tracestate`) in the custom payload, for
   * servers whose query handler looks for it. Default false.
   */
  readonly propagate?: boolean | undefined;
}

const NAME = 'async-cassandra';
/** What the parts of these TracingChannels are called. */
const CHANNELS = ['tracing:async-cassandra:request', 'tracing:async-cassandra:prepare'];
/** As the conventions advise for db.client.operation.duration. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

const aCluster = withMethods('an AsyncCluster', 'connect', 'shutdown', 'on');
const CHECKS = {
  tracerProvider: withMethods('a TracerProvider', 'getTracer'),
  meterProvider: withMethods('a MeterProvider', 'getMeter'),
  propagate: aBoolean,
} as const satisfies { readonly [K in keyof InstrumentOptions]-?: OptionCheck };

interface Running {
  readonly span: Span;
  /** What the metric has too. */
  readonly attributes: Attributes;
}

/** Turns what the TracingChannels tell of one cluster into spans and a histogram. */
class Instrumentation {
  readonly #api: typeof Api;
  readonly #cluster: AsyncCluster;
  readonly #tracer: Tracer;
  readonly #durations: Histogram;
  readonly #propagate: boolean;
  readonly #running = new WeakMap<object, Running>();
  #open = 0;
  #whenIdle: (() => void) | null = null;

  constructor(api: typeof Api, cluster: AsyncCluster, options: InstrumentOptions) {
    this.#api = api;
    this.#cluster = cluster;
    const tracers = options.tracerProvider ?? api.trace.getTracerProvider();
    const meters = options.meterProvider ?? api.metrics.getMeterProvider();
    this.#tracer = tracers.getTracer(NAME, DRIVER_VERSION);
    this.#durations = meters.getMeter(NAME, DRIVER_VERSION).createHistogram('db.client.operation.duration', {
      description: 'Duration of database client operations.',
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    this.#propagate = options.propagate ?? false;
  }

  readonly onStart = (traced: Traced): void => {
    if (traced.cluster !== this.#cluster) return;
    const { context, SpanKind } = this.#api;
    const { attributes, ofSpan } = atStart(traced);
    const parent = context.active();
    const span = this.#tracer.startSpan(
      spanName(attributes),
      { kind: SpanKind.CLIENT, attributes: { ...attributes, ...ofSpan } },
      parent,
    );
    this.#running.set(traced, { span, attributes });
    this.#open++;
    if (this.#propagate && isRequest(traced)) this.#inject(traced, span);
  };

  readonly onEnd = (traced: Traced): void => {
    const running = this.#running.get(traced);
    if (running === undefined) return;
    this.#running.delete(traced);
    if (--this.#open === 0) this.#whenIdle?.();
    const { span } = running;
    const known = attributesAtEnd(traced);
    span.setAttributes({ ...known, ...spanAttributesAtEnd(traced, this.#cluster) });
    const { error } = traced;
    if (error !== undefined) {
      const message = error instanceof Error ? { message: error.message } : {};
      span.setStatus({ code: this.#api.SpanStatusCode.ERROR, ...message });
    }
    span.end();
    const context: Context = this.#api.trace.setSpan(this.#api.context.active(), span);
    this.#durations.record((traced.durationMs ?? 0) / 1000, { ...running.attributes, ...known }, context);
  };

  /** Calls back once no span is open; at once if none is. */
  whenIdle(callback: () => void): void {
    if (this.#open === 0) callback();
    else this.#whenIdle = callback;
  }

  /** The headers of W3C Trace Context, as they would travel over HTTP. */
  #inject(traced: Extract<Traced, { queryType: unknown }>, span: Span): void {
    const context = span.spanContext();
    if (!this.#api.isSpanContextValid(context)) return;
    const flags = context.traceFlags.toString(16).padStart(2, '0');
    const state = context.traceState?.serialize() ?? '';
    traced.customPayload = {
      ...traced.customPayload,
      traceparent: Buffer.from(`00-${context.traceId}-${context.spanId}-${flags}`),
      ...(state === '' ? {} : { tracestate: Buffer.from(state) }),
    };
  }
}

/**
 * Makes a span, and a value of the histogram `db.client.operation.duration`, of each request and each preparation of
 * the cluster. A span is the child of the span that is active where the call is made. Of streams, each page is one.
 * Bound values never appear; a statement's text does only if its values are bound. Returns what undoes it: until that is
 * called, the cluster stays in memory.
 *
 * @throws ConfigurationError if `@opentelemetry/api` is not installed, for something that is no cluster, for wrong options.
 */
export function instrument(cluster: AsyncCluster, options: InstrumentOptions = {}): () => void {
  const api = loadApi();
  const problem = aCluster(cluster);
  const problems = [...(problem === null ? [] : [`the first argument ${problem}`]), ...optionProblems(options, CHECKS)];
  if (problems.length > 0) throw new ConfigurationError(`instrument: ${problems.join('; ')}`);
  const instrumentation = new Instrumentation(api, cluster, options);
  const onStart = instrumentation.onStart as ChannelListener;
  const onEnd = instrumentation.onEnd as ChannelListener;
  for (const channel of CHANNELS) {
    subscribe(`${channel}:start`, onStart);
    subscribe(`${channel}:asyncEnd`, onEnd);
  }
  return () => {
    for (const channel of CHANNELS) unsubscribe(`${channel}:start`, onStart);
    // What is under way has spans, which end with it.
    instrumentation.whenIdle(() => {
      for (const channel of CHANNELS) unsubscribe(`${channel}:asyncEnd`, onEnd);
    });
  };
}
