import type { FakeRequest } from './request.js';
import { answerRowsTo, type RowsOptions, type RowSource } from './rows.js';
import {
  answerError,
  answerSchemaChange,
  answerSetKeyspace,
  answerVoid,
  errorCode,
  type Answer,
  type ErrorFields,
  type ErrorName,
  type FakeSchemaChange,
} from './wire/answers.js';
import { givenOf } from './option-names.js';

/** One thing that a fake node does about a request. */
export type Step =
  | { readonly kind: 'answer'; readonly make: (request: FakeRequest) => Answer }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'hold' }
  | { readonly kind: 'release' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'close'; readonly reset: boolean }
  | { readonly kind: 'corruptCrc' }
  | { readonly kind: 'chunk'; readonly bytes: number }
  | { readonly kind: 'warn'; readonly warnings: readonly string[] }
  | { readonly kind: 'payload'; readonly payload: Readonly<Record<string, Uint8Array>> }
  | { readonly kind: 'stream'; readonly id: number };

/**
 * What a fake node does about a request: steps, taken in order. Immutable; each method returns a reaction with one step
 * more, as in `delay(50).warn('slow').rows([{ a: 1 }])`. Without an answer among the steps, the node's own is sent.
 */
export class Reaction {
  /** In the order in which they are taken. */
  readonly steps: readonly Step[];

  /** Begin with `reactions` instead, which has no steps. */
  constructor(steps: readonly Step[] = []) {
    this.steps = steps;
  }

  /** This reaction's steps, then the others'. */
  and(...others: readonly Reaction[]): Reaction {
    return new Reaction([this, ...others].flatMap((one) => one.steps));
  }

  #with(step: Step): Reaction {
    return new Reaction([...this.steps, step]);
  }

  /** Any answer at all: `body` is what stands behind the envelope's header. */
  answer(opcode: number, body: Uint8Array): Reaction {
    const made = { opcode, body: Buffer.from(body) };
    return this.#with({ kind: 'answer', make: () => made });
  }

  /**
   * Rows: arrays or objects by column name, or `{ length, row(i) }`. Pages of the size that the client asks for are cut
   * out of them, unless `pagingState` says otherwise.
   */
  rows(rows: RowSource, options: RowsOptions = {}): Reaction {
    return this.#with({ kind: 'answer', make: (request) => answerRowsTo(request, rows, options) });
  }

  /** Answers that it is done, without rows: what writes get. */
  void(): Reaction {
    return this.#with({ kind: 'answer', make: answerVoid });
  }

  /** Answers as USE is answered. */
  setKeyspace(keyspace: string): Reaction {
    return this.#with({ kind: 'answer', make: () => answerSetKeyspace(keyspace) });
  }

  /** Answers as DDL is answered. */
  schemaChange(change: FakeSchemaChange): Reaction {
    return this.#with({ kind: 'answer', make: () => answerSchemaChange(change) });
  }

  /** A server error, by name or number; UNPREPARED names the request's own id unless told another. */
  error(code: ErrorName | number, fields: ErrorFields = {}): Reaction {
    const number = errorCode(code);
    return this.#with({
      kind: 'answer',
      make: (request) =>
        answerError(number, {
          ...(request.id === null ? {} : { id: request.id }),
          message: `A fake node says ${String(code)}`,
          ...givenOf(fields),
        }),
    });
  }

  /** Waits before the next step. */
  delay(ms: number): Reaction {
    return this.#with({ kind: 'delay', ms });
  }

  /** Waits until `release()`, of the node or as a step of another request. */
  hold(): Reaction {
    return this.#with({ kind: 'hold' });
  }

  /** Lets all held requests of the node go on, the oldest first. */
  release(): Reaction {
    return this.#with({ kind: 'release' });
  }

  /** Never answers. */
  drop(): Reaction {
    return this.#with({ kind: 'drop' });
  }

  /** Closes the connection; an answer among the steps before is sent first. `reset` cuts it off by RST. */
  closeConnection({ reset = false }: { readonly reset?: boolean } = {}): Reaction {
    return this.#with({ kind: 'close', reset });
  }

  /** Sends the answer in a segment whose payload CRC is wrong. */
  corruptCrc(): Reaction {
    return this.#with({ kind: 'corruptCrc' });
  }

  /** Sends the answer in pieces of so many bytes, one each turn of the event loop. */
  chunk(bytes: number): Reaction {
    return this.#with({ kind: 'chunk', bytes });
  }

  /** Puts warnings in front of the answer. */
  warn(...warnings: readonly string[]): Reaction {
    return this.#with({ kind: 'warn', warnings });
  }

  /** Puts a custom payload in front of the answer. */
  payload(payload: Readonly<Record<string, Uint8Array>>): Reaction {
    return this.#with({ kind: 'payload', payload });
  }

  /** Answers on another stream id than the request's. */
  onStream(id: number): Reaction {
    return this.#with({ kind: 'stream', id });
  }
}

/** Where reactions begin: `reactions.void()`, `reactions.delay(10).rows([…])`. */
export const reactions: Reaction = new Reaction();

/** Begins a reaction: answers rows. See `Reaction.rows`. */
export const rows: Reaction['rows'] = (...args) => reactions.rows(...args);
/** Begins a reaction: answers without rows. Also exported as `void`. */
export const voidResult = (): Reaction => reactions.void();
/** Begins a reaction: answers an error. See `Reaction.error`. */
export const error: Reaction['error'] = (...args) => reactions.error(...args);
/** Begins a reaction: waits, in milliseconds. */
export const delay: Reaction['delay'] = (ms) => reactions.delay(ms);
/** Begins a reaction: waits until `release()`. */
export const hold = (): Reaction => reactions.hold();
/** Begins a reaction: lets all held requests go on. */
export const release = (): Reaction => reactions.release();
/** Begins a reaction: never answers. */
export const drop = (): Reaction => reactions.drop();
/** Begins a reaction: closes the connection. See `Reaction.closeConnection`. */
export const closeConnection: Reaction['closeConnection'] = (options) => reactions.closeConnection(options);
/** Begins a reaction: the answer's segment has a wrong CRC. */
export const corruptCrc = (): Reaction => reactions.corruptCrc();
/** Begins a reaction: the answer comes in pieces of so many bytes. */
export const chunk: Reaction['chunk'] = (bytes) => reactions.chunk(bytes);
/** Begins a reaction: warnings stand in front of the answer. */
export const warn: Reaction['warn'] = (...warnings) => reactions.warn(...warnings);
