import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidParameter } from '../../../src/errors.js';
import { Decimal } from '../../../src/values/decimal.js';

test('the text of a decimal is exact', () => {
  const cases: [bigint, number, string][] = [
    [0n, 0, '0'],
    [0n, 2, '0.00'],
    [12345n, 2, '123.45'],
    [-5n, 3, '-0.005'],
    [-12345n, 5, '-0.12345'],
    [150n, 2, '1.50'],
    [1n, 20, '0.00000000000000000001'],
    [1n, -3, '1E+3'],
    [-123n, -2, '-1.23E+4'],
    [1n, 2_147_483_647, '1E-2147483647'],
    [12n, -2_147_483_648, '1.2E+2147483649'],
    [123456789012345678901234567890n, 10, '12345678901234567890.1234567890'],
  ];
  for (const [unscaled, scale, text] of cases) assert.equal(new Decimal(unscaled, scale).toString(), text);
});

test('parse reads back what toString writes, scale included', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: -300, max: 300 }), (unscaled, scale) => {
      const back = Decimal.parse(new Decimal(unscaled, scale).toString());
      assert.equal(back.unscaled, unscaled);
      assert.equal(back.scale, scale);
    }),
  );
});

test('parse takes the usual forms and refuses the rest without repeating it', () => {
  assert.deepEqual(Decimal.parse('+1.5e2'), new Decimal(15n, -1));
  assert.deepEqual(Decimal.parse('.5'), new Decimal(5n, 1));
  assert.deepEqual(Decimal.parse('5.'), new Decimal(5n, 0));
  for (const bad of ['', '.', '-', 'e5', '1e', '0x10', ' 1', '1_0', 'NaN', 'Infinity', '1,5', '1e99999999999']) {
    assert.throws(
      () => Decimal.parse(bad),
      (error: unknown) => error instanceof InvalidParameter && (bad.length < 3 || !error.message.includes(bad)),
      bad,
    );
  }
});

test('numbers become the shortest decimal that reads as them', () => {
  assert.equal(Decimal.from(0.1).toString(), '0.1');
  assert.equal(Decimal.from(1e21).toString(), '1E+21');
  assert.equal(Decimal.from(5e-324).toNumber(), 5e-324);
  assert.equal(Decimal.from(-7n).toString(), '-7');
  assert.throws(() => Decimal.from(Number.NaN), InvalidParameter);
  assert.throws(() => Decimal.from(-Infinity), InvalidParameter);
  assert.throws(() => new Decimal(1n, 2 ** 31), InvalidParameter);
  assert.throws(() => new Decimal(1n, 0.5), InvalidParameter);
});

test('comparison goes by value, however far the scales are apart', () => {
  assert.ok(new Decimal(10n, 1).equals(new Decimal(100n, 2)));
  assert.ok(new Decimal(0n, 5).equals(new Decimal(0n, -5)));
  assert.ok(!new Decimal(1n, 0).equals('1'));
  assert.equal(new Decimal(1n, -2_000_000_000).compare(new Decimal(9n, 2_000_000_000)), 1);
  assert.equal(new Decimal(-1n, -2_000_000_000).compare(new Decimal(9n, 2_000_000_000)), -1);
  fc.assert(
    fc.property(fc.integer(), fc.nat(6), fc.integer(), fc.nat(6), (a, sa, b, sb) => {
      const exact = BigInt(a) * 10n ** BigInt(sb) - BigInt(b) * 10n ** BigInt(sa);
      const compared = new Decimal(BigInt(a), sa).compare(new Decimal(BigInt(b), sb));
      assert.equal(compared, exact === 0n ? 0 : exact < 0n ? -1 : 1);
    }),
  );
});

test('JSON carries a decimal as its text', () => {
  assert.equal(JSON.stringify({ price: new Decimal(1999n, 2) }), '{"price":"19.99"}');
});
