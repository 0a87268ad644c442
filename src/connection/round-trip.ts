import { OperationTimedOut } from '../errors.js';
import { ByteReader } from '../protocol/byte-reader.js';
import { Opcode } from '../protocol/constants.js';
import { readPrefix } from '../protocol/messages/index.js';
import { readServerError } from '../protocol/server-errors.js';
import { asError } from '../util/thrown.js';
import type { InFlight } from './in-flight.js';

/** An answer with a body of its own. */
export interface Answer {
  readonly opcode: number;
  /** Behind the prefix (tracing id, warnings, custom payload). */
  readonly body: ByteReader;
}

/**
 * One request of the client's own (handshake, heartbeat, topology, schema) as a promise. Users' requests take the
 * cheaper way, without a copy of the body.
 */
export class RoundTrip implements InFlight {
  readonly promise: Promise<Answer>;
  readonly deadline: number;
  readonly #endpoint: string;
  readonly #timeoutMs: number;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: Error) => void;

  constructor(endpoint: string, timeoutMs: number) {
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
    this.deadline = performance.now() + timeoutMs;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  onEnvelope(flags: number, opcode: number, buffer: Buffer, start: number, end: number): void {
    const body = new ByteReader(Buffer.from(buffer.subarray(start, end)));
    try {
      readPrefix(body, flags);
      if (opcode === Opcode.ERROR) this.#reject(readServerError(body, this.#endpoint));
      else this.#resolve({ opcode, body });
    } catch (error) {
      this.#reject(asError(error));
    }
  }

  onConnectionLost(error: Error): void {
    this.#reject(error);
  }

  onDeadline(): void {
    this.#reject(
      new OperationTimedOut(`${this.#endpoint} did not answer within ${String(this.#timeoutMs)} ms`, {
        timeoutMs: this.#timeoutMs,
        host: this.#endpoint,
      }),
    );
  }
}
