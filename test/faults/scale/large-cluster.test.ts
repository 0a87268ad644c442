import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChild } from '../../support/child.js';

const HOSTS = 1000;
const MOST_STALL_MS = 50;
const MOST_HEAP_PER_HOST = 48 * 1024;
const MOST_BUFFERS_PER_HOST = 48 * 1024;

interface Outcome {
  readonly connectMs: number;
  readonly openedMs: number;
  readonly allConnected: boolean;
  readonly routedAtFirst: boolean;
  readonly connectStall: number;
  readonly heapPerHost: number;
  readonly buffersPerHost: number;
  readonly knowsNewHosts: boolean;
  readonly routedAgain: boolean;
  readonly refreshStall: number;
  readonly heapGrowth: number;
  readonly closed: boolean;
}

test('1,000 hosts × 16 tokens: connected, routed, refreshed without a stall, in bounded memory', async (context) => {
  const child = new URL('large-cluster.child.ts', import.meta.url);
  const { code, stderr, messages } = await runChild(child, {
    nodeArgs: ['--expose-gc'],
    args: [String(HOSTS)],
    timeoutMs: 180_000,
  });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  const outcome = messages[0] as Outcome;
  context.diagnostic(
    `connected after ${outcome.connectMs.toFixed(0)} ms, with all hosts after ${outcome.openedMs.toFixed(0)} ms; ` +
      `longest stall ${outcome.connectStall.toFixed(1)} ms, after changes ${outcome.refreshStall.toFixed(1)} ms; ` +
      `for each host ${(outcome.heapPerHost / 1024).toFixed(1)} KiB of heap, ` +
      `${(outcome.buffersPerHost / 1024).toFixed(1)} KiB of buffers; ` +
      `${(outcome.heapGrowth / 1024).toFixed(0)} KiB more after the changes`,
  );
  assert.ok(outcome.allConnected, 'a connection to every host');
  assert.ok(outcome.routedAtFirst, 'every key is asked of a host that has it');
  assert.ok(outcome.knowsNewHosts, 'hosts that left and joined are known');
  assert.ok(outcome.routedAgain, 'every key is asked of a host that has it now');
  assert.ok(outcome.closed, 'no connection is left');
  assert.ok(outcome.connectStall < MOST_STALL_MS, `a stall of ${outcome.connectStall.toFixed(1)} ms`);
  assert.ok(outcome.refreshStall < MOST_STALL_MS, `a stall of ${outcome.refreshStall.toFixed(1)} ms`);
  assert.ok(outcome.heapPerHost < MOST_HEAP_PER_HOST, `${outcome.heapPerHost.toFixed(0)} bytes of heap for each host`);
  assert.ok(outcome.buffersPerHost < MOST_BUFFERS_PER_HOST, `${outcome.buffersPerHost.toFixed(0)} bytes of buffers`);
  assert.ok(outcome.heapGrowth < 8 * 2 ** 20, `${String(outcome.heapGrowth)} bytes more after the changes`);
});
