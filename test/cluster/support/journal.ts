/** What kinds of request a load consists of. */
export const KINDS = ['write', 'read', 'count', 'append'] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds that may be sent twice. */
export const IDEMPOTENT: readonly Kind[] = ['write', 'read'];

export interface Failure {
  readonly kind: Kind;
  readonly error: unknown;
  /** When the request was sent, in performance.now() milliseconds. */
  readonly startedAt: number;
}

/** What the client was told of every request: the measure for what must be found in the tables afterwards. */
export class Journal {
  /** Keys of `items` whose write was acknowledged. */
  readonly written: number[] = [];
  /** Acknowledged increments, by counter; and those whose outcome nobody knows. */
  readonly counted = new Map<number, number>();
  readonly maybeCounted = new Map<number, number>();
  /** List by element, for acknowledged appends; and for those whose outcome nobody knows. */
  readonly appended = new Map<number, number>();
  readonly maybeAppended = new Map<number, number>();
  readonly failures: Failure[] = [];
  /** What a read gave that it must not give. */
  readonly wrongRows: string[] = [];
  readonly sent: Record<Kind, number> = { write: 0, read: 0, count: 0, append: 0 };

  /** Failures by kind of request and error, such as '3 count: ConnectionClosed'. */
  describeFailures(): string {
    const counts = new Map<string, number>();
    for (const { kind, error } of this.failures) {
      const name = error instanceof Error ? error.constructor.name : typeof error;
      increment(counts, `${kind}: ${name}`);
    }
    return counts.size === 0 ? 'none' : [...counts].map(([what, count]) => `${String(count)} ${what}`).join(', ');
  }
}

export function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
