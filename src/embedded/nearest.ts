/** The hint for a mistyped name. */

import { nearestName } from '../util/nearest-name.js';

/** ` (did you mean 'x'?)` for the nearest of `names`, or nothing when none is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` (did you mean '${nearest}'?)`;
}
