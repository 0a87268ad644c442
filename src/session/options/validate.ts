import type { AuthProvider } from '../../connection/auth.js';
import { tlsProblems, type TlsSource } from '../../connection/tls-source.js';
import { ConfigurationError } from '../../errors.js';
import type { MetricsMiddleware } from '../../observe/metrics/middleware.js';
import type { AddressTranslator } from '../../policies/address-translator.js';
import type { ReconnectionPolicy } from '../../policies/reconnection.js';
import { namedDatacenter } from '../../policies/named-datacenter.js';
import type { TimestampGenerator } from '../../policies/timestamps.js';
import { CodecRegistry, type ValueOptions } from '../../protocol/codec/registry.js';
import { readContactPoint, type ContactPoint } from '../../util/contact-point.js';
import { isObject, mustBe, optionProblems, showValue, type OptionCheck } from '../../util/option-checks.js';
import type { ClusterLogger } from '../logger.js';
import type { AsyncClusterOptions, PoolingOptions } from './cluster-options.js';
import { CLUSTER_TABLE, POOLING_TABLE, type OptionTable } from './cluster-table.js';
import { parseContactPoint } from './contact-point.js';
import { FOREIGN_CLUSTER_OPTIONS, FOREIGN_POOLING_OPTIONS } from './foreign-names.js';
import { defaultProfile, profileProblems, resolveProfiles, type ResolvedProfile } from './profiles.js';

/** The options of a cluster, checked and complete. Frozen. */
export interface ResolvedClusterOptions {
  readonly contactPoints: readonly ContactPoint[];
  readonly port: number;
  readonly localDatacenter: string | null;
  readonly keyspace: string | null;
  readonly authProvider: AuthProvider | null;
  readonly tls: boolean | TlsSource;
  /** That of the profile `default`. */
  readonly reconnectionPolicy: ReconnectionPolicy;
  readonly addressTranslator: AddressTranslator;
  readonly timestampGenerator: TimestampGenerator;
  /** `default` is always among them. */
  readonly profiles: ReadonlyMap<string, ResolvedProfile>;
  readonly compression: 'lz4' | null;
  readonly values: ValueOptions;
  readonly connectTimeoutMs: number;
  readonly controlConnectionTimeoutMs: number;
  readonly idleHeartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly maxSchemaAgreementWaitMs: number;
  readonly schemaEventRefreshWindowMs: number;
  readonly topologyEventRefreshWindowMs: number;
  readonly statusEventRefreshWindowMs: number;
  readonly pooling: { readonly [K in keyof PoolingOptions]-?: number };
  readonly prepareOnAllHosts: boolean;
  readonly reprepareOnUp: boolean;
  readonly maxPreparedStatements: number;
  readonly applicationName: string | null;
  readonly applicationVersion: string | null;
  readonly metrics: MetricsMiddleware | null;
  readonly slowQueryMs: number;
  readonly logger: ClusterLogger | null;
}

function checksOf<O>(table: OptionTable<O>): Record<string, OptionCheck> {
  const rows = Object.entries<{ readonly check: OptionCheck }>(table);
  return Object.fromEntries(rows.map(([name, { check }]) => [name, check]));
}

const CLUSTER_CHECKS = checksOf(CLUSTER_TABLE);
const POOLING_CHECKS = checksOf(POOLING_TABLE);
const VALUE_CHECKS: { readonly [K in keyof ValueOptions]-?: OptionCheck } = {
  int64: mustBe("'bigint', 'number' or 'string'", (value) => ['bigint', 'number', 'string'].includes(value as string)),
  set: mustBe("'Set' or 'array'", (value) => value === 'Set' || value === 'array'),
  map: mustBe("'Map' or 'object'", (value) => value === 'Map' || value === 'object'),
  codecs: mustBe('an array of codecs', Array.isArray),
};

type Given = Readonly<Record<string, unknown>>;

/** Checks everything at once: throws one ConfigurationError that says all that is wrong. Opens nothing. */
export function validateClusterOptions(options: AsyncClusterOptions = {}): ResolvedClusterOptions {
  const given: unknown = options;
  if (isObject(given)) refuseOldProtocol(given['protocolVersion']);
  const problems = optionProblems(given, CLUSTER_CHECKS, FOREIGN_CLUSTER_OPTIONS);
  if (isObject(given)) problems.push(...nestedProblems(given));
  if (problems.length > 0) throw new ConfigurationError(`AsyncCluster: ${problems.join('; ')}`);
  return resolve(options);
}

function refuseOldProtocol(version: unknown): void {
  if (typeof version !== 'number' || !Number.isInteger(version) || version >= 5) return;
  throw new ConfigurationError(
    `Protocol version ${String(version)} is not supported. async-cassandra requires CQL protocol v5 or higher for ` +
      'optimal async performance. Leave protocolVersion out to have it negotiated (Cassandra 4.0 and later speak v5).',
  );
}

/** What is wrong inside options that are objects or arrays. */
function nestedProblems({ contactPoints, tls, pooling, values, executionProfiles }: Given): string[] {
  const problems: string[] = [];
  if (Array.isArray(contactPoints)) problems.push(...contactPointProblems(contactPoints));
  if (isObject(tls)) problems.push(...tlsProblems(tls));
  if (isObject(pooling)) problems.push(...optionProblems(pooling, POOLING_CHECKS, FOREIGN_POOLING_OPTIONS, 'pooling.'));
  if (isObject(values)) problems.push(...valueProblems(values));
  if (isObject(executionProfiles)) problems.push(...profileProblems(executionProfiles));
  return problems;
}

function contactPointProblems(points: readonly unknown[]): string[] {
  return points.flatMap((point, i) => {
    const read = readContactPoint(point, 1);
    return typeof read === 'string' ? [`contactPoints[${String(i)}] ${read}`] : [];
  });
}

function valueProblems(values: Given): string[] {
  const problems = optionProblems(values, VALUE_CHECKS, {}, 'values.');
  if (problems.length > 0) return problems;
  try {
    // Codecs are looked at by the registry alone.
    new CodecRegistry(values);
    return [];
  } catch (error) {
    return [`values.codecs: ${error instanceof Error ? error.message : showValue(error)}`];
  }
}

/** The value given, else the default. */
function settle<O extends object, K extends keyof O>(options: O, table: OptionTable<O>, name: K): NonNullable<O[K]> {
  return (options[name] ?? table[name].byDefault()) as NonNullable<O[K]>;
}

function resolve(options: AsyncClusterOptions): ResolvedClusterOptions {
  const of = <K extends keyof AsyncClusterOptions>(name: K): NonNullable<AsyncClusterOptions[K]> =>
    settle(options, CLUSTER_TABLE, name);
  const pooling = of('pooling');
  const room = (name: keyof PoolingOptions): number => settle(pooling, POOLING_TABLE, name);
  const port = of('port');
  const profiles = resolveProfiles(of('executionProfiles'), {
    requestTimeoutMs: of('requestTimeoutMs'),
    loadBalancingPolicy: of('loadBalancingPolicy'),
    retryPolicy: of('retryPolicy'),
    reconnectionPolicy: of('reconnectionPolicy'),
    speculativeExecutionPolicy: of('speculativeExecutionPolicy'),
  });
  return Object.freeze({
    contactPoints: Object.freeze(of('contactPoints').map((point) => parseContactPoint(point, port))),
    port,
    localDatacenter: options.localDatacenter ?? namedDatacenter(defaultProfile({ profiles }).loadBalancingPolicy),
    keyspace: options.keyspace ?? null,
    authProvider: options.authProvider ?? null,
    tls: of('tls'),
    reconnectionPolicy: defaultProfile({ profiles }).reconnectionPolicy,
    addressTranslator: of('addressTranslator'),
    timestampGenerator: of('timestampGenerator'),
    profiles,
    compression: options.compression ?? null,
    values: of('values'),
    connectTimeoutMs: of('connectTimeoutMs'),
    controlConnectionTimeoutMs: of('controlConnectionTimeoutMs'),
    idleHeartbeatIntervalMs: of('idleHeartbeatIntervalMs'),
    heartbeatTimeoutMs: of('heartbeatTimeoutMs'),
    maxSchemaAgreementWaitMs: of('maxSchemaAgreementWaitMs'),
    schemaEventRefreshWindowMs: of('schemaEventRefreshWindowMs'),
    topologyEventRefreshWindowMs: of('topologyEventRefreshWindowMs'),
    statusEventRefreshWindowMs: of('statusEventRefreshWindowMs'),
    pooling: Object.freeze({
      connectionsPerLocalHost: room('connectionsPerLocalHost'),
      connectionsPerRemoteHost: room('connectionsPerRemoteHost'),
      maxRequestsPerConnection: room('maxRequestsPerConnection'),
      maxQueuedRequests: room('maxQueuedRequests'),
      queueTimeoutMs: room('queueTimeoutMs'),
    }),
    prepareOnAllHosts: of('prepareOnAllHosts'),
    reprepareOnUp: of('reprepareOnUp'),
    maxPreparedStatements: of('maxPreparedStatements'),
    applicationName: options.applicationName ?? null,
    applicationVersion: options.applicationVersion ?? null,
    metrics: options.metrics ?? null,
    slowQueryMs: of('slowQueryMs'),
    logger: options.logger ?? null,
  });
}
