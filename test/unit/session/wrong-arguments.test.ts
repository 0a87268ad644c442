/** What a program without types can pass to calls that take no options object, or not that alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, ConfigurationError, ConnectionMonitor } from '../../../src/index.js';
import { instrument } from '../../../src/metrics/opentelemetry/index.js';

const cluster = new AsyncCluster();
class Address {
  street = '';
}
const any = (value?: unknown): never => value as never;

const CASES: readonly [what: string, call: () => unknown, message: string][] = [
  [
    'createWithAuth()',
    () => AsyncCluster.createWithAuth(any()),
    'createWithAuth() needs an object with contactPoints, username and password; got undefined',
  ],
  [
    'createWithAuth(null)',
    () => AsyncCluster.createWithAuth(any(null)),
    'createWithAuth() needs an object with contactPoints, username and password; got null',
  ],
  ['on(name, 5)', () => cluster.on('log', any(5)), "The listener of 'log' must be a function; got 5"],
  ['on(name)', () => cluster.on('hostUp', any()), "The listener of 'hostUp' must be a function; got undefined"],
  [
    'registerUserType(1, …)',
    () => {
      cluster.registerUserType(any(1), 'address', Address);
    },
    'registerUserType: the keyspace must be a string that is not empty; got 1',
  ],
  [
    "registerUserType('ks', '', …)",
    () => {
      cluster.registerUserType('ks', '', Address);
    },
    "registerUserType: the type name must be a string that is not empty; got ''",
  ],
  ...[undefined, {}, { execute: () => undefined }].map((given): [string, () => unknown, string] => [
    `new ConnectionMonitor with ${String(given && Object.keys(given).join())}`,
    () => new ConnectionMonitor(any(given)),
    'ConnectionMonitor needs a session of cluster.connect(), or one around it',
  ]),
  ['instrument()', () => instrument(any()), 'instrument: the first argument must be an AsyncCluster; got undefined'],
  [
    'instrument({})',
    () => instrument(any({})),
    'instrument: the first argument must be an AsyncCluster; got an object without connect(), shutdown(), on()',
  ],
  [
    'instrument(cluster, wrong options)',
    () => instrument(cluster, any({ foo: 1, tracerProvider: 5 })),
    'instrument: unknown option foo: known are tracerProvider, meterProvider, propagate; ' +
      'tracerProvider must be a TracerProvider; got 5',
  ],
];

for (const [what, call, message] of CASES) {
  test(`${what} is refused`, () => {
    assert.throws(call, new ConfigurationError(message));
  });
}

test('a listener that is none can be taken off: it never was there', () => {
  assert.equal(cluster.off('log', any()), cluster);
});
