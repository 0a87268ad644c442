// Imported: the global of this name is a getter (see execution/request.ts).
import { performance } from 'node:perf_hooks';
import { ATTEMPT_CHANNEL, publishEnd, type TracedAttempt } from '../observe/tracing.js';

/** What subscribers are told of one attempt: its beginning at once, its end once. */
export class AttemptTrace {
  readonly #facts: TracedAttempt;
  readonly #startedAt = performance.now();
  #hasEnded = false;

  constructor(facts: TracedAttempt) {
    this.#facts = facts;
    ATTEMPT_CHANNEL.start.publish(facts);
    ATTEMPT_CHANNEL.end.publish(facts);
  }

  fail(error: unknown): void {
    this.#facts.error = error;
    this.end();
  }

  abandon(): void {
    this.#facts.isAbandoned = true;
    this.end();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    publishEnd(ATTEMPT_CHANNEL, this.#facts, this.#startedAt);
  }
}
