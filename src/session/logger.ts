import type { LogEntry } from '../cluster/settings.js';
import { callHook } from '../util/hook-outcome.js';

type LogMethod = (facts: object, message: string) => void;

/** A logger such as pino's: each method takes an object of facts and a message. */
export interface ClusterLogger {
  /** Called for what is ordinary. */
  readonly debug: LogMethod;
  /** Called for what changed. */
  readonly info: LogMethod;
  /** Called for what may need a look. */
  readonly warn: LogMethod;
  /** Called for what needs one. */
  readonly error: LogMethod;
}

/** The methods of a user's logger may be async, which their type does not say. */
type GivenLogger = Readonly<Record<LogEntry['level'], (facts: object, message: string) => unknown>>;

/** Hands an entry to the logger; an error goes as `err`, where pino looks for it. A logger that fails harms nothing. */
export function writeLog(logger: ClusterLogger, { level, message, error, ...facts }: LogEntry): void {
  const told = error === undefined ? facts : { ...facts, err: error };
  callHook(() => (logger as GivenLogger)[level](told, message), ignore);
}

function ignore(): void {
  // There is nowhere to report to.
}
