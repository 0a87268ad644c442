import { ConfigurationError } from '../errors.js';
import { spanAt } from '../util/cql-scanner.js';
import { shownText } from './shown-text.js';

/** Call sites whose text was made before: the engine gives each one and the same array of strings every time. */
const known = new WeakMap<TemplateStringsArray, string>();

/**
 * The query text of a template literal, a `?` for each value. Made once per call site.
 *
 * Throws ConfigurationError if a value stands where CQL takes no bind marker and the text shows it: inside quotes,
 * inside a comment, or beside `?` markers written by hand.
 */
export function cqlTagText(strings: TemplateStringsArray): string {
  const made = known.get(strings);
  if (made !== undefined) return made;
  const text = build(strings);
  known.set(strings, text);
  return text;
}

function build(strings: TemplateStringsArray): string {
  // Called as a function, cql(text) would take a text that was put together by hand.
  if (!Array.isArray(strings) || !Array.isArray((strings as { raw?: unknown }).raw)) {
    throw new ConfigurationError('cql is a template tag: write cql`SELECT …`, without parentheses');
  }
  // The typings do not say so, but a part with an invalid escape is undefined.
  const parts = strings as readonly (string | undefined)[];
  const places = new Set<number>();
  let text = '';
  for (const [i, part] of parts.entries()) {
    if (part === undefined)
      throw new ConfigurationError('cql: the template has an escape that JavaScript does not know');
    if (i > 0) {
      places.add(text.length);
      text += '?';
    }
    text += part;
  }
  if (text.trim() === '') throw new ConfigurationError('cql: the template is empty');
  checkPlaces(text, places);
  return text;
}

function checkPlaces(text: string, places: ReadonlySet<number>): void {
  for (let at = 0; at < text.length;) {
    const span = spanAt(text, at);
    if (span === null) {
      if (text[at] === '?' && !places.has(at) && places.size > 0) {
        throw new ConfigurationError('cql: the template has both values and a ? written by hand: write all as ${…}');
      }
      at++;
      continue;
    }
    for (let inside = at; inside < span.end; inside++) {
      if (places.has(inside)) throw misplaced(span.kind, text.slice(0, at));
    }
    at = span.end;
  }
}

function misplaced(kind: string, before: string): ConfigurationError {
  const advice =
    kind === 'string'
      ? 'leave the quotes out: values are bound, not put into the text'
      : kind === 'comment'
        ? 'nothing in a comment reaches the server'
        : 'names of tables and columns cannot be bound';
  const near = shownText(before).trimEnd().slice(-20);
  return new ConfigurationError(`cql: a value stands inside a ${kind} (after "${near}"): ${advice}`);
}
