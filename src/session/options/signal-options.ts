import { ConfigurationError } from '../../errors.js';
import { anAbortSignal, optionProblems } from '../../util/option-checks.js';

/** Options of `setKeyspace`. */
export interface SetKeyspaceOptions {
  /** Aborts the call: it rejects with the signal's reason, and the session stays where it is. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of calls that close or stop something. */
export interface CloseOptions {
  /** Ends the wait: the call rejects with the signal's reason. What it closes is closed all the same, and at once. */
  readonly signal?: AbortSignal | undefined;
}

/** For calls that take a signal alone; `call` names the one. Throws ConfigurationError. */
export function validateSignalOptions(options: unknown, call: string): void {
  const problems = optionProblems(options, { signal: anAbortSignal });
  if (problems.length > 0) throw new ConfigurationError(`Options of ${call}: ${problems.join('; ')}`);
}
