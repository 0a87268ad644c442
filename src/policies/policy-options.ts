import { ConfigurationError } from '../errors.js';
import { mustBe, optionProblems, type OptionChecks } from '../util/option-checks.js';

/** A duration, whether or not a timer holds it. */
export const aDuration = mustBe(
  'a number of milliseconds, 0 or more',
  (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
);

/**
 * Throws one ConfigurationError that says all that is wrong with what a policy's constructor was given. `required`:
 * options without a default. `foreign`: names that people bring from other clients.
 */
export function checkPolicyOptions(
  policy: string,
  options: unknown,
  checks: OptionChecks,
  required: readonly string[] = [],
  foreign: Readonly<Record<string, string>> = {},
): void {
  const problems = optionProblems(options, checks, foreign);
  if (problems.length === 0) {
    for (const name of required) {
      if ((options as Readonly<Record<string, unknown>>)[name] !== undefined) continue;
      problems.push(`${name} ${checks[name]?.(undefined) ?? 'is missing'}`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(`${policy}: ${problems.join('; ')}`);
}
