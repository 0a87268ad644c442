import type { ConsistencyLevel } from '../protocol/constants.js';
import type { ResponsePrefix } from '../protocol/messages/index.js';
import type { ExecutionInfo } from '../result/execution-info.js';
import type { LazyInfo } from '../result/result-set.js';

const NO_ERRORS: ReadonlyMap<string, Error> = new Map();

/** What is told of an execution, kept in few fields until somebody asks. */
export class ResultInfo implements LazyInfo {
  readonly coordinator: string;
  readonly #consistency: ConsistencyLevel;
  readonly #prefix: ResponsePrefix;
  readonly #tried: ReadonlyMap<string, Error> | null;
  readonly #attempts: number;
  readonly #speculations: number;
  readonly #agreed: boolean;

  constructor(
    coordinator: string,
    consistency: ConsistencyLevel,
    prefix: ResponsePrefix,
    tried: ReadonlyMap<string, Error> | null,
    attempts: number,
    speculations: number,
    agreed: boolean,
  ) {
    this.coordinator = coordinator;
    this.#consistency = consistency;
    this.#prefix = prefix;
    this.#tried = tried;
    this.#attempts = attempts;
    this.#speculations = speculations;
    this.#agreed = agreed;
  }

  toExecutionInfo(): ExecutionInfo {
    const { warnings, customPayload, tracingId } = this.#prefix;
    return {
      coordinator: this.coordinator,
      triedHosts: new Map(this.#tried ?? NO_ERRORS),
      attempts: this.#attempts,
      consistencyLevel: this.#consistency,
      warnings,
      customPayload,
      tracingId,
      speculativeExecutions: this.#speculations,
      isSchemaInAgreement: this.#agreed,
    };
  }
}
