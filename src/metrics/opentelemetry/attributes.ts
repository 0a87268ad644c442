import type { Attributes } from '@opentelemetry/api';
import {
  ConsistencyLevel,
  QueryError,
  type AsyncCluster,
  type TracedPrepare,
  type TracedRequest,
} from '../../index.js';
import { errorTypeOf } from '../../util/error-type.js';
import { hasBindMarkers } from './bind-markers.js';
import { summaryOf, summaryOfBatch, type Summary } from './statement-text.js';

/** What becomes a span: a request, or a preparation. */
export type Traced = TracedRequest | TracedPrepare;

const LEVELS = new Map<number, string>(
  Object.entries(ConsistencyLevel).map(([name, number]) => [number, name.toLowerCase()]),
);

export function isRequest(traced: Traced): traced is TracedRequest {
  return 'queryType' in traced;
}

/** By the conventions, one statement alone is no batch. */
function isBatch(traced: Traced): traced is TracedRequest {
  return isRequest(traced) && traced.queryType === 'batch' && traced.batchSize !== 1;
}

/** What a request or a preparation is about. */
function summaryOfTraced(traced: Traced): Summary {
  const { statement } = traced;
  if (isBatch(traced)) return { ...summaryOfBatch(statement), batchSize: traced.batchSize ?? null };
  const summary = summaryOf(statement);
  return isRequest(traced) ? summary : { ...summary, operation: 'PREPARE' };
}

/** The stable database conventions, as far as they are known before the request is sent. */
export interface AtStart {
  readonly attributes: Attributes;
  /** What spans have beside what metrics have too. */
  readonly ofSpan: Attributes;
}

/** The statement's text is looked at once for all of it. */
export function atStart(traced: Traced): AtStart {
  const summary = summaryOfTraced(traced);
  return { attributes: attributesAtStart(traced, summary), ofSpan: spanAttributesAtStart(traced, summary) };
}

function attributesAtStart(traced: Traced, { operation, target }: Summary): Attributes {
  const namespace = target?.keyspace ?? traced.keyspace;
  return {
    'db.system.name': 'cassandra',
    ...(operation === '' ? {} : { 'db.operation.name': operation }),
    ...(namespace === null ? {} : { 'db.namespace': namespace }),
    ...(target === null ? {} : { 'db.collection.name': target.table }),
  };
}

function spanAttributesAtStart(traced: Traced, { batchSize }: Summary): Attributes {
  // Whoever binds values has none in the text; a text without parameters may be full of them.
  if (!isRequest(traced)) return hasBindMarkers(traced.statement) ? { 'db.query.text': traced.statement } : {};
  const { parametersCount, statement, consistencyLevel, fetchSize, isIdempotent } = traced;
  const level = consistencyLevel === undefined ? undefined : LEVELS.get(consistencyLevel);
  const mayShow = !isBatch(traced) && parametersCount > 0;
  return {
    ...(mayShow ? { 'db.query.text': statement } : {}),
    ...(batchSize !== null && batchSize > 1 ? { 'db.operation.batch.size': batchSize } : {}),
    ...(level === undefined ? {} : { 'cassandra.consistency.level': level }),
    ...(fetchSize === undefined ? {} : { 'cassandra.page.size': fetchSize }),
    ...(isIdempotent === undefined ? {} : { 'cassandra.query.idempotent': isIdempotent }),
  };
}

function splitEndpoint(endpoint: string): { readonly address: string; readonly port: number } {
  const at = endpoint.lastIndexOf(':');
  return { address: endpoint.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(endpoint.slice(at + 1)) };
}

/** What is known of both spans and metrics when it has ended. */
export function attributesAtEnd({ host, error }: Traced): Attributes {
  const code = error instanceof QueryError ? error.protocolCode : undefined;
  const server = host === undefined || host === '' ? null : splitEndpoint(host);
  return {
    ...(server === null ? {} : { 'server.address': server.address, 'server.port': server.port }),
    ...(code === undefined ? {} : { 'db.response.status_code': String(code) }),
    ...(error === undefined ? {} : { 'error.type': errorTypeOf(error) }),
  };
}

export function spanAttributesAtEnd(traced: Traced, cluster: Pick<AsyncCluster, 'metadata'>): Attributes {
  const { host: endpoint } = traced;
  const host = endpoint === undefined || endpoint === '' ? undefined : cluster.metadata.getHost(endpoint);
  const speculative = isRequest(traced) ? (traced.speculativeExecutions ?? 0) : 0;
  return {
    ...(host === undefined ? {} : { 'cassandra.coordinator.id': host.id, 'cassandra.coordinator.dc': host.datacenter }),
    ...(speculative > 0 ? { 'cassandra.speculative_execution.count': speculative } : {}),
    ...(isRequest(traced) && traced.rowCount !== undefined ? { 'db.response.returned_rows': traced.rowCount } : {}),
  };
}

/** `SELECT users`, or what of it is known (conventions: name of a database span). */
export function spanName(attributes: Attributes): string {
  const operation = attributes['db.operation.name'];
  const target = attributes['db.collection.name'] ?? attributes['db.namespace'];
  const parts = [operation, target].filter((part) => typeof part === 'string');
  return parts.length === 0 ? 'cassandra' : parts.join(' ');
}
