/** The options of `startCassandra`: one table says what each takes. */

import { ConfigurationError } from '../errors.js';
import { didYouMean } from './nearest.js';
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
  /** Where nodes keep their data and logs; kept after `stop()`, and used again by a later start. Default: a temporary folder. */
  readonly directory?: string | undefined;
  /** Hears each line of each node's log, with the node's address; and what happens before a node runs, with ''. */
  readonly log?: ((line: string, address: string) => void) | undefined;
  /** The native port, the same on all nodes. Default 9042. */
  readonly port?: number | undefined;
  /** How long one node may take to get ready. Default 180 000. */
  readonly startTimeoutMs?: number | undefined;
  /** Gives the start up and kills what was started. */
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

interface Rule {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

const MAX_NODES = 100;

function wholeNumber(from: number, to: number): Rule {
  return {
    expected: `a whole number from ${String(from)} to ${String(to)}`,
    fits: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
  };
}

const flag: Rule = { expected: 'true or false', fits: (value) => typeof value === 'boolean' };
const text: Rule = { expected: 'a text that is not empty', fits: (value) => typeof value === 'string' && value !== '' };

const RULES: Readonly<Record<keyof EmbeddedOptions, Rule>> = {
  version: text,
  nodes: wholeNumber(1, MAX_NODES),
  datacenters: {
    expected: 'an object of node counts by datacenter name, such as { dc1: 2, dc2: 1 }',
    fits: (value) =>
      isPlainObject(value) &&
      Object.keys(value).length > 0 &&
      Object.entries(value).every(([name, count]) => /^[\w-]+$/.test(name) && wholeNumber(1, MAX_NODES).fits(count)),
  },
  heapMb: wholeNumber(128, 65_536),
  yaml: { expected: 'an object of cassandra.yaml settings', fits: isPlainObject },
  jvmArgs: {
    expected: 'an array of texts',
    fits: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  },
  auth: flag,
  tls: flag,
  directory: text,
  log: { expected: 'a function of a line', fits: (value) => typeof value === 'function' },
  port: wholeNumber(1, 65_535),
  startTimeoutMs: wholeNumber(1, 2_147_483_647),
  signal: { expected: 'an AbortSignal', fits: (value) => value instanceof AbortSignal },
};

/** Names that mean an option of ours elsewhere. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  heap: 'heapMb',
  heapSize: 'heapMb',
  config: 'yaml',
  ssl: 'tls',
  dir: 'directory',
  path: 'directory',
  nativePort: 'port',
  timeoutMs: 'startTimeoutMs',
  args: 'jvmArgs',
  dataCenters: 'datacenters',
};

/** Checks everything at once and fills in the defaults; throws ConfigurationError that names the wrong option. */
export function resolveOptions(options: EmbeddedOptions): ResolvedOptions {
  // A caller without types can pass anything.
  const given: unknown = options;
  if (!isPlainObject(given)) throw new ConfigurationError('the options of startCassandra must be a plain object');
  for (const [name, value] of Object.entries(given)) checkOption(name, value);
  const version = resolveVersion(options.version ?? DEFAULT_VERSION);
  const yaml = options.yaml ?? {};
  // Values that YAML cannot carry are found now, and not when a folder has been filled and a node is to start.
  renderYaml(yaml);
  return {
    askedVersion: options.version,
    version,
    datacenters: placeNodes(options),
    heapMb: options.heapMb ?? 512,
    yaml,
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

function checkOption(name: string, value: unknown): void {
  if (!Object.hasOwn(RULES, name)) {
    const other = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
    const hint = other === undefined ? didYouMean(name, Object.keys(RULES)) : ` (did you mean '${other}'?)`;
    throw new ConfigurationError(
      `Unknown option '${name}' of startCassandra${hint}. Known: ${Object.keys(RULES).join(', ')}`,
    );
  }
  if (value === undefined) return;
  const rule = RULES[name as keyof EmbeddedOptions];
  if (!rule.fits(value)) throw new ConfigurationError(`Option '${name}' of startCassandra must be ${rule.expected}`);
}

/** One datacenter name a node. */
function placeNodes({ nodes, datacenters }: EmbeddedOptions): string[] {
  if (datacenters === undefined) return Array.from({ length: nodes ?? 1 }, () => 'dc1');
  const placed = Object.entries(datacenters).flatMap(([name, count]) => Array.from({ length: count }, () => name));
  if (nodes !== undefined && nodes !== placed.length) {
    throw new ConfigurationError(
      `Options 'nodes' (${String(nodes)}) and 'datacenters' (${String(placed.length)} nodes) of startCassandra contradict each other`,
    );
  }
  if (placed.length > MAX_NODES) {
    throw new ConfigurationError(`Option 'datacenters' of startCassandra has more than ${String(MAX_NODES)} nodes`);
  }
  return placed;
}
