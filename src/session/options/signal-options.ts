import { ConfigurationError } from '../../errors.js';
import { anAbortSignal, optionProblems } from '../../util/option-checks.js';

/** For calls that take a signal alone; `call` names the one. Throws ConfigurationError. */
export function validateSignalOptions(options: unknown, call: string): void {
  const problems = optionProblems(options, { signal: anAbortSignal });
  if (problems.length > 0) throw new ConfigurationError(`Options of ${call}: ${problems.join('; ')}`);
}
