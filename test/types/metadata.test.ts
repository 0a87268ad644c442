import { test } from 'node:test';
import { expectTypeOf } from 'expect-type';
import type { Host, Metadata } from '../../src/index.js';

// These are claims about types: `npm run typecheck` proves them, and running them proves nothing.

test('lists of hosts are arrays of the caller', () => {
  expectTypeOf<Metadata['hosts']>().toEqualTypeOf<Host[]>();
  expectTypeOf<Metadata['getReplicas']>().returns.toEqualTypeOf<Host[]>();
});
