import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { TestAuthority } from '../support/certificates.js';
import { sharedNode } from '../support/nodes.js';
import { installedProject, ROOT, type Project } from './support/installed.js';
import { nodeBinary, NODES } from './support/toolchain.js';

const run = promisify(execFile);
const authority = new TestAuthority();
const tls = { ...authority.issue(), ca: authority.ca };
let project: Project;

before(async () => {
  project = await installedProject();
  await cp(join(ROOT, 'test/package/smoke'), project.folder, { recursive: true });
});

after(() => project.remove());

for (const version of NODES) {
  test(`the package connects, prepares, writes, streams, aborts and ends: Node ${version}`, async () => {
    const binary = await nodeBinary(version);
    const settings = { node: sharedNode(), keyspace: `smoke_${version.replace('.', '_')}`, tls };
    // It has to end by itself: what it left open would hold it until it is killed.
    const { stdout, stderr } = await run(binary, ['smoke.mjs'], {
      cwd: project.folder,
      timeout: 240_000,
      env: { ...process.env, SMOKE: JSON.stringify(settings) },
    });
    const { node, ...found } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    assert.ok(String(node).startsWith(`${version}.`), String(node));
    const expected = { one: 'one', streamed: 20, aborted: 'AbortError', tls: 1, abortedInFlight: 'AbortError' };
    assert.deepEqual(found, expected);
    assert.equal(stderr, '', 'no warning of this Node');
  });

  test(`the package can be required: Node ${version}`, async () => {
    const text = `
      const { AsyncCluster } = require('async-cassandra');
      const { FakeNode } = require('async-cassandra/testing');
      const { startCassandra } = require('async-cassandra/embedded');
      console.log(typeof AsyncCluster, typeof FakeNode.start, typeof startCassandra);`;
    assert.equal(await project.node('require.cjs', text, await nodeBinary(version)), 'function function function');
  });
}
