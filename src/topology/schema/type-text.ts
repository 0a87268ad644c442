/** Looks into the CQL text of a type as the schema tables hold it, without giving its names a meaning. */

import { BUILT_IN_TYPES, cqlUserTypeName, isNoUserType } from './ddl-text.js';

const TOKEN = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[\w.]+|[<>,]/g;
const PLAIN_QUOTED = /^"[a-z][a-z0-9_]*"$/;

/** All names in it; those of built-in types too. */
export function namesInType(type: string): string[] {
  return (type.match(TOKEN) ?? []).flatMap((token) => {
    if (token.startsWith('"')) return [token.slice(1, -1).replaceAll('""', '"')];
    return /^\w/.test(token) ? [token.toLowerCase()] : [];
  });
}

/** What compact storage leaves in columns without values has no name in CQL, only a class. */
const EMPTY_TYPE = `'org.apache.cassandra.db.marshal.EmptyType'`;

/**
 * The type as DDL takes it. The server writes user types without quotes that it does not read without them: where a
 * word cannot be anything else (nothing built in is frozen by itself), it is quoted.
 */
export function typeCql(type: string): string {
  if (type === 'empty') return EMPTY_TYPE;
  return type.replace(TOKEN, (token: string, at: number) => {
    const isFrozen = type.startsWith('frozen<', at - 'frozen<'.length) && type.charAt(at + token.length) === '>';
    const isUserType = isNoUserType(token) || (isFrozen && BUILT_IN_TYPES.has(token));
    return isUserType ? cqlUserTypeName(token) : token;
  });
}

/** An argument's, a result's or a state's type as DDL takes it: without `frozen<…>` around the whole. */
export function argumentTypeCql(type: string): string {
  return unfrozen(typeCql(type));
}

/** Without a `frozen<…>` around the whole: arguments and states of functions are written without it. */
export function unfrozen(type: string): string {
  return type.startsWith('frozen<') && type.endsWith('>') ? type.slice('frozen<'.length, -1) : type;
}

/** One spelling for texts that name the same type; frozen or not makes no difference between functions. */
function plainForm(type: string): string {
  let text = '';
  const dropped: boolean[] = [];
  const tokens = type.match(TOKEN) ?? [];
  for (const [i, token] of tokens.entries()) {
    const word = token.toLowerCase();
    if (word === 'frozen' && tokens[i + 1] === '<') continue;
    if (token === '<') dropped.push(tokens[i - 1]?.toLowerCase() === 'frozen');
    if (token === '<' ? dropped.at(-1) : token === '>' && dropped.pop() === true) continue;
    if (PLAIN_QUOTED.test(token)) text += token.slice(1, -1);
    else if (token.startsWith('"') || token.startsWith("'")) text += token;
    else text += word === 'varchar' ? 'text' : word;
  }
  return text;
}

function sameTypes(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((type, i) => plainForm(type) === plainForm(b[i] ?? ''));
}

/** The function or aggregate of these argument types; `frozen`, spaces and letter case make no difference. */
export function findOverload<T extends { readonly argumentTypes: readonly string[] }>(
  overloads: readonly T[],
  argumentTypes: readonly string[],
): T | null {
  return overloads.find((one) => sameTypes(one.argumentTypes, argumentTypes)) ?? null;
}
