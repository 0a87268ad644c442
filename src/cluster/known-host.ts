import { type Host, type HostFacts, MutableHost } from '../topology/host.js';
import type { AdaptiveLimit } from './adaptive-limit.js';
import { HostStats } from './host-stats.js';

/** A host with what the client has seen of it, and how much it is trusted with. */
export class KnownHost extends MutableHost {
  readonly stats = new HostStats();
  readonly limit: AdaptiveLimit;
  /** False while it is not known where: the translator has had no address for it yet. */
  isReachable = true;
  /** The 'address:port' that the node names itself: events go by that. Null until a peer of it was asked. */
  namedEndpoint: string | null = null;

  constructor(id: string, facts: HostFacts, limit: AdaptiveLimit) {
    super(id, facts);
    this.limit = limit;
  }
}

/** What is known of a host that came back from a policy or a user. */
export function statsOf(host: Host): HostStats | null {
  return host instanceof KnownHost ? host.stats : null;
}
