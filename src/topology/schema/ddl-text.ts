/** How names and values are written in DDL. */

/** Words that are no names unless quoted, of Cassandra 4.0 to 6.0 (reserved_keywords.txt in its jar). */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'add allow alter and apply asc authorize batch begin by columnfamily create default delete desc describe drop entries ' +
    'execute from full grant if in index infinity insert into is keyspace limit materialized mbean mbeans modify nan ' +
    'norecursive not null of on or order primary rename replace revoke schema select set table to token truncate ' +
    'unlogged unset update use using view where with'
  ).split(' '),
);

/** An identifier as DDL wants it: quoted if it is not lower case, holds something odd or is a reserved word. */
export function cqlName(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `keyspace.name`, each quoted where it must be. */
export function qualifiedName(keyspace: string, name: string): string {
  return `${cqlName(keyspace)}.${cqlName(name)}`;
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
