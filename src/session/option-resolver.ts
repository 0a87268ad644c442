import type { PoolGroup } from '../cluster/pool-group.js';
import type { ResolvedOptions } from '../execution/resolved-options.js';
import type { RetryPolicy } from '../policies/retry.js';
import { NoSpeculativeExecution, type SpeculativeExecutionPolicy } from '../policies/speculative.js';
import type { StreamStart } from '../result/page-source.js';
import {
  resolveStreamConfig,
  validateStreamConfig,
  type ResolvedStreamConfig,
  type StreamConfig,
} from '../result/stream-config.js';
import type { StatementOptions } from '../statement/statement-options.js';
import { checkStatementSettings, hasNoSettings } from '../statement/statement-base.js';
import { takenPayload } from '../statement/taken-values.js';
import type { Host } from '../topology/host.js';
import {
  defaultProfile,
  EXECUTE_OPTION_CHECKS,
  profileNamed,
  validateExecuteOptions,
  type ExecuteOptions,
  type ResolvedProfile,
} from './options/index.js';
import { noSuchHost } from './no-such-host.js';
import type { SessionHome } from './session-home.js';

/** A call's options where it has none. */
export const NO_OPTIONS: ExecuteOptions = Object.freeze({});

/** Settles a request's options: the call's beat the statement's, which beat the profile's. */
export class OptionResolver {
  readonly #home: Pick<SessionHome<never>, 'core' | 'options'>;
  readonly #default: ResolvedProfile;
  /** What calls without settings come to in `#plainGroup`, by `isIdempotent`. */
  readonly #plain = new Map<boolean | undefined, ResolvedOptions>();
  #plainGroup: PoolGroup | null = null;

  constructor(home: Pick<SessionHome<never>, 'core' | 'options'>) {
    this.#home = home;
    this.#default = defaultProfile(home.options);
  }

  /** @throws ConfigurationError for an unknown option, profile or host, or a value that is none. */
  resolve(group: PoolGroup, statement: StatementOptions, options: ExecuteOptions): ResolvedOptions {
    // Most calls bring no settings of their own, and what they come to is the same each time.
    const isPlain = options === NO_OPTIONS && hasNoSettings(statement);
    if (!isPlain) return this.#resolve(group, statement, options);
    if (this.#plainGroup !== group) {
      this.#plainGroup = group;
      this.#plain.clear();
    }
    const { isIdempotent } = statement;
    let plain = this.#plain.get(isIdempotent);
    if (plain === undefined) {
      plain = this.#resolve(group, statement, options);
      this.#plain.set(isIdempotent, plain);
    }
    return plain;
  }

  #resolve(group: PoolGroup, statement: StatementOptions, options: ExecuteOptions): ResolvedOptions {
    validateExecuteOptions(options);
    checkStatementSettings(statement, 'statement');
    const { host, executeAs } = options;
    const profile = this.#profileOf(options);
    const keyspace = options.keyspace ?? statement.keyspace ?? null;
    const given = options.customPayload ?? statement.customPayload ?? null;
    const payload = given === null ? null : takenPayload(given);
    const timeoutMs = options.timeoutMs ?? profile.requestTimeoutMs;
    return {
      group,
      consistency: options.consistencyLevel ?? statement.consistencyLevel ?? profile.consistencyLevel,
      serialConsistency:
        options.serialConsistencyLevel ?? statement.serialConsistencyLevel ?? profile.serialConsistencyLevel,
      timeoutMs: timeoutMs === 0 ? Infinity : timeoutMs,
      spentMs: 0,
      fetchSize: options.fetchSize ?? statement.fetchSize ?? profile.fetchSize,
      isIdempotent: options.isIdempotent ?? statement.isIdempotent,
      timestamp: options.timestamp ?? statement.timestamp ?? null,
      nowInSeconds: options.nowInSeconds ?? null,
      keyspace: keyspace === group.keyspace ? null : keyspace,
      routing: options.routingKey ?? options.routingToken ?? statement.routingKey ?? null,
      trace: options.trace ?? false,
      customPayload: executeAs === undefined ? payload : { ...payload, ProxyExecute: Buffer.from(executeAs) },
      host: host === undefined ? null : this.#host(host),
      rowMode: options.rowMode ?? 'object',
      registry: this.#home.core.settings.registry,
      signal: options.signal ?? null,
      loadBalancingPolicy: profile.loadBalancingPolicy,
      // Checked by its shape where it was set; the statement's type knows less of it than we do.
      retryPolicy: (options.retryPolicy ?? statement.retryPolicy ?? profile.retryPolicy) as RetryPolicy,
      speculativeExecutionPolicy: speculation(profile),
      pagingState: options.pagingState,
    };
  }

  #profileOf({ executionProfile }: ExecuteOptions): ResolvedProfile {
    return executionProfile === undefined ? this.#default : profileNamed(this.#home.options, executionProfile);
  }

  #host(host: Host | string): Host {
    const { core } = this.#home;
    const found = typeof host === 'string' ? core.hostAt(host) : core.hosts.find(({ id }) => id === host.id);
    if (found !== undefined) return found;
    throw noSuchHost(host, core.hosts);
  }

  /** Takes what concerns the stream out of what concerns each page's request. */
  splitStreamConfig<R>(
    statement: StatementOptions,
    config: StreamConfig<R> & ExecuteOptions,
  ): {
    readonly stream: ResolvedStreamConfig<R>;
    readonly execute: ExecuteOptions;
    readonly start: StreamStart;
  } {
    validateStreamConfig(config, EXECUTE_OPTION_CHECKS);
    checkStatementSettings(statement, 'statement');
    const { maxPageBytes, maxPages, pageCallback, timeoutMs, prefetchPages, ...rest } = config;
    const { pagingState, signal, ...execute } = rest;
    const given = config.customPayload ?? statement.customPayload;
    if (given !== undefined) execute.customPayload = takenPayload(given);
    const fetchSize = config.fetchSize ?? statement.fetchSize ?? this.#profileOf(config).streamFetchSize;
    const stream = resolveStreamConfig({ ...config, fetchSize });
    return { stream, execute, start: { pagingState, signal } };
  }
}

function speculation(profile: ResolvedProfile): SpeculativeExecutionPolicy | null {
  const policy = profile.speculativeExecutionPolicy;
  return policy instanceof NoSpeculativeExecution ? null : policy;
}
