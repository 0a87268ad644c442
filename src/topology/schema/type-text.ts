/** Looks into the CQL text of a type as the schema tables hold it, without giving its names a meaning. */

const TOKEN = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[\w.]+|[<>,]/g;
const PLAIN_QUOTED = /^"[a-z][a-z0-9_]*"$/;

/** All names in it; those of built-in types too. */
export function namesInType(type: string): string[] {
  return (type.match(TOKEN) ?? []).flatMap((token) => {
    if (token.startsWith('"')) return [token.slice(1, -1).replaceAll('""', '"')];
    return /^\w/.test(token) ? [token.toLowerCase()] : [];
  });
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
