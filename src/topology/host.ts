/**
 * One node of the cluster. It is known by its host id: a node that comes back under another address is the same
 * object, so whoever holds one (a pool, a policy) need not look it up again. Only the client itself changes it.
 */
export interface Host {
  /** The `host_id` of system.local and system.peers_v2: a uuid as text. */
  readonly id: string;
  /** Where the client connects to: an IP address as text, IPv6 without brackets, or the name that an address translator gave. */
  readonly address: string;
  /** Of its native protocol. */
  readonly port: number;
  /** 'address:port', or '[address]:port' for IPv6. */
  readonly endpoint: string;
  /** As the node names it. */
  readonly datacenter: string;
  /** As the node names it. */
  readonly rack: string;
  /** The server's version, such as '5.0.4'; '' if it is not known. */
  readonly releaseVersion: string;
  /** The ends of the token ranges that the node owns. */
  readonly tokens: readonly bigint[];
  /**
   * False once the client has no connection to the node and gets none, until it gets one. Of nodes that the load balancing
   * policy leaves out it believes what the cluster says.
   */
  readonly isUp: boolean;
}

/** One for all: nobody may change it. */
export const NO_HOSTS: readonly Host[] = Object.freeze([]);

/** What the server tells about a node. */
export interface HostFacts {
  readonly address: string;
  readonly port: number;
  readonly datacenter: string;
  readonly rack: string;
  readonly releaseVersion: string;
  readonly tokens: readonly bigint[];
}

/** 'address:port', or '[address]:port' for IPv6. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

/**
 * One string object for each distinct name. Every node's row brings its own copy of 'dc1'; policies compare these
 * names for each request, and comparing a string with itself needs no look at its characters.
 */
const names = new Map<string, string>();
export function sharedName(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  // Names come from the server: a broken one must not make this grow for ever.
  if (names.size >= 10_000) names.clear();
  names.set(name, name);
  return name;
}

/** The host as the cluster layer sees it. Users and policies see `Host`. */
export class MutableHost implements Host {
  readonly id: string;
  address: string;
  port: number;
  endpoint: string;
  datacenter: string;
  rack: string;
  releaseVersion: string;
  tokens: readonly bigint[];
  isUp: boolean;

  constructor(id: string, facts: HostFacts, isUp = true) {
    this.id = id;
    this.address = facts.address;
    this.port = facts.port;
    this.endpoint = formatEndpoint(facts.address, facts.port);
    this.datacenter = sharedName(facts.datacenter);
    this.rack = sharedName(facts.rack);
    this.releaseVersion = sharedName(facts.releaseVersion);
    this.tokens = facts.tokens;
    this.isUp = isUp;
  }

  /** Takes over newer facts. True if one that routing depends on (datacenter, rack or tokens) is another than before. */
  update(facts: Partial<HostFacts>): boolean {
    const { address = this.address, port = this.port } = facts;
    if (address !== this.address || port !== this.port) {
      this.address = address;
      this.port = port;
      this.endpoint = formatEndpoint(address, port);
    }
    if (facts.releaseVersion !== undefined) this.releaseVersion = sharedName(facts.releaseVersion);

    let moved = false;
    if (facts.datacenter !== undefined && facts.datacenter !== this.datacenter) {
      this.datacenter = sharedName(facts.datacenter);
      moved = true;
    }
    if (facts.rack !== undefined && facts.rack !== this.rack) {
      this.rack = sharedName(facts.rack);
      moved = true;
    }
    if (facts.tokens !== undefined && !sameTokens(facts.tokens, this.tokens)) {
      this.tokens = facts.tokens;
      moved = true;
    }
    return moved;
  }

  /** JSON knows no bigint: tokens become text. */
  toJSON(): Omit<Host, 'tokens'> & { readonly tokens: readonly string[] } {
    const { id, address, port, endpoint, datacenter, rack, releaseVersion, isUp } = this;
    return { id, address, port, endpoint, datacenter, rack, releaseVersion, isUp, tokens: this.tokens.map(String) };
  }
}

/** Marks the host as up or down; true if that changes anything. For the cluster layer alone. */
export function setHostUp(host: MutableHost, isUp: boolean): boolean {
  if (host.isUp === isUp) return false;
  host.isUp = isUp;
  return true;
}

function sameTokens(a: readonly bigint[], b: readonly bigint[]): boolean {
  return a === b || (a.length === b.length && a.every((token, i) => token === b[i]));
}
