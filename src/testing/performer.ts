import { randomUUID } from 'node:crypto';
import { messageOf } from '../util/thrown.js';
import type { FakeRequest } from './request.js';
import type { Step } from './reactions.js';
import { answerError, type Answer } from './wire/answers.js';

interface Held {
  readonly request: FakeRequest;
  readonly resume: () => void;
}

/** What the steps so far have made of an answer. */
interface Draft {
  make: ((request: FakeRequest) => Answer) | null;
  warnings: string[];
  payload: Readonly<Record<string, Uint8Array>> | null;
  streamId: number;
  corruptCrc: boolean;
  chunk: number;
}

/** Takes a reaction's steps, and keeps what waits: held requests and running delays. */
export class Performer {
  readonly #fallback: (request: FakeRequest) => Answer;
  readonly #timers = new Set<NodeJS.Timeout>();
  #held: Held[] = [];

  /** `fallback` makes the node's own answer. */
  constructor(fallback: (request: FakeRequest) => Answer) {
    this.#fallback = fallback;
  }

  get heldRequests(): FakeRequest[] {
    return this.#held.map((one) => one.request);
  }

  /** Lets held requests go on, the oldest first; with a filter, those that it picks. Returns how many. */
  release(filter: (request: FakeRequest) => boolean = () => true): number {
    const released = this.#held.filter((one) => filter(one.request));
    this.#held = this.#held.filter((one) => !released.includes(one));
    for (const one of released) one.resume();
    return released.length;
  }

  /** Forgets whatever waits. */
  clear(): void {
    this.#held = [];
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  perform(request: FakeRequest, steps: readonly Step[]): void {
    const draft: Draft = {
      make: null,
      warnings: [],
      payload: null,
      streamId: request.streamId,
      corruptCrc: false,
      chunk: 0,
    };
    this.#continue(request, steps, 0, draft);
  }

  #continue(request: FakeRequest, steps: readonly Step[], from: number, draft: Draft): void {
    for (let i = from; i < steps.length; i++) {
      const step = steps[i];
      if (step === undefined) break;
      const resume = (): void => {
        this.#continue(request, steps, i + 1, draft);
      };
      switch (step.kind) {
        case 'delay':
          this.#delay(step.ms, resume);
          return;
        case 'hold':
          this.#held.push({ request, resume });
          return;
        case 'drop':
          return;
        case 'close':
          if (draft.make !== null) this.#send(request, draft);
          if (step.reset) request.connection.destroy({ reset: true });
          else request.connection.close();
          return;
        case 'release':
          this.release();
          break;
        case 'answer':
          draft.make = step.make;
          break;
        case 'corruptCrc':
          draft.corruptCrc = true;
          break;
        case 'chunk':
          draft.chunk = step.bytes;
          break;
        case 'warn':
          draft.warnings.push(...step.warnings);
          break;
        case 'payload':
          draft.payload = step.payload;
          break;
        case 'stream':
          draft.streamId = step.id;
          break;
      }
    }
    this.#send(request, draft);
  }

  #delay(ms: number, resume: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      resume();
    }, ms);
    this.#timers.add(timer);
  }

  #send(request: FakeRequest, draft: Draft): void {
    let answer: Answer;
    try {
      answer = (draft.make ?? this.#fallback)(request);
    } catch (error) {
      const message = messageOf(error);
      answer = answerError('SERVER_ERROR', { message: `The fake node could not make its answer: ${message}` });
    }
    const { warnings, payload, streamId, corruptCrc, chunk } = draft;
    const tracingId = request.tracing ? Buffer.from(randomUUID().replaceAll('-', ''), 'hex') : null;
    request.connection.send(answer, { streamId, tracingId, warnings, payload, corruptCrc, chunk });
  }
}
