/** Where to connect to. */
export interface TranslatedAddress {
  readonly address: string;
  readonly port: number;
}

/** Turns the address that a node names for itself into the one under which this client reaches it (NAT, clouds). */
export interface AddressTranslator {
  translate(address: string, port: number): TranslatedAddress | Promise<TranslatedAddress>;
}

/** Every node is reached under the address that it names. */
export class IdentityAddressTranslator implements AddressTranslator {
  translate(address: string, port: number): TranslatedAddress {
    return { address, port };
  }
}
