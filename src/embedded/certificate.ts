/** Makes X.509 certificates (RFC 5280) on P-256 keys, so that TLS needs no program beside Node and Java. */

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import net from 'node:net';
import {
  bitString,
  explicit,
  generalizedTime,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  smallInteger,
  tagged,
  truth,
  utf8String,
} from './der.js';

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const YEAR_MS = 365 * 24 * 3600 * 1000;

export interface Certified {
  /** The certificate in DER. */
  readonly certificate: Buffer;
  readonly privateKey: KeyObject;
  /** The subject, as the certificates it signs name it. */
  readonly name: Buffer;
}

/** An authority that signed itself. */
export function makeAuthority(commonName: string): Certified {
  const extensions = [
    extension('2.5.29.19', sequence(truth()), true), // basic constraints: an authority
    extension('2.5.29.15', bitString(Buffer.from([0x06]), 1), true), // key usage: signs certificates and lists
  ];
  return makeCertificate(commonName, extensions, undefined);
}

/** A certificate for a server, or for a client, that answers to these host names and IP addresses. */
export function issueCertificate(authority: Certified, commonName: string, hosts: readonly string[]): Certified {
  const purposes = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'].map(objectIdentifier); // server, client
  const extensions = [
    extension('2.5.29.15', bitString(Buffer.from([0x80]), 7), true), // key usage: signs handshakes
    extension('2.5.29.37', sequence(...purposes)),
    extension('2.5.29.17', sequence(...hosts.map(alternativeName))),
  ];
  return makeCertificate(commonName, extensions, authority);
}

/** PEM around a certificate in DER. */
export function certificatePem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function makeCertificate(commonName: string, extensions: readonly Buffer[], issuer: Certified | undefined): Certified {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = distinguishedName(commonName);
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const now = Date.now();
  const toBeSigned = sequence(
    explicit(0, smallInteger(2)), // version 3
    integer(serial),
    ECDSA_WITH_SHA256,
    issuer?.name ?? name,
    // From yesterday on: another machine's clock may be behind.
    sequence(generalizedTime(new Date(now - 24 * 3600 * 1000)), generalizedTime(new Date(now + 10 * YEAR_MS))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const signature = sign('sha256', toBeSigned, issuer?.privateKey ?? privateKey);
  return { certificate: sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature)), privateKey, name };
}

function distinguishedName(commonName: string): Buffer {
  return sequence(setOf(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))));
}

function extension(identifier: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(identifier), ...(critical ? [truth()] : []), octetString(value));
}

function alternativeName(host: string): Buffer {
  if (net.isIPv4(host)) return tagged(0x87, Buffer.from(host.split('.').map(Number)));
  if (host === '::1') return tagged(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])]));
  return tagged(0x82, Buffer.from(host));
}
