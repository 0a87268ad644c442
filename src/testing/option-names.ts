import { ConfigurationError } from '../errors.js';
import { optionProblems, type OptionCheck } from '../util/option-checks.js';
import type { FakeNodeOptions } from './options.js';

/** The names of T's fields; their values are not looked at. */
export type Names<T> = { readonly [K in keyof T]-?: OptionCheck };

export const any: OptionCheck = () => null;

export const NODE_OPTION_NAMES: Names<FakeNodeOptions> = {
  hostId: any,
  address: any,
  port: any,
  datacenter: any,
  rack: any,
  tokens: any,
  releaseVersion: any,
  schemaVersion: any,
  clusterName: any,
  protocolVersions: any,
  auth: any,
  supported: any,
  keyspaces: any,
  peers: any,
  tls: any,
  halfOpen: any,
  keepRequests: any,
};

export const CLUSTER_OPTION_NAMES = {
  ...NODE_OPTION_NAMES,
  nodes: any,
  datacenters: any,
  racks: any,
  tokensPerNode: any,
} as const;

/** A mistyped name would be passed over: a match would mean every request, a node would be as by default. */
export function refuseUnknownNames(what: string, given: unknown, names: Readonly<Record<string, OptionCheck>>): void {
  const problems = optionProblems(given, names);
  if (problems.length > 0) throw new ConfigurationError(`${what}: ${problems.join('; ')}`);
}
