import { ConfigurationError } from '../../errors.js';
import { optionProblems, type OptionCheck } from '../../util/option-checks.js';
import { EXECUTE_OPTION_CHECKS } from './execute-options.js';

/** Options of `prepare`. */
export interface PrepareOptions {
  /** Bytes for the server's query handler, by key. */
  readonly customPayload?: Readonly<Record<string, Buffer>> | undefined;
  /** The whole budget, in milliseconds; 0: no limit. Default: the profile's. */
  readonly timeoutMs?: number | undefined;
  /** The keyspace that unqualified names mean; the session's by default. */
  readonly keyspace?: string | undefined;
  /** Aborts the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const { customPayload, timeoutMs, keyspace, signal } = EXECUTE_OPTION_CHECKS;
const CHECKS = { customPayload, timeoutMs, keyspace, signal } as const satisfies {
  readonly [K in keyof PrepareOptions]-?: OptionCheck;
};

const FOREIGN: Readonly<Record<string, string>> = {
  timeout: 'it is called timeoutMs here, in milliseconds',
  requestTimeoutMs: 'it is called timeoutMs here; requestTimeoutMs is an option of the cluster and of profiles',
};

/** Throws one ConfigurationError that says all that is wrong. */
export function validatePrepareOptions(options: unknown): void {
  const problems = optionProblems(options, CHECKS, FOREIGN);
  if (problems.length > 0) throw new ConfigurationError(`Options of prepare(): ${problems.join('; ')}`);
}
