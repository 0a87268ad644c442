import assert from 'node:assert/strict';
import { register } from 'node:module';
import { before, test } from 'node:test';

/** Looks for the peers where nothing is installed, so that Node itself says what is missing. */
const HOOK = `
  const PEERS = new Set(['prom-client', '@opentelemetry/api', 'fastify', 'lz4-napi']);
  export function resolve(specifier, context, next) {
    return next(specifier, PEERS.has(specifier) ? { ...context, parentURL: 'file:///nowhere/module.mjs' } : context);
  }`;

before(() => {
  register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
});

for (const [entry, peer] of [
  ['prometheus', 'prom-client'],
  ['opentelemetry', '@opentelemetry/api'],
] as const) {
  // An import that bundlers can follow: what they cannot see is missing in a bundle, or there twice.
  test(`metrics/${entry} imports ${peer}: without it, Node names the package`, async () => {
    await assert.rejects(
      import(`../../../src/metrics/${entry}/index.js`),
      (error: Error & { readonly code?: string }) =>
        error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`Cannot find package '${peer}'`),
    );
  });
}

for (const entry of ['index', 'embedded/index', 'fastify/index', 'testing/index']) {
  test(`without any peer, src/${entry} can be imported`, async () => {
    await assert.doesNotReject(import(`../../../src/${entry}.js`));
  });
}
