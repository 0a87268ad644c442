import { ConnectionError } from '../errors.js';
import type { AddressTranslator } from '../policies/address-translator.js';
import { formatEndpoint } from '../topology/host.js';
import { onAbort } from '../util/abort.js';
import { SlicedTurns } from '../util/sliced-job.js';
import { messageOf } from '../util/thrown.js';
import type { Address } from './connector.js';

/** How long a translator has for all peers together, and what ends the wait before that. */
export interface TranslationLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Where each peer is reached, in the order given; for a peer that the translator throws at, does not answer for or
 * gives no address for, an error. They are translated side by side: one that hangs must not use up the others' time.
 */
export async function translatePeers(
  named: readonly Address[],
  translator: AddressTranslator,
  { timeoutMs, signal }: TranslationLimits,
): Promise<(Address | ConnectionError)[]> {
  let timer: NodeJS.Timeout | undefined;
  let stopListening: (() => void) | undefined;
  // Fulfilled, not rejected: what comes too late for all of them is nobody's unhandled rejection.
  const givenUp = new Promise<Error>((resolve) => {
    timer = setTimeout(() => {
      resolve(new Error(`it did not answer within ${String(timeoutMs)} ms`));
    }, timeoutMs);
    stopListening = onAbort(signal, () => {
      resolve(new Error('the cluster is closed'));
    });
  });
  const turns = new SlicedTurns();
  const found: Promise<Address | ConnectionError>[] = [];
  try {
    for (const peer of named) {
      await turns.next();
      found.push(translate(peer, translator, givenUp));
    }
    return await Promise.all(found);
  } finally {
    clearTimeout(timer);
    stopListening?.();
  }
}

async function translate(
  { address, port }: Address,
  translator: AddressTranslator,
  givenUp: Promise<Error>,
): Promise<Address | ConnectionError> {
  try {
    const given: unknown = await Promise.race([translator.translate(address, port), givenUp]);
    if (given instanceof Error) throw given;
    if (!isAddress(given)) throw new Error('what it gives is no { address, port }');
    return { address: given.address, port: given.port };
  } catch (cause) {
    const reason = messageOf(cause);
    const endpoint = formatEndpoint(address, port);
    return new ConnectionError(`The address translator has no address for ${endpoint}: ${reason}`, { cause });
  }
}

function isAddress(given: unknown): given is Address {
  if (typeof given !== 'object' || given === null || !('address' in given) || !('port' in given)) return false;
  const { address, port } = given;
  return (
    typeof address === 'string' && address !== '' && Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536
  );
}
