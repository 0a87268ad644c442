/**
 * `ms` moved at random by up to `share` of itself, up or down (0.15: between 85 % and 115 %), so that many clients
 * that lost one node do not all come back in the same millisecond. `random` gives numbers in [0, 1).
 */
export function withJitter(ms: number, share: number, random: () => number = Math.random): number {
  return ms * (1 + share * (2 * random() - 1));
}
