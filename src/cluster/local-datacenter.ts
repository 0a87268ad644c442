import { ConfigurationError } from '../errors.js';
import { formatEndpoint, type HostFacts } from '../topology/host.js';
import type { Address } from './connector.js';
import type { TopologySnapshot } from './topology-reader.js';

/**
 * The datacenter that the client works with: the `wanted` one, which an option or the policy names, else that of the
 * node that told of the cluster.
 *
 * @throws ConfigurationError if no host is there, or if none is wanted and the contact points lie in several.
 */
export function localDatacenterOf(
  snapshot: Pick<TopologySnapshot, 'hosts' | 'localHostId'>,
  contactPoints: readonly Address[],
  wanted: string | null,
): string {
  const all = [...snapshot.hosts.values()];
  if (wanted !== null) {
    mustBeAmong(namesOf(all), wanted);
    return wanted;
  }
  const points = new Set(contactPoints.map(({ address, port }) => formatEndpoint(address, port)));
  const named = namesOf(all.filter(({ address, port }) => points.has(formatEndpoint(address, port))));
  if (named.length > 1) {
    throw new ConfigurationError(
      `The contact points lie in several datacenters (${named.join(', ')}): set localDatacenter to one of them`,
    );
  }
  return snapshot.hosts.get(snapshot.localHostId)?.datacenter ?? '';
}

function namesOf(hosts: readonly HostFacts[]): string[] {
  return [...new Set(hosts.map((host) => host.datacenter))].sort();
}

function mustBeAmong(datacenters: readonly string[], wanted: string): void {
  if (datacenters.includes(wanted)) return;
  throw new ConfigurationError(
    `No host is in localDatacenter '${wanted}'; the cluster's datacenters are: ${datacenters.join(', ')}`,
  );
}
