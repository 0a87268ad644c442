import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { certificatePem, issueCertificate, makeAuthority, privateKeyPem } from '../../../src/embedded/certificate.js';

const authority = makeAuthority('an authority');
const issued = issueCertificate(authority, 'a node', ['localhost', '127.0.0.1', '::1']);

test('the certificates are well-formed, signed by the authority, and name their hosts', () => {
  const ca = new X509Certificate(authority.certificate);
  const leaf = new X509Certificate(issued.certificate);
  assert.ok(ca.ca && !leaf.ca);
  assert.ok(ca.verify(ca.publicKey));
  assert.ok(leaf.verify(ca.publicKey) && leaf.checkIssued(ca));
  assert.ok(leaf.checkPrivateKey(createPrivateKey(privateKeyPem(issued.privateKey))));
  assert.equal(leaf.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(leaf.checkHost('localhost'), 'localhost');
  assert.equal(leaf.checkIP('127.0.0.2'), undefined);
});

test('TLS takes them on both ends, names verified', async () => {
  const both = {
    ca: certificatePem(authority.certificate),
    cert: certificatePem(issued.certificate),
    key: privateKeyPem(issued.privateKey),
  };
  const server = tls.createServer({ ...both, requestCert: true, rejectUnauthorized: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = tls.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...both });
  await once(client, 'secureConnect');
  assert.ok(client.authorized);
  client.destroy();
  server.close();
});
