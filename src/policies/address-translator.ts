/** Where to connect to. */
export interface TranslatedAddress {
  /** A host name or an IP address to connect to. */
  readonly address: string;
  /** The port to connect to. */
  readonly port: number;
}

/** Turns the address that a node names for itself into the one under which this client reaches it (NAT, clouds). */
export interface AddressTranslator {
  /**
   * Called with what system.peers_v2 tells of a node; what it rejects with makes the node unreachable, not the
   * cluster.
   */
  translate(address: string, port: number): TranslatedAddress | Promise<TranslatedAddress>;
}

/** Every node is reached under the address that it names. */
export class IdentityAddressTranslator implements AddressTranslator {
  /** Returns what it is given. */
  translate(address: string, port: number): TranslatedAddress {
    return { address, port };
  }
}
