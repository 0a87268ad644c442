import { ConfigurationError } from '../errors.js';
import type { Host } from '../topology/host.js';

/** For a host that was asked for and that is none of the cluster's. */
export function noSuchHost(asked: Host | string, hosts: readonly Host[]): ConfigurationError {
  const name = typeof asked === 'string' ? asked : asked.endpoint;
  const known = hosts.map(({ endpoint }) => endpoint).join(', ');
  return new ConfigurationError(`The cluster has no host ${name}; its hosts are ${known}`);
}
