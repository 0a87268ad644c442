import type * as crypto from 'node:crypto';

let loaded: typeof crypto | undefined;

/** Node's crypto module, loaded at first use: it takes milliseconds, and many a program never needs it. */
export function cryptoModule(): typeof crypto {
  return (loaded ??= process.getBuiltinModule('node:crypto'));
}
