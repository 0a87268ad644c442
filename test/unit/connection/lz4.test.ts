import assert from 'node:assert/strict';
import { register } from 'node:module';
import { test } from 'node:test';
import { loadLz4 } from '../../../src/connection/lz4.js';
import { ConfigurationError } from '../../../src/errors.js';

function hook(lz4: string): void {
  const source = `export function resolve(specifier, context, next) {
    return specifier === 'lz4-napi' ? ${lz4} : next(specifier, context);
  }`;
  register(`data:text/javascript,${encodeURIComponent(source)}`);
}

function moduleOf(text: string): string {
  return `{ url: 'data:text/javascript,' + ${JSON.stringify(encodeURIComponent(text))}, shortCircuit: true }`;
}

test('without lz4-napi the error says to install it', async () => {
  hook(`next(specifier, { ...context, parentURL: 'file:///nowhere/module.mjs' })`);
  await assert.rejects(
    loadLz4(),
    (error) =>
      error instanceof ConfigurationError &&
      error.message === "compression: 'lz4' needs the package lz4-napi: install it with `npm install lz4-napi`",
  );
});

test('a lz4-napi that cannot be loaded is there already: the error says why it cannot', async () => {
  const said = (reason: string) => (error: unknown) =>
    error instanceof ConfigurationError &&
    error.message ===
      `compression: 'lz4' needs the package lz4-napi, which is installed but could not be loaded: ${reason}` &&
    error.cause instanceof Error;
  // As lz4-napi itself tells of a native part that is missing, and of one that Node may not load.
  hook(moduleOf(`throw new Error("Cannot find module '@antoniomuso/lz4-napi-linux-x64-gnu'\\nRequire stack:")`));
  await assert.rejects(loadLz4(), said("Cannot find module '@antoniomuso/lz4-napi-linux-x64-gnu'"));
  hook(moduleOf(`throw new Error('Cannot find native binding.', { cause: new Error('addons are disabled') })`));
  await assert.rejects(loadLz4(), said('Cannot find native binding. (addons are disabled)'));
  hook(moduleOf('export const other = 1;'));
  await assert.rejects(loadLz4(), said('lz4-napi exports no compressSync'));
});
