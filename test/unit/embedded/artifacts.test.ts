import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { cacheFolder, fetchedArtifacts, unpackedArtifacts } from '../../../src/embedded/artifacts.js';
import { ConfigurationError } from '../../../src/errors.js';

const root = mkdtempSync(path.join(os.tmpdir(), 'artifacts-test-'));
after(() => {
  rmSync(root, { recursive: true });
});

/** A MAVEN_HOME whose mvn runs this shell text; $out is the folder that it was told to fill. */
function fakeMaven(name: string, text: string): string {
  const home = path.join(root, name);
  mkdirSync(path.join(home, 'bin'), { recursive: true });
  const script = `#!/bin/sh\nfor arg; do case $arg in -DoutputDirectory=*) out=\${arg#*=};; esac; done\n${text}\n`;
  writeFileSync(path.join(home, 'bin', 'mvn'), script);
  chmodSync(path.join(home, 'bin', 'mvn'), 0o755);
  return home;
}

function settings(name: string, mavenHome: string | undefined): Parameters<typeof fetchedArtifacts>[1] {
  return { env: { ASYNC_CASSANDRA_CACHE: path.join(root, name), MAVEN_HOME: mavenHome }, log: () => undefined };
}

describe('artifacts', () => {
  test('the cache is where the environment says, by default in the user cache', () => {
    assert.equal(cacheFolder({ ASYNC_CASSANDRA_CACHE: '/a/b', XDG_CACHE_HOME: '/x' }), '/a/b');
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/x' }), path.join('/x', 'async-cassandra'));
    assert.equal(cacheFolder({}), path.join(os.homedir(), '.cache', 'async-cassandra'));
  });

  test('two at once fetch once, and a third finds what they fetched', async () => {
    const runs = path.join(root, 'runs');
    const maven = fakeMaven(
      'maven-good',
      `echo run >> ${runs}; mkdir -p $out; sleep 0.3; touch $out/cassandra-all-5.0.9.jar $out/b.jar $out/readme.txt`,
    );
    const both = await Promise.all([1, 2].map(() => fetchedArtifacts('5.0.9', settings('cache-good', maven))));
    const third = await fetchedArtifacts('5.0.9', settings('cache-good', undefined));
    for (const artifacts of [...both, third]) {
      assert.deepEqual(
        artifacts.jars.map((jar) => path.basename(jar)),
        ['b.jar', 'cassandra-all-5.0.9.jar'],
      );
    }
    assert.equal(readFileSync(runs, 'utf8'), 'run\n');
    assert.deepEqual(readdirSync(path.join(root, 'cache-good')), ['cassandra-5.0.9']);
  });

  test('a fetch that fails half-way leaves nothing behind and tells what Maven said', async () => {
    const maven = fakeMaven('maven-bad', 'mkdir -p $out; touch $out/b.jar; echo "[ERROR] no such artifact"; exit 1');
    await assert.rejects(
      fetchedArtifacts('5.0.99', settings('cache-bad', maven)),
      (error) => error instanceof ConfigurationError && error.message.includes('no such artifact'),
    );
    assert.deepEqual(readdirSync(path.join(root, 'cache-bad')), []);
  });

  test('a fetch that ends well without the main jar is not taken', async () => {
    const maven = fakeMaven('maven-empty', 'mkdir -p $out');
    await assert.rejects(fetchedArtifacts('5.0.9', settings('cache-empty', maven)), ConfigurationError);
    assert.deepEqual(readdirSync(path.join(root, 'cache-empty')), []);
  });

  test('a folder without the main jar, as an interrupted removal leaves one, is fetched anew', async () => {
    const maven = fakeMaven('maven-again', 'mkdir -p $out; touch $out/cassandra-all-5.0.9.jar');
    const folder = path.join(root, 'cache-torn', 'cassandra-5.0.9');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'b.jar'), '');
    const { jars } = await fetchedArtifacts('5.0.9', settings('cache-torn', maven));
    assert.deepEqual(
      jars.map((jar) => path.basename(jar)),
      ['cassandra-all-5.0.9.jar'],
    );
    assert.deepEqual(readdirSync(path.join(root, 'cache-torn')), ['cassandra-5.0.9']);
  });

  test('a cache that cannot be written to is named as a wrong setting', async () => {
    writeFileSync(path.join(root, 'a-file'), '');
    await assert.rejects(
      fetchedArtifacts('5.0.9', settings('a-file', undefined)),
      (error) => error instanceof ConfigurationError && error.message.includes(path.join(root, 'a-file')),
    );
  });

  test('Maven that is ended by a signal is not told to be missing', async () => {
    const maven = fakeMaven('maven-killed', 'kill -9 $$');
    await assert.rejects(
      fetchedArtifacts('5.0.9', settings('cache-killed', maven)),
      (error) => error instanceof ConfigurationError && error.message.includes('SIGKILL'),
    );
  });

  test('without Maven the error tells the three ways out', async () => {
    const path0 = process.env['PATH'];
    process.env['PATH'] = root;
    try {
      await assert.rejects(fetchedArtifacts('5.0.9', settings('cache-none', undefined)), (error) => {
        assert.ok(error instanceof ConfigurationError);
        for (const way of ['JDK 17', 'Maven was not found', 'CASSANDRA_HOME', 'CASSANDRA_CONTACT_POINTS']) {
          assert.ok(error.message.includes(way), way);
        }
        return true;
      });
    } finally {
      process.env['PATH'] = path0;
    }
  });

  test('an unpacked Cassandra is known by its main jar', () => {
    const home = path.join(root, 'home');
    mkdirSync(path.join(home, 'lib'), { recursive: true });
    assert.throws(() => unpackedArtifacts(home, undefined), /holds no Cassandra/);
    writeFileSync(path.join(home, 'lib', 'apache-cassandra-4.1.10.jar'), '');
    assert.equal(unpackedArtifacts(home, undefined).version, '4.1.10');
    assert.equal(unpackedArtifacts(home, '4.1').version, '4.1.10');
    assert.throws(() => unpackedArtifacts(home, '5.0'), /holds 4\.1\.10/);
  });
});
