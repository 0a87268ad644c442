/** No slice is longer; short times have several slices as well. */
const SLICE_MS = 250;
const LEAST_SLICES = 4;

/**
 * Calls `fn` after `ms` milliseconds in which the event loop ran. What holds the process up (long computations, a machine
 * that is busy elsewhere) counts as one short slice of it: answers that came meanwhile are read before they count as late.
 * Returns what calls it off. The timer keeps the process alive.
 */
export function afterRunning(ms: number, fn: () => void): () => void {
  let left = ms;
  let timer: NodeJS.Timeout;
  const runOn = (): void => {
    const slice = Math.min(left, SLICE_MS, ms / LEAST_SLICES);
    timer = setTimeout(() => {
      left -= slice;
      // Fractions of milliseconds may be left over.
      if (left >= 1) runOn();
      else fn();
    }, slice);
  };
  runOn();
  return () => {
    clearTimeout(timer);
  };
}
