import { asError } from '../util/thrown.js';

export interface RaceRules<C, T> {
  /** So long one attempt may take before the next is begun beside it. */
  readonly patienceMs: number;
  /** Attempts under way at the same time. */
  readonly most: number;
  /** Told of each failure; false if no other attempt could do better. */
  readonly goesOn: (candidate: C, error: Error) => boolean;
  /** Takes what comes after the race is over. */
  readonly discard: (late: T) => void;
}

/**
 * Tries the candidates one after the other until one succeeds. One that neither succeeds nor fails (packets to a machine
 * that is gone are answered by nobody) does not hold the others up for long. Null if all fail.
 */
export function firstSuccess<C, T>(
  candidates: AsyncIterator<C>,
  attempt: (candidate: C) => Promise<T>,
  rules: RaceRules<C, T>,
): Promise<T | null> {
  return new Promise((resolve) => {
    let running = 0;
    let pulling = false;
    let isOver = false;
    let patience: NodeJS.Timeout | undefined;

    const finish = (winner: T | null): void => {
      isOver = true;
      clearTimeout(patience);
      resolve(winner);
    };
    const begin = (candidate: C): void => {
      running++;
      patience = setTimeout(pull, rules.patienceMs);
      attempt(candidate).then(
        (value) => {
          running--;
          if (isOver) rules.discard(value);
          else finish(value);
        },
        (error: unknown) => {
          running--;
          if (isOver) return;
          if (rules.goesOn(candidate, asError(error))) pull();
          else finish(null);
        },
      );
    };
    const pull = (): void => {
      clearTimeout(patience);
      if (isOver || pulling || running >= rules.most) return;
      pulling = true;
      void candidates.next().then(({ done, value }) => {
        pulling = false;
        if (isOver) return;
        if (done !== true) begin(value);
        else if (running === 0) finish(null);
      });
    };
    pull();
  });
}
