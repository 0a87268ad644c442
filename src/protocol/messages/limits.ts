import { InvalidParameter } from '../../errors.js';

const MAX_UINT16 = 0xffff;

/** A count that wraps in its uint16 makes the server read garbage: it is refused before anything is written. */
export function checkShortCount(count: number, what: string): void {
  if (!Number.isInteger(count) || count < 0 || count > MAX_UINT16) {
    throw new InvalidParameter(`${String(count)} ${what} do not fit one request, which holds ${String(MAX_UINT16)}`);
  }
}
