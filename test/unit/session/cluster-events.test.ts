import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '../../../src/cluster/settings.js';
import { ConfigurationError } from '../../../src/errors.js';
import { ClusterEmitter, type ClusterEventName } from '../../../src/session/cluster-events.js';
import type { Host } from '../../../src/topology/host.js';
import { rejectedThenable } from '../../support/thenable.js';

test('an unknown event is refused, and the events are told', () => {
  const emitter = new ClusterEmitter();
  for (const name of ['hostup', 'constructor', '__proto__']) {
    const refusal = new ConfigurationError(
      `There is no event '${name}': the events are hostUp, hostDown, hostAdded, hostRemoved, schemaChanged and log`,
    );
    for (const method of ['on', 'off'] as const) {
      assert.throws(() => {
        emitter[method](name as ClusterEventName, () => undefined);
      }, refusal);
    }
  }
});

test('a listener whose thenable rejects does no harm, and the log is told', async () => {
  const emitter = new ClusterEmitter();
  const told: LogEntry[] = [];
  const error = new Error('no promise');
  emitter.on('log', (entry) => told.push(entry));
  const listener = (): unknown => rejectedThenable(error);
  emitter.on('hostUp', listener);
  emitter.emit('hostUp', {} as Host);
  await new Promise(setImmediate);
  assert.deepEqual(told, [{ level: 'error', message: "A listener of 'hostUp' threw", error }]);
});
