import { ConfigurationError } from '../../errors.js';
import type { LoadBalancingPolicy } from '../../policies/load-balancing.js';
import type { ReconnectionPolicy } from '../../policies/reconnection.js';
import type { RetryPolicy } from '../../policies/retry.js';
import type { SpeculativeExecutionPolicy } from '../../policies/speculative.js';
import { ConsistencyLevel } from '../../protocol/constants.js';
import { STREAM_FETCH_SIZE } from '../../result/stream-config.js';
import {
  aConsistencyLevel,
  aFetchSize,
  aRetryPolicy,
  aSerialConsistencyLevel,
  FOREIGN_STATEMENT_OPTIONS,
} from '../../statement/statement-options.js';
import { nearestName } from '../../util/nearest-name.js';
import { milliseconds, optionProblems, withMethods, type OptionChecks } from '../../util/option-checks.js';

/** Settings of requests under a name. What is left out comes from the profile `default`. */
export interface ExecutionProfileOptions {
  /** How many replicas must answer. Default LOCAL_ONE. */
  readonly consistencyLevel?: ConsistencyLevel | undefined;
  /** Who takes part in a conditional write: all datacenters (SERIAL, the default) or the local one (LOCAL_SERIAL). */
  readonly serialConsistencyLevel?: ConsistencyLevel | undefined;
  /** The whole budget of a request, attempts and retries together; per page when paging. 0: no limit. */
  readonly requestTimeoutMs?: number | undefined;
  /** Rows a page. Default 5000, for streams 1000. */
  readonly fetchSize?: number | undefined;
  /** Which hosts are tried, and in what order. Default: the cluster's. */
  readonly loadBalancingPolicy?: LoadBalancingPolicy | undefined;
  /** What follows a failed attempt. Default: the cluster's. */
  readonly retryPolicy?: RetryPolicy | undefined;
  /** Only that of `default` has an effect: a lost host is reached again for all profiles together. */
  readonly reconnectionPolicy?: ReconnectionPolicy | undefined;
  /** When one more host is asked. Default: the cluster's. */
  readonly speculativeExecutionPolicy?: SpeculativeExecutionPolicy | undefined;
}

/** A profile with everything that it inherits. */
export interface ResolvedProfile {
  readonly name: string;
  readonly consistencyLevel: ConsistencyLevel;
  readonly serialConsistencyLevel: ConsistencyLevel;
  /** 0: no limit. */
  readonly requestTimeoutMs: number;
  readonly fetchSize: number;
  /** The same for streams, which have a default of their own. */
  readonly streamFetchSize: number;
  readonly loadBalancingPolicy: LoadBalancingPolicy;
  readonly retryPolicy: RetryPolicy;
  readonly reconnectionPolicy: ReconnectionPolicy;
  readonly speculativeExecutionPolicy: SpeculativeExecutionPolicy;
}

export const POLICY_CHECKS = {
  loadBalancingPolicy: withMethods('a LoadBalancingPolicy', 'init', 'distance', 'newQueryPlan'),
  retryPolicy: aRetryPolicy,
  reconnectionPolicy: withMethods('a ReconnectionPolicy', 'newSchedule'),
  speculativeExecutionPolicy: withMethods('a SpeculativeExecutionPolicy', 'nextDelayMs'),
} as const satisfies OptionChecks;

export const PROFILE_CHECKS = {
  consistencyLevel: aConsistencyLevel,
  serialConsistencyLevel: aSerialConsistencyLevel,
  requestTimeoutMs: milliseconds(0, 'no limit'),
  fetchSize: aFetchSize,
  ...POLICY_CHECKS,
} as const satisfies { readonly [K in keyof ExecutionProfileOptions]-?: OptionChecks[string] };

/** Names that the Python driver and cassandra-driver use. */
const FOREIGN: Readonly<Record<string, string>> = {
  ...FOREIGN_STATEMENT_OPTIONS,
  requestTimeout: 'it is called requestTimeoutMs here, in milliseconds',
  readTimeout: 'it is called requestTimeoutMs here',
  timeoutMs: 'it is called requestTimeoutMs here',
  loadBalancing: 'it is called loadBalancingPolicy here',
  speculativeExecution: 'it is called speculativeExecutionPolicy here',
  rowFactory: 'rowMode is an option of each call',
};

/** Everything that is wrong with the profiles. */
export function profileProblems(profiles: unknown): string[] {
  return Object.entries(profiles as Record<string, unknown>).flatMap(([name, profile]) =>
    optionProblems(profile, PROFILE_CHECKS, FOREIGN, `executionProfiles.${name}.`),
  );
}

const DEFAULT_PROFILE = 'default';

/** What the profile `default` inherits: the cluster's own options. */
export type ProfileBase = Pick<
  ResolvedProfile,
  'requestTimeoutMs' | 'loadBalancingPolicy' | 'retryPolicy' | 'reconnectionPolicy' | 'speculativeExecutionPolicy'
>;

/** All profiles with everything that they inherit; `default` is always among them. */
export function resolveProfiles(
  profiles: Readonly<Record<string, ExecutionProfileOptions>>,
  base: ProfileBase,
): Map<string, ResolvedProfile> {
  const root: Omit<ResolvedProfile, 'name'> = {
    consistencyLevel: ConsistencyLevel.LOCAL_ONE,
    serialConsistencyLevel: ConsistencyLevel.SERIAL,
    fetchSize: 5000,
    streamFetchSize: STREAM_FETCH_SIZE,
    ...base,
  };
  const main = inherit(DEFAULT_PROFILE, profiles[DEFAULT_PROFILE] ?? {}, root);
  const resolved = new Map([[DEFAULT_PROFILE, main]]);
  for (const [name, profile] of Object.entries(profiles)) {
    if (name !== DEFAULT_PROFILE) resolved.set(name, inherit(name, profile, main));
  }
  return resolved;
}

function inherit(name: string, own: ExecutionProfileOptions, base: Omit<ResolvedProfile, 'name'>): ResolvedProfile {
  return Object.freeze({
    name,
    consistencyLevel: own.consistencyLevel ?? base.consistencyLevel,
    serialConsistencyLevel: own.serialConsistencyLevel ?? base.serialConsistencyLevel,
    requestTimeoutMs: own.requestTimeoutMs ?? base.requestTimeoutMs,
    fetchSize: own.fetchSize ?? base.fetchSize,
    streamFetchSize: own.fetchSize ?? base.streamFetchSize,
    loadBalancingPolicy: own.loadBalancingPolicy ?? base.loadBalancingPolicy,
    retryPolicy: own.retryPolicy ?? base.retryPolicy,
    reconnectionPolicy: own.reconnectionPolicy ?? base.reconnectionPolicy,
    speculativeExecutionPolicy: own.speculativeExecutionPolicy ?? base.speculativeExecutionPolicy,
  });
}

export function defaultProfile(options: { readonly profiles: ReadonlyMap<string, ResolvedProfile> }): ResolvedProfile {
  return profileNamed(options, DEFAULT_PROFILE);
}

/** Throws ConfigurationError that lists the known profiles. */
export function profileNamed(
  options: { readonly profiles: ReadonlyMap<string, ResolvedProfile> },
  name: string,
): ResolvedProfile {
  const profile = options.profiles.get(name);
  if (profile !== undefined) return profile;
  const known = [...options.profiles.keys()];
  const nearest = nearestName(name, known);
  const advice = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
  throw new ConfigurationError(
    `There is no execution profile '${name}': the profiles are ${known.map((each) => `'${each}'`).join(', ')}${advice}`,
  );
}
