import { ConnectionError } from '../errors.js';
import { formatEndpoint } from '../topology/host.js';
import type { ContactPoint } from '../util/contact-point.js';
import { isIpAddress } from '../util/ip-address.js';
import { messageOf } from '../util/thrown.js';
import type { Address } from './connector.js';

/**
 * The addresses behind the contact points, names resolved anew: after a restart of all nodes under other addresses the
 * name is all that is left of them. A name that cannot be resolved goes into `errors`.
 */
export async function resolveContactPoints(
  contactPoints: readonly ContactPoint[],
  errors: Map<string, Error>,
): Promise<Address[]> {
  const resolved = await Promise.all(contactPoints.map((point) => resolve(point, errors)));
  const seen = new Set<string>();
  return resolved.flat().filter(({ address, port }) => {
    const endpoint = formatEndpoint(address, port);
    if (seen.has(endpoint)) return false;
    seen.add(endpoint);
    return true;
  });
}

async function resolve({ host, port }: ContactPoint, errors: Map<string, Error>): Promise<Address[]> {
  if (isIpAddress(host)) return [{ address: host, port }];
  try {
    // Loaded here, as it takes a millisecond and addresses do without.
    const found = await process.getBuiltinModule('node:dns/promises').lookup(host, { all: true });
    return found.map(({ address }) => ({ address, port, serverName: host }));
  } catch (cause) {
    const reason = messageOf(cause);
    const text = `Cannot resolve ${host}: ${reason} (is the name in contactPoints right?)`;
    errors.set(`${host}:${String(port)}`, new ConnectionError(text, { cause }));
    return [];
  }
}
