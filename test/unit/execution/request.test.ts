import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdaptiveLimit } from '../../../src/cluster/adaptive-limit.js';
import type { HostPool } from '../../../src/cluster/host-pool.js';
import { KnownHost } from '../../../src/cluster/known-host.js';
import type { Connection } from '../../../src/connection/connection.js';
import type { RequestMessage } from '../../../src/execution/messages.js';
import { Request } from '../../../src/execution/request.js';
import type { RequestContext, RequestPlan } from '../../../src/execution/request-plan.js';
import { Opcode } from '../../../src/protocol/constants.js';

const MESSAGE: RequestMessage = { opcode: Opcode.QUERY, flags: 0, consistencyAt: -1, writeBody: () => undefined };

class Probe extends Request<string> {
  protected readonly maxReprepares = 0;
  protected readResult(): void {
    this.succeed('answered');
  }
  protected reprepare(): null {
    return null;
  }
  protected pendingPreparation(): null {
    return null;
  }
  protected onIgnored(): void {
    this.succeed('ignored');
  }
}

/** A pool that lends the connection, as far as a request looks at either. */
function poolOf(address: string, connection: Partial<Connection>): HostPool {
  const facts = { address, port: 9042, datacenter: 'dc', rack: 'r', releaseVersion: '', tokens: [] };
  const host = new KnownHost(address, facts, new AdaptiveLimit(2048));
  return { host, borrow: () => connection } as unknown as HostPool;
}

test('no stream id was free at the first host: the next one is sent this request, not the bytes of another', () => {
  const sent: string[] = [];
  const pools = [
    poolOf('10.0.0.1', {
      isSilent: false,
      send: () => -1,
      lastEnvelope: { buffer: Buffer.from('of another'), start: 0, end: 10 },
    }),
    poolOf('10.0.0.2', {
      isSilent: false,
      send: (message) => {
        sent.push(message === MESSAGE ? 'the message' : 'another message');
        return 1;
      },
      resend: ({ buffer }) => {
        sent.push(buffer.toString());
        return 1;
      },
      lastEnvelope: { buffer: Buffer.from('of this one'), start: 0, end: 11 },
    }),
  ];
  const hosts = pools.values();
  const plan: Partial<RequestPlan> = {
    text: '',
    group: { poolOf: (host: unknown) => pools.find((pool) => pool.host === host) } as unknown as RequestPlan['group'],
    newHosts: () => ({ next: () => hosts.next().value?.host ?? null }),
    timeoutMs: Infinity,
    speculativeExecutionPolicy: null,
    signal: null,
  };
  const context = { core: {}, retryBudget: { recordRequest: () => undefined } } as unknown as RequestContext;
  void new Probe(context, plan as RequestPlan, MESSAGE).run();
  assert.deepEqual(sent, ['the message']);
});
