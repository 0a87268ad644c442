import { shownText } from '../statement/shown-text.js';

/** The text of a statement, or those of a batch's statements: kept as they are until somebody wants to see them. */
export type StatementText = string | readonly { readonly query: string }[];

/** As traces and logs show it: one text, each of a batch's but once, and no passwords. */
export function tracedText(text: StatementText): string {
  if (typeof text === 'string') return shownText(text);
  return [...new Set(text.map(({ query }) => query))].map(shownText).join('; ');
}
