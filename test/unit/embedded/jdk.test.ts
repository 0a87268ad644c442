import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { findJdk, parseJavaVersion } from '../../../src/embedded/jdk.js';
import { ConfigurationError } from '../../../src/errors.js';

const root = mkdtempSync(path.join(os.tmpdir(), 'jdk-test-'));
after(() => {
  rmSync(root, { recursive: true });
});

/** A folder with a `java` that says it is of that version. */
function fakeJava(folder: string, version: string): string {
  const bin = path.join(root, folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const java = path.join(bin, 'java');
  writeFileSync(java, `#!/bin/sh\necho 'openjdk version "${version}" 2025-01-01' >&2\n`);
  chmodSync(java, 0o755);
  return path.join(root, folder);
}

const java11 = fakeJava('several/eleven', '11.0.2');
fakeJava('several/seventeen', '17.0.15');
const java25 = fakeJava('new/temurin', '25');
const java8 = fakeJava('old/jdk8', '1.8.0_402');

describe('which Java', () => {
  test('its version is read from what it prints', () => {
    assert.equal(parseJavaVersion('openjdk version "17.0.15" 2025-04-15'), 17);
    assert.equal(parseJavaVersion('java version "1.8.0_402"'), 8);
    assert.equal(parseJavaVersion('openjdk version "25" 2025-09-16'), 25);
    assert.equal(parseJavaVersion('command not found'), undefined);
  });

  test('17 is taken though JAVA_HOME and PATH name a newer one', async () => {
    const env = { JAVA_HOME: java25, PATH: path.join(java25, 'bin') };
    const jdk = await findJdk('5.0.9', { env, folders: [path.join(root, 'new'), path.join(root, 'several')] });
    assert.deepEqual(jdk, { java: path.join(root, 'several/seventeen/bin/java'), release: 17 });
  });

  test('is not asked with arguments that are meant for other Java programs', async (context) => {
    const folder = path.join(root, 'picky');
    mkdirSync(path.join(folder, 'bin'), { recursive: true });
    const java = path.join(folder, 'bin', 'java');
    writeFileSync(java, `#!/bin/sh\n[ -z "$JAVA_TOOL_OPTIONS" ] || exit 1\necho 'openjdk version "17.0.15"' >&2\n`);
    chmodSync(java, 0o755);
    process.env['JAVA_TOOL_OPTIONS'] = '-javaagent:not-here.jar';
    context.after(() => {
      delete process.env['JAVA_TOOL_OPTIONS'];
    });
    assert.equal((await findJdk('5.0.9', { env: { JAVA_HOME: folder }, folders: [] })).java, java);
  });

  test('11 is taken where there is no 17', async () => {
    const jdk = await findJdk('4.0.19', { env: { JAVA_HOME: java25, PATH: path.join(java11, 'bin') }, folders: [] });
    assert.equal(jdk.release, 11);
  });

  test('CASSANDRA_JAVA_HOME goes before a better one, and is refused where it does not fit', async () => {
    const folders = [path.join(root, 'several')];
    assert.equal((await findJdk('5.0.9', { env: { CASSANDRA_JAVA_HOME: java11 }, folders })).release, 11);
    await assert.rejects(
      findJdk('5.0.9', { env: { CASSANDRA_JAVA_HOME: java25 }, folders }),
      (error) => error instanceof ConfigurationError && error.message.includes('holds Java 25'),
    );
  });

  test('where none fits, the error tells what was found and the three ways out', async () => {
    const places = { env: { JAVA_HOME: java8, PATH: path.join(java25, 'bin') }, folders: [] };
    await assert.rejects(findJdk('5.0.9', places), (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /only Java 8, 25 was found/);
      for (const way of ['JDK 17', 'Maven', 'CASSANDRA_HOME', 'CASSANDRA_CONTACT_POINTS', 'CASSANDRA_LOCAL_DC']) {
        assert.ok(error.message.includes(way), way);
      }
      return true;
    });
    await assert.rejects(findJdk('5.0.9', { env: {}, folders: [] }), /no Java was found/);
  });
});
