import { ConfigurationError } from '../errors.js';
import { optionProblems, type OptionCheck } from '../util/option-checks.js';
import type { FakeNodeOptions } from './options.js';

/** The names of T's fields; their values are not looked at. */
export type Names<T> = { readonly [K in keyof T]-?: OptionCheck };

export const anything: OptionCheck = () => null;

export const NODE_OPTION_NAMES: Names<FakeNodeOptions> = {
  hostId: anything,
  address: anything,
  port: anything,
  datacenter: anything,
  rack: anything,
  tokens: anything,
  releaseVersion: anything,
  schemaVersion: anything,
  clusterName: anything,
  protocolVersions: anything,
  auth: anything,
  supported: anything,
  keyspaces: anything,
  peers: anything,
  tls: anything,
  halfOpen: anything,
  keepRequests: anything,
};

export const CLUSTER_OPTION_NAMES = {
  ...NODE_OPTION_NAMES,
  nodes: anything,
  datacenters: anything,
  racks: anything,
  tokensPerNode: anything,
} as const;

/** A mistyped name would be passed over: a match would mean every request, a node would be as by default. */
export function refuseUnknownNames(what: string, given: unknown, names: Readonly<Record<string, OptionCheck>>): void {
  const problems = optionProblems(given, names);
  if (problems.length > 0) throw new ConfigurationError(`${what}: ${problems.join('; ')}`);
}

/** The options that are given: one that is undefined counts as left out, also where it would hide a default. */
export function givenOf<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
