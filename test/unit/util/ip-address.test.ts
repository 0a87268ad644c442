import assert from 'node:assert/strict';
import { isIP, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIpAddress, isIpv6Address } from '../../../src/util/ip-address.js';

const NEAR = ['::1', '127.0.0.1', '::ffff:1.2.3.4', 'fe80::1%eth0', '1:2', 'db.example.com', '', ':', '[::1]', '1.2.3'];

test("addresses are what Node's own tests call so", () => {
  const text = fc.oneof(fc.constantFrom(...NEAR), fc.ipV4(), fc.ipV6(), fc.domain(), fc.string());
  fc.assert(
    fc.property(text, (given) => {
      assert.equal(isIpv6Address(given), isIPv6(given));
      assert.equal(isIpAddress(given), isIP(given) !== 0);
    }),
  );
});
