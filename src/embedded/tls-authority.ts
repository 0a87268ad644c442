/** The certificates of one cluster: its authority, one certificate a node and one for clients. */

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { certificatePem, issueCertificate, makeAuthority, privateKeyPem, type Certified } from './certificate.js';
import { keyStore, trustStore } from './key-store.js';
import type { EmbeddedTls } from './types.js';
import type { YamlSettings } from './yaml.js';

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1'];
/** Guards nothing: Cassandra wants a password, and it stands beside the store in cassandra.yaml. */
const STORE_PASSWORD = 'cassandra';

export class TlsAuthority {
  /** What a client needs. The certificate is good for a server on localhost too, a proxy for instance. */
  readonly pem: EmbeddedTls;
  readonly #authority: Certified;

  constructor(clusterName: string) {
    this.#authority = makeAuthority(`${clusterName} authority`);
    const client = issueCertificate(this.#authority, 'client', LOCAL_HOSTS);
    this.pem = {
      ca: certificatePem(this.#authority.certificate),
      cert: certificatePem(client.certificate),
      key: privateKeyPem(client.privateKey),
    };
  }

  /** The node's own connection options for probing: client certificate included, in case the node requires one. */
  get connectionOptions(): ConnectionOptions {
    return { ...this.pem };
  }

  /** Writes a node's stores and returns its client_encryption_options. */
  async equipNode(home: string, address: string): Promise<YamlSettings> {
    const folder = path.join(home, 'conf');
    await mkdir(folder, { recursive: true });
    const keystore = path.join(folder, 'keystore.p12');
    const truststore = path.join(folder, 'truststore.p12');
    const node = issueCertificate(this.#authority, address, [...new Set([address, ...LOCAL_HOSTS])]);
    await writeFile(keystore, keyStore(node, this.#authority, STORE_PASSWORD), { mode: 0o600 });
    await writeFile(truststore, trustStore(this.#authority));
    return {
      enabled: true,
      optional: false,
      keystore,
      keystore_password: STORE_PASSWORD,
      truststore,
      truststore_password: STORE_PASSWORD,
      store_type: 'PKCS12',
      require_client_auth: false,
    };
  }
}
