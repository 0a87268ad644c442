import { displayWidth, visible } from './text/display-width.js';

/** Enough of a long line to see where it went wrong. */
const BEFORE = 60;
const AFTER = 20;

/** The line of the statement that the server's `line 1:9` names, and a caret below the place; null without a place. */
export function syntaxPointer(message: string, statement: string): string | null {
  const place = /\bline (\d+):(\d+)/.exec(message);
  const line = statement.split('\n')[Number(place?.[1]) - 1];
  if (place === null || line === undefined) return null;
  const column = Math.min(Number(place[2]), line.length);
  const before = visible(line.slice(Math.max(0, column - BEFORE), column));
  const after = visible(line.slice(column, column + AFTER));
  return `${before}${after}\n${' '.repeat(displayWidth(before))}^`;
}
