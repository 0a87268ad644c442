/**
 * Writes PKCS #12 stores (RFC 7292), the format that every supported Cassandra and Java reads. There is no integrity
 * code in them: that is optional, Java does without, and these files never leave the machine that made them.
 */

import type { Certified } from './certificate.js';
import { bmpString, explicit, objectIdentifier, octetString, sequence, setOf, smallInteger } from './der.js';

const DATA = objectIdentifier('1.2.840.113549.1.7.1');
const SHROUDED_KEY_BAG = objectIdentifier('1.2.840.113549.1.12.10.1.2');
const CERTIFICATE_BAG = objectIdentifier('1.2.840.113549.1.12.10.1.3');
const X509_CERTIFICATE = objectIdentifier('1.2.840.113549.1.9.22.1');
const FRIENDLY_NAME = objectIdentifier('1.2.840.113549.1.9.20');
const LOCAL_KEY_ID = objectIdentifier('1.2.840.113549.1.9.21');
/** Java takes a certificate for a trusted one only when it carries this attribute. */
const TRUSTED_KEY_USAGE = objectIdentifier('2.16.840.1.113894.746875.1.1');
const ANY_PURPOSE = objectIdentifier('2.5.29.37.0');

/** A store of one private key and its certificate chain. */
export function keyStore(owner: Certified, authority: Certified, password: string): Buffer {
  const keyId = sequence(LOCAL_KEY_ID, setOf(octetString(Buffer.from([1]))));
  const encryptedKey = owner.privateKey.export({
    type: 'pkcs8',
    format: 'der',
    cipher: 'aes-256-cbc',
    passphrase: password,
  });
  return store(
    sequence(SHROUDED_KEY_BAG, explicit(0, encryptedKey), setOf(friendlyName('node'), keyId)),
    certificateBag(owner.certificate, keyId),
    certificateBag(authority.certificate),
  );
}

/** A store of one trusted authority. */
export function trustStore(authority: Certified): Buffer {
  const trusted = sequence(TRUSTED_KEY_USAGE, setOf(ANY_PURPOSE));
  return store(certificateBag(authority.certificate, friendlyName('ca'), trusted));
}

function store(...bags: readonly Buffer[]): Buffer {
  const contents = data(sequence(...bags));
  return sequence(smallInteger(3), data(sequence(contents)));
}

function data(content: Buffer): Buffer {
  return sequence(DATA, explicit(0, octetString(content)));
}

function certificateBag(certificate: Buffer, ...attributes: readonly Buffer[]): Buffer {
  const value = sequence(X509_CERTIFICATE, explicit(0, octetString(certificate)));
  const attributeSet = attributes.length === 0 ? [] : [setOf(...attributes)];
  return sequence(CERTIFICATE_BAG, explicit(0, value), ...attributeSet);
}

function friendlyName(name: string): Buffer {
  return sequence(FRIENDLY_NAME, setOf(bmpString(name)));
}
