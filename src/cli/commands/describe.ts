import type { AsyncCassandraSession, KeyspaceMetadata, MetadataOptions } from '../../index.js';
import { nearestName } from '../../util/nearest-name.js';
import { noSuchKeyspace, type Connected } from '../connection.js';
import type { ConnectionFlags } from '../options.js';
import { didYouMean } from '../suggest.js';
import { visible, visibleCql } from '../text/display-width.js';
import { Table } from '../text/table.js';
import { NotFound, UsageError } from '../usage-error.js';
import { connected } from './connect.js';
import type { CommandContext } from './context.js';

export interface DescribeFlags extends ConnectionFlags {
  readonly cluster?: boolean;
  readonly json?: boolean;
}

/** One thing of a schema, and the statement that makes it. */
export interface SchemaPart {
  readonly keyspace: string;
  readonly kind: 'keyspace' | 'type' | 'function' | 'aggregate' | 'table' | 'index' | 'trigger' | 'view';
  readonly name: string;
  /** The table that an index, a trigger or a view belongs to. */
  readonly table?: string;
  readonly cql: string;
}

export async function describe(context: CommandContext, names: readonly string[], flags: DescribeFlags): Promise<void> {
  if (flags.cluster === true && names.length > 0) throw new UsageError('--cluster takes no names beside it');
  // Its keyspace is one of the names; a session needs none, and its error would know less.
  const { keyspace, ...rest } = flags;
  const wanted = keyspace === undefined ? names : [keyspace, ...names];
  if (wanted.length > 2) throw new UsageError('describe takes a keyspace and a name in it, no more');
  await connected(context, rest, async (connection) => {
    if (flags.cluster === true) await describeCluster(context, connection, flags.json === true);
    else await print(context, await partsOf(connection, wanted, { signal: context.io.signal }), flags.json === true);
  });
}

async function print(context: CommandContext, parts: readonly SchemaPart[], asJson: boolean): Promise<void> {
  if (asJson) return context.printJson(parts);
  if (parts.length === 0) context.note('There are no keyspaces but those of the server itself.');
  // What is piped or kept in a file is to be run again, to the letter.
  const shown = context.io.stdout.isTTY === true ? visibleCql : (cql: string): string => cql;
  await context.printLines(parts.map(({ cql }, i) => `${i === 0 ? '' : '\n'}${shown(cql)}`));
}

// ---- what is meant ---------------------------------------------------------------------------------------------------

async function partsOf(
  connection: Connected,
  [first, name]: readonly string[],
  options: MetadataOptions,
): Promise<SchemaPart[]> {
  const { cluster, session } = connection;
  if (first === undefined) {
    const keyspaces = [...(await cluster.metadata.getKeyspaces(options)).values()];
    const own = keyspaces.filter((keyspace) => !isSystem(keyspace)).sort((a, b) => (a.name < b.name ? -1 : 1));
    return own.flatMap(allParts);
  }
  const [keyspaceName, partName] = name === undefined ? dotted(first) : [first, name];
  const keyspace = await findKeyspace(connection, first, options);
  if (keyspace !== null) return name === undefined ? allParts(keyspace) : namedParts(keyspace, name);
  if (partName === undefined) throw await missing(session, first, options);
  const outer = await findKeyspace(connection, keyspaceName, options);
  if (outer === null) throw await missing(session, keyspaceName, options);
  return namedParts(outer, partName);
}

function missing(session: AsyncCassandraSession, name: string, { signal }: MetadataOptions): Promise<NotFound> {
  return noSuchKeyspace(session, name, signal ?? new AbortController().signal);
}

/** `keyspace.name`, each with quotes or without. */
function dotted(text: string): readonly [string, string | undefined] {
  const parts = /^("(?:[^"]|"")+"|[^."]+)\.(.+)$/.exec(text);
  return [parts?.[1] ?? text, parts?.[2]];
}

/** What a name may mean: itself; without its quotes; folded, as CQL does with names that have none. */
function spellings(name: string): string[] {
  const quoted = /^"((?:[^"]|"")+)"$/.exec(name)?.[1];
  return quoted === undefined ? [...new Set([name, name.toLowerCase()])] : [quoted.replaceAll('""', '"'), name];
}

async function findKeyspace(
  { cluster }: Connected,
  name: string,
  options: MetadataOptions,
): Promise<KeyspaceMetadata | null> {
  for (const spelling of spellings(name)) {
    const found = await cluster.metadata.getKeyspace(spelling, options);
    if (found !== null) return found;
  }
  return null;
}

/** Those of the server's own: made by nobody, and in every cluster. */
function isSystem({ name, isVirtual }: KeyspaceMetadata): boolean {
  return isVirtual || /^system(?:_(?:schema|auth|distributed|traces|cluster_metadata))?$/.test(name);
}

// ---- parts -----------------------------------------------------------------------------------------------------------

/** In an order that can be run. */
function allParts(keyspace: KeyspaceMetadata): SchemaPart[] {
  const parts = new Map(everything(keyspace).map((part) => [part.cql, part]));
  return keyspace.toCqlStatements().flatMap((cql) => parts.get(cql) ?? []);
}

function everything(keyspace: KeyspaceMetadata): SchemaPart[] {
  const of = (kind: SchemaPart['kind'], one: { readonly name: string; toCql(): string }): SchemaPart => ({
    keyspace: keyspace.name,
    kind,
    name: one.name,
    cql: one.toCql(),
  });
  return [
    of('keyspace', keyspace),
    ...[...keyspace.userTypes.values()].map((one) => of('type', one)),
    ...keyspace.functions.map((one) => of('function', one)),
    ...keyspace.aggregates.map((one) => of('aggregate', one)),
    ...[...keyspace.tables.values()].flatMap((table) => [
      of('table', table),
      ...table.indexes.map((index) => ({ ...of('index', index), table: table.name })),
      ...table.triggers.map((trigger) => ({ ...of('trigger', trigger), table: table.name })),
    ]),
    ...[...keyspace.views.values()].map((view) => ({ ...of('view', view), table: view.baseTable })),
  ];
}

/** All that has this name; a table brings its indexes, triggers and views. */
function namedParts(keyspace: KeyspaceMetadata, name: string): SchemaPart[] {
  const parts = allParts(keyspace).filter(({ kind }) => kind !== 'keyspace');
  for (const spelling of spellings(name)) {
    const found = parts.filter(
      (part) => part.name === spelling || (part.table === spelling && isTable(keyspace, spelling)),
    );
    if (found.length > 0) return found;
  }
  const names = [...new Set(parts.map((part) => part.name))].sort();
  const exists = names.length === 0 ? 'It is empty.' : `There are: ${names.join(', ')}.`;
  throw new NotFound(
    `There is nothing named ${name} in keyspace ${keyspace.name}${didYouMean(nearestName(name, names))}`,
    exists,
  );
}

function isTable(keyspace: KeyspaceMetadata, name: string): boolean {
  return keyspace.tables.has(name);
}

// ---- the cluster -----------------------------------------------------------------------------------------------------

async function describeCluster(
  context: CommandContext,
  { cluster, session }: Connected,
  asJson: boolean,
): Promise<void> {
  const { signal } = context.io;
  const local = (await session.execute('SELECT partitioner FROM system.local', undefined, { signal })).one();
  const partitioner = String(local?.['partitioner']);
  const { clusterName, hosts } = cluster.metadata;
  const nodes = hosts.map((host) => ({
    node: host.endpoint,
    datacenter: host.datacenter,
    rack: host.rack,
    version: host.releaseVersion,
    status: host.isUp ? 'up' : 'down',
    tokens: host.tokens.length,
    hostId: host.id,
  }));
  if (asJson) return context.printJson({ cluster: clusterName, partitioner, nodes });
  const table = new Table([
    ...['node', 'datacenter', 'rack', 'version', 'status'].map((column) => ({ name: column, isNumeric: false })),
    { name: 'tokens', isNumeric: true },
    { name: 'host id', isNumeric: false },
  ]);
  const rows = nodes.map((node) => Object.values(node).map((value) => visible(String(value))));
  const head = [`Cluster: ${clusterName}`, `Partitioner: ${partitioner}`].map(visible);
  await context.printLines([...head, '', ...table.lines(rows)]);
}
