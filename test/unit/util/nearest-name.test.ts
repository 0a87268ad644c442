import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '../../../src/util/nearest-name.js';

const known = ['contactPoints', 'localDatacenter', 'port', 'keyspace', 'requestTimeoutMs'];

test('typing errors find the name that was meant', () => {
  assert.equal(nearestName('contactPoint', known), 'contactPoints');
  assert.equal(nearestName('localDataCenter', known), 'localDatacenter');
  assert.equal(nearestName('loclaDatacenter', known), 'localDatacenter');
  assert.equal(nearestName('prot', known), 'port');
  assert.equal(nearestName('requestTimeout', known), 'requestTimeoutMs');
});

test('a name that is far from all is not guessed at', () => {
  assert.equal(nearestName('executorThreads', known), undefined);
  assert.equal(nearestName('x', known), undefined);
  assert.equal(nearestName('', known), undefined);
  assert.equal(nearestName('port', []), undefined);
});
