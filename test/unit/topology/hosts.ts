import { MutableHost } from '../../../src/topology/host.js';

/** A host for tests: 10.0.x.y, up, with the tokens given. */
export function makeHost(
  index: number,
  facts: { datacenter?: string; rack?: string; tokens?: readonly bigint[]; isUp?: boolean } = {},
): MutableHost {
  const { datacenter = 'dc1', rack = 'rack1', tokens = [], isUp = true } = facts;
  return new MutableHost(
    `host-${String(index)}`,
    {
      address: `10.0.${String(index >> 8)}.${String(index & 255)}`,
      port: 9042,
      datacenter,
      rack,
      releaseVersion: '5.0.4',
      tokens,
    },
    isUp,
  );
}
