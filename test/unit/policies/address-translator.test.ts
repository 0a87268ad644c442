import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdentityAddressTranslator } from '../../../src/policies/address-translator.js';

test('identity: the address that came', () => {
  assert.deepEqual(new IdentityAddressTranslator().translate('fe80::1', 9042), { address: 'fe80::1', port: 9042 });
});
