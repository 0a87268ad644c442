/** A CQL type's text taken apart: `map<text, int>` is 'map' with two arguments. */
export interface TypeTree {
  /** In lower case; a user-defined type's name as it is. */
  readonly name: string;
  readonly arguments: readonly TypeTree[];
}

export const UNKNOWN_TYPE: TypeTree = { name: '', arguments: [] };

const TOKEN = /\s*("(?:[^"]|"")*"|'[^']*'|[^\s<>,"']+|[<>,])/g;

/** Reads what `columns` and `parameters` of statements tell. `frozen` is left out: it changes nothing of a value. */
export function parseType(text: string): TypeTree {
  const tokens = [...text.matchAll(TOKEN)].map((match) => match[1] ?? '');
  let at = 0;
  const read = (): TypeTree => {
    const name = tokens[at++] ?? '';
    if (tokens[at] !== '<') return { name, arguments: [] };
    const list: TypeTree[] = [];
    // '<' before the first, ',' before each other, '>' behind the last.
    while (at < tokens.length && tokens[at++] !== '>') list.push(read());
    const [inner] = list;
    return name === 'frozen' && inner !== undefined ? inner : { name, arguments: list };
  };
  return read();
}

export function argumentOf(type: TypeTree, index: number): TypeTree {
  return type.arguments[index] ?? UNKNOWN_TYPE;
}
