/** The options of `startCassandra`: one table says what each takes. */

import { isIPv4 } from 'node:net';
import { ConfigurationError } from '../errors.js';
import {
  aBoolean,
  aFunction,
  anAbortSignal,
  aName,
  anInteger,
  MAX_TIMER_MS,
  mustBe,
  optionProblems,
  showValue,
  type OptionCheck,
} from '../util/option-checks.js';
import { messageOf } from '../util/thrown.js';
import { DEFAULT_VERSION, resolveVersion } from './versions.js';
import { isPlainObject, renderYaml, type YamlSettings } from './yaml.js';

/** Options of `startCassandra`. */
export interface EmbeddedOptions {
  /** '4.0', '4.1', '5.0', '6.0', or an exact version such as '5.0.9'. Default '5.0'. */
  readonly version?: string | undefined;
  /** How many nodes; 1 unless `datacenters` says otherwise. */
  readonly nodes?: number | undefined;
  /** Nodes by datacenter: `{ dc1: 2, dc2: 1 }`. Default: all in 'dc1'. */
  readonly datacenters?: Readonly<Record<string, number>> | undefined;
  /** Java heap of each node in MiB. Default 512. */
  readonly heapMb?: number | undefined;
  /** Settings laid over the generated cassandra.yaml; objects are merged key by key. */
  readonly yaml?: YamlSettings | undefined;
  /** Arguments for the JVM, behind ours, so that they win. */
  readonly jvmArgs?: readonly string[] | undefined;
  /** True: PasswordAuthenticator and CassandraAuthorizer, with the role cassandra / cassandra. */
  readonly auth?: boolean | undefined;
  /** True: client encryption with certificates made for this cluster (see `tls` of the result). */
  readonly tls?: boolean | undefined;
  /**
   * Where nodes keep their data and logs; kept after `stop()`, and used again by a later start, but by one cluster at a
   * time. Nodes that were not there before stream their share of the data. Default: a temporary folder.
   */
  readonly directory?: string | undefined;
  /** Hears each line of each node's log, with the node's address; and what happens before a node runs, with ''. */
  readonly log?: ((line: string, address: string) => void) | undefined;
  /** The native port, the same on all nodes. Default 9042. */
  readonly port?: number | undefined;
  /** How long one node may take to get ready. Default 180 000. */
  readonly startTimeoutMs?: number | undefined;
  /** Gives the start up, kills what was started and removes a temporary folder. */
  readonly signal?: AbortSignal | undefined;
}

/** Checked options, every default filled in. */
export interface ResolvedOptions {
  /** What the caller asked for, as it was written; undefined when nothing was. */
  readonly askedVersion: string | undefined;
  /** The exact version. */
  readonly version: string;
  /** The datacenter of each node, in the order of their start. */
  readonly datacenters: readonly string[];
  readonly heapMb: number;
  readonly yaml: YamlSettings;
  readonly jvmArgs: readonly string[];
  readonly auth: boolean;
  readonly tls: boolean;
  readonly directory: string | undefined;
  readonly log: ((line: string, address: string) => void) | undefined;
  readonly port: number | undefined;
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

type Datacenters = Readonly<Record<string, number>>;
type Given = Readonly<Record<string, unknown>>;

const MAX_NODES = 100;

const aNodeCount = anInteger(1, MAX_NODES);

const nodesOfDatacenters: OptionCheck = (value) => {
  if (!isPlainObject(value) || !Object.entries(value).every(([name, count]) => isDatacenter(name, count))) {
    const expected = 'an object of node counts by datacenter name, such as { dc1: 2, dc2: 1 }';
    return `must be ${expected}; got ${showValue(value)}`;
  }
  const total = placed(value as Datacenters).length;
  return total >= 1 && total <= MAX_NODES ? null : `must have 1 to ${String(MAX_NODES)} nodes; got ${String(total)}`;
};

function isDatacenter(name: string, count: unknown): boolean {
  return isDatacenterName(name) && aNodeCount(count) === null;
}

function isDatacenterName(name: unknown): boolean {
  return typeof name === 'string' && /^[\w-]+$/.test(name);
}

const CHECKS = {
  version: aName,
  nodes: aNodeCount,
  datacenters: nodesOfDatacenters,
  heapMb: anInteger(128, 65_536),
  yaml: mustBe('an object of cassandra.yaml settings', isPlainObject),
  jvmArgs: mustBe(
    'an array of strings',
    (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  ),
  auth: aBoolean,
  tls: aBoolean,
  directory: aName,
  log: aFunction,
  port: anInteger(1, 65_535),
  startTimeoutMs: anInteger(1, MAX_TIMER_MS),
  signal: anAbortSignal,
} satisfies Record<keyof EmbeddedOptions, OptionCheck>;

/** Names that mean an option of ours elsewhere. */
const FOREIGN: Readonly<Record<string, string>> = {
  heap: 'it is called heapMb here',
  heapSize: 'it is called heapMb here',
  config: 'it is called yaml here',
  ssl: 'it is called tls here',
  dir: 'it is called directory here',
  path: 'it is called directory here',
  nativePort: 'it is called port here',
  timeoutMs: 'it is called startTimeoutMs here',
  args: 'it is called jvmArgs here',
};

/** Checks everything at once and fills in the defaults: throws one ConfigurationError that says all that is wrong. */
export function resolveOptions(options: EmbeddedOptions): ResolvedOptions {
  // A caller without types can pass anything.
  const given: unknown = options;
  if (!isPlainObject(given)) {
    throw new ConfigurationError(`startCassandra: the options must be a plain object; got ${showValue(given)}`);
  }
  const problems = [...optionProblems(given, CHECKS, FOREIGN), ...deeperProblems(given)];
  refuse('startCassandra', problems);
  return {
    askedVersion: options.version,
    version: resolveVersion(options.version ?? DEFAULT_VERSION),
    datacenters: placed(options.datacenters ?? { dc1: options.nodes ?? 1 }),
    heapMb: options.heapMb ?? 512,
    yaml: options.yaml ?? {},
    jvmArgs: options.jvmArgs ?? [],
    auth: options.auth ?? false,
    tls: options.tls ?? false,
    directory: options.directory,
    log: options.log,
    port: options.port,
    startTimeoutMs: options.startTimeoutMs ?? 180_000,
    signal: options.signal,
  };
}

const ADD_NODE_CHECKS = {
  datacenter: mustBe("a datacenter's name: letters, digits, _ and -", isDatacenterName),
  signal: anAbortSignal,
};

const START_NODE_CHECKS = {
  address: mustBe('an IPv4 address', (value) => typeof value === 'string' && isIPv4(value)),
  signal: anAbortSignal,
};

/** Throws one ConfigurationError that says all that is wrong. */
export function checkAddNode(options: unknown): void {
  refuse('addNode', optionProblems(options, ADD_NODE_CHECKS));
}

export function checkStartNode(options: unknown): void {
  refuse('start', optionProblems(options, START_NODE_CHECKS));
}

function refuse(call: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigurationError(`${call}: ${problems.join('; ')}`);
}

/** What is wrong with values that are of the right kind. */
function deeperProblems({ version, yaml, nodes, datacenters }: Given): string[] {
  const problems: string[] = [];
  if (typeof version === 'string' && version !== '') problems.push(...refusal(() => resolveVersion(version)));
  // Values that YAML cannot carry are found now, and not when a folder has been filled and a node is to start.
  if (isPlainObject(yaml)) problems.push(...refusal(() => renderYaml(yaml)));
  if (aNodeCount(nodes) === null && datacenters !== undefined && nodesOfDatacenters(datacenters) === null) {
    const { length } = placed(datacenters as Datacenters);
    if (nodes !== length)
      problems.push(`nodes (${String(nodes)}) and datacenters (${String(length)} in all) contradict each other`);
  }
  return problems;
}

function refusal(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

/** One datacenter name a node. */
function placed(datacenters: Datacenters): string[] {
  return Object.entries(datacenters).flatMap(([name, count]) => Array.from({ length: count }, () => name));
}
