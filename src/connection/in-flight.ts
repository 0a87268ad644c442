/**
 * Who waits for the answer of one envelope that was sent. Exactly one of these is called, once, unless the
 * connection is told to forget the request before.
 */
export interface InFlight {
  /** When this expires, in performance.now() milliseconds; Infinity for never. */
  readonly deadline: number;
  /** The answer: its body lies in `buffer` from `start` to `end`, and there only during this call unless `owned`. */
  onEnvelope(flags: number, opcode: number, buffer: Buffer, start: number, end: number, owned: boolean): void;
  /** The connection was lost. `written` is false only if not one byte of the request left this process. */
  onConnectionLost(error: Error, written: boolean): void;
  /** The deadline passed. The stream id stays taken until the late answer comes. */
  onDeadline(): void;
}
