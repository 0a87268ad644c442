import type { LogEntry } from '../cluster/settings.js';

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

/** Hands an entry to the logger; an error goes as `err`, where pino looks for it. What the logger throws harms nothing. */
export function writeLog(logger: ClusterLogger, { level, message, error, ...facts }: LogEntry): void {
  try {
    logger[level](error === undefined ? facts : { ...facts, err: error }, message);
  } catch {
    // A logger that throws has nowhere to report to.
  }
}
