import { ConfigurationError } from '../errors.js';
import { Opcode } from '../protocol/constants.js';
import { anything, refuseUnknownNames, type Names } from './option-names.js';
import type { FakeRequest } from './request.js';

/** The names of requests and responses on the wire, such as 'QUERY'. */
export type OpcodeName = keyof typeof Opcode;

/** Which requests a rule is about: those for which all that is given holds. */
export interface RequestMatch {
  /** The kind of request: 'QUERY', 'EXECUTE', 'BATCH', 'PREPARE', 'OPTIONS' …. */
  readonly opcode?: OpcodeName | number | undefined;
  /** The text of a QUERY or PREPARE: equal but for blanks at its ends, or matching. */
  readonly query?: string | RegExp | undefined;
  /** The text of whatever runs: a QUERY, an EXECUTE's statement, any member of a BATCH. PREPARE is not meant. */
  readonly statement?: string | RegExp | undefined;
  /** Only the nth of those that match the rest, from 1. */
  readonly nth?: number | undefined;
  /** At most so many of those that match the rest. */
  readonly times?: number | undefined;
  /** Only on the nth connection that this node accepted, from 1. */
  readonly connection?: number | undefined;
  /** Whatever else must hold. */
  readonly when?: ((request: FakeRequest) => boolean) | undefined;
}

/** A match, or for short: an opcode's name, the text of what runs, or a function. */
export type Match = RequestMatch | RegExp | string | ((request: FakeRequest) => boolean);

const MATCH_NAMES: Names<RequestMatch> = {
  opcode: anything,
  query: anything,
  statement: anything,
  nth: anything,
  times: anything,
  connection: anything,
  when: anything,
};

const OPCODE_NAMES = new Map<number, OpcodeName>(
  (Object.entries(Opcode) as [OpcodeName, number][]).map(([name, code]) => [code, name]),
);

export function opcodeName(opcode: number): string {
  return OPCODE_NAMES.get(opcode) ?? `0x${opcode.toString(16)}`;
}

export function toRequestMatch(match: Match): RequestMatch {
  if (typeof match === 'function') return { when: match };
  if (match instanceof RegExp) return { statement: match };
  if (typeof match === 'string')
    return Object.hasOwn(Opcode, match) ? { opcode: match as OpcodeName } : { statement: match };
  refuseUnknownNames('The match', match, MATCH_NAMES);
  if (typeof match.opcode === 'string' && !Object.hasOwn(Opcode, match.opcode)) {
    throw new ConfigurationError(`No opcode is named '${match.opcode}'`);
  }
  return match;
}

/** Whether all but `nth` and `times` hold, which need a count. */
export function matches(match: RequestMatch, request: FakeRequest): boolean {
  const { opcode, query, statement, connection, when } = match;
  if (opcode !== undefined && (typeof opcode === 'number' ? opcode : Opcode[opcode]) !== request.opcode) return false;
  if (connection !== undefined && connection !== request.connection.index) return false;
  if (query !== undefined && !(request.query !== null && fits(query, request.query))) return false;
  if (statement !== undefined) {
    if (request.opcode === Opcode.PREPARE || !request.statements.some((text) => fits(statement, text))) return false;
  }
  return when === undefined || when(request);
}

export function fits(pattern: string | RegExp, text: string): boolean {
  if (typeof pattern === 'string') return pattern.trim() === text.trim();
  // A global or sticky expression would remember where it stopped.
  pattern.lastIndex = 0;
  return pattern.test(text);
}
