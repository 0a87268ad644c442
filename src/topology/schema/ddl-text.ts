/** How names and values are written in DDL. */

import { SCALAR_NAMES } from '../../protocol/codec/cql-type.js';

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/**
 * Words that are no names unless quoted, of Cassandra 4.0 to 6.0: reserved_keywords.txt in its jar, and the booleans,
 * which are not in it.
 */
const RESERVED = words(
  'add allow alter and apply asc authorize batch begin by columnfamily create default delete desc describe drop entries ' +
    'execute false from full grant if in index infinity insert into is keyspace limit materialized mbean mbeans modify nan ' +
    'norecursive not null of on or order primary rename replace revoke schema select set table to token true truncate ' +
    'unlogged unset update use using view where with',
);

/** Words that name columns and tables, but no function unless quoted. */
const NO_FUNCTION = words('cast count distinct json key maxwritetime ttl writetime');

/** Types that the grammar knows by name: alone, such a word is no user type. */
export const BUILT_IN_TYPES: ReadonlySet<string> = new Set([...SCALAR_NAMES, 'varchar']);

/** Words that are no user type unless quoted, beside those of built-in types and those that the server itself quotes. */
const NO_USER_TYPE = words(
  'bitstring byte cast complex count distinct enum false interval json macaddr maxwritetime true ttl writetime',
);

/** An identifier as DDL wants it: quoted if it is not lower case, holds something odd or is a reserved word. */
export function cqlName(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : quoted(name);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The name of a function or aggregate. */
export function cqlFunctionName(name: string): string {
  return NO_FUNCTION.has(name) ? quoted(name) : cqlName(name);
}

/** The name of a user type. */
export function cqlUserTypeName(name: string): string {
  return isNoUserType(name) || BUILT_IN_TYPES.has(name) ? quoted(name) : cqlName(name);
}

/** Whether a user type of this name can only be meant with quotes, though no built-in type is called so. */
export function isNoUserType(name: string): boolean {
  return NO_USER_TYPE.has(name);
}

/** `keyspace.name`, each quoted where it must be. */
export function qualifiedName(keyspace: string, name: string): string {
  return `${cqlName(keyspace)}.${cqlName(name)}`;
}

/** The same of a function or aggregate. */
export function qualifiedFunction(keyspace: string, name: string): string {
  return `${cqlName(keyspace)}.${cqlFunctionName(name)}`;
}

export function cqlNames(names: readonly string[]): string {
  return names.map(cqlName).join(', ');
}

/** A string literal. */
export function cqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A map literal of texts. */
export function cqlTextMap(map: Readonly<Record<string, string>>): string {
  const entries = Object.entries(map).map(([key, value]) => `${cqlString(key)}: ${cqlString(value)}`);
  return `{${entries.join(', ')}}`;
}

/** A function's body: between dollars where it holds none that would end it. */
export function cqlBody(text: string): string {
  // A dollar at the end would join those that close the body.
  return text.includes('$$') || text.endsWith('$') ? cqlString(text) : `$$${text}$$`;
}
