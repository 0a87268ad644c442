import { DEFAULT_KEYSPACE, DEFAULT_TABLE, toColumnSpec, type FakeColumn } from './wire/columns.js';
import { md5, metadataId, type PreparedAnswer } from './wire/answers.js';
import type { FakeKeyspace } from './schema.js';
import { findTable, selectSystem } from './system-tables.js';

/** What a fake node should answer to the PREPARE of a query. */
export interface PreparedScript {
  /** The bind markers; made out of the query's text if left out. */
  readonly parameters?: readonly FakeColumn[] | undefined;
  /** The result's columns; none for statements without rows. */
  readonly columns?: readonly FakeColumn[] | undefined;
  /** Which markers make the partition key, in its order. */
  readonly partitionKeyIndexes?: readonly number[] | undefined;
}

/** A statement that a fake node has prepared. */
export interface PreparedEntry extends PreparedAnswer {
  /** The text that was prepared. */
  readonly query: string;
  /** The keyspace that it was prepared in; null if there was none. */
  readonly keyspace: string | null;
}

/** Cassandra's rule: the text's MD5, with the keyspace in front if the text does not name one. */
export function prepareQuery(
  query: string,
  keyspace: string | null,
  script: PreparedScript | undefined,
  schema: readonly FakeKeyspace[],
): PreparedEntry {
  const target = targetOf(query);
  const prefix = target?.keyspace === undefined ? (keyspace ?? '') : '';
  const columns = script?.columns ?? selectSystem(query)?.columns ?? [];
  const home = { keyspace: target?.keyspace ?? keyspace ?? DEFAULT_KEYSPACE, table: target?.table ?? DEFAULT_TABLE };
  const bindColumns = (script?.parameters ?? guessMarkers(query, home.keyspace, schema)).map((column) =>
    toColumnSpec({ ...home, ...column }),
  );
  const resultColumns = columns.map((column) => toColumnSpec({ ...home, ...column }));
  const tableKey = findTable(schema, home.keyspace, home.table)?.partitionKey ?? [];
  const keyIndexes = tableKey.map((name) => bindColumns.findIndex((column) => column.name === name));
  return {
    query,
    keyspace,
    id: md5(prefix + query),
    resultMetadataId: metadataId(resultColumns),
    bindColumns,
    pkIndexes: script?.partitionKeyIndexes ?? (keyIndexes.includes(-1) ? [] : keyIndexes),
    resultColumns,
  };
}

/** The table that a statement is about, as far as its text tells. */
function targetOf(query: string): { keyspace: string | undefined; table: string } | undefined {
  const match = /\b(?:from|into|update)\s+(?:"?(\w+)"?\s*\.\s*)?"?(\w+)"?/i.exec(query);
  return match?.[2] === undefined ? undefined : { keyspace: match[1], table: match[2] };
}

/** Markers in the order of the text: named by `:name`, by the column compared or set, or by an INSERT's list. */
function guessMarkers(query: string, keyspace: string, schema: readonly FakeKeyspace[]): FakeColumn[] {
  const bare = query.replaceAll(/'(?:[^']|'')*'/g, "''");
  const inserted = /\(([^()]*)\)\s*values\s*\(([^()]*)\)/i.exec(bare);
  const insertedNames = (inserted?.[1] ?? '').split(',').map((name) => name.trim());
  const insertedValues = (inserted?.[2] ?? '').split(',').map((value) => value.trim());
  const insertedMarkers = insertedNames.filter((_, i) => /^[?:]/.test(insertedValues[i] ?? ''));
  const table = findTable(schema, keyspace, targetOf(query)?.table ?? '');
  let position = 0;
  return [...bare.matchAll(/(?:"?(\w+)"?\s*(?:=|<=|>=|<|>|\bin\b)\s*\(?\s*)?(?:\?|:(\w+))/gi)].map((match) => {
    const column = match[1] ?? insertedMarkers[position] ?? match[2] ?? `value${String(position)}`;
    position++;
    return { name: match[2] ?? column, type: table?.columns[column] ?? 'text' };
  });
}
