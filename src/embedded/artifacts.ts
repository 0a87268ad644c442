/** Cassandra's jars: from CASSANDRA_HOME, or fetched once by Maven into a cache that processes share. */

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ConfigurationError } from '../errors.js';
import { withFolderLock } from './folder-lock.js';
import { withUnicodePaths } from './java-environment.js';
import { run, type RunResult } from './run.js';
import { unusable } from './system-error.js';
import { fittingJavas, releaseLine } from './versions.js';
import { cannotRun } from './ways-out.js';

const MAIN_JAR = /^(?:apache-cassandra|cassandra-all)-(\d.*)\.jar$/;

export interface Artifacts {
  readonly version: string;
  readonly jars: readonly string[];
}

/** What fetching asks of its caller. */
export interface FetchSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Where fetched artifacts are kept: one folder a version. */
export function cacheFolder(env: FetchSettings['env'] = process.env): string {
  const own = env['ASYNC_CASSANDRA_CACHE'];
  if (own !== undefined && own !== '') return path.resolve(own);
  const user = env['XDG_CACHE_HOME'];
  const base = user !== undefined && path.isAbsolute(user) ? user : path.join(os.homedir(), '.cache');
  return path.join(base, 'async-cassandra');
}

/**
 * The jars of an unpacked Cassandra. Its version is read from the main jar's name.
 * @param asked the version that the caller asked for, if any: another one in that folder is a mistake worth an error.
 */
export function unpackedArtifacts(home: string, asked: string | undefined): Artifacts {
  const lib = path.join(home, 'lib');
  const jars = listJars(lib);
  const main = jars.map((jar) => MAIN_JAR.exec(path.basename(jar))?.[1]);
  const version = main.find((name) => name !== undefined);
  if (version === undefined) {
    throw new ConfigurationError(`CASSANDRA_HOME (${home}) holds no Cassandra: its lib folder has no Cassandra jar`);
  }
  if (asked !== undefined && asked !== version && !(isLine(asked) && releaseLine(version) === asked)) {
    throw new ConfigurationError(`version '${asked}' was asked for, but CASSANDRA_HOME (${home}) holds ${version}`);
  }
  return { version, jars };
}

function isLine(version: string): boolean {
  return releaseLine(version) === version;
}

/** The jars of an exact version, fetched when they are not in the cache yet. Several processes may do this at once. */
export async function fetchedArtifacts(version: string, settings: FetchSettings): Promise<Artifacts> {
  const cache = cacheFolder(settings.env);
  const folder = path.join(cache, `cassandra-${version}`);
  const cached = (): Artifacts | undefined => {
    const jars = listJars(folder);
    return jars.some((jar) => MAIN_JAR.test(path.basename(jar))) ? { version, jars } : undefined;
  };
  const present = cached();
  if (present !== undefined) return present;
  try {
    await mkdir(cache, { recursive: true });
    // The lock spares two processes the same download; the rename keeps a half-fetched folder from ever being seen.
    return await withFolderLock(path.join(cache, `cassandra-${version}.lock`), settings.signal, async () => {
      const fetched = cached();
      if (fetched !== undefined) return fetched;
      settings.log(`Fetching Cassandra ${version} with Maven into ${folder}`);
      await fetchInto(folder, version, settings);
      return { version, jars: listJars(folder) };
    });
  } catch (error) {
    throw unusable(`the cache of artifacts, ${cache}, (ASYNC_CASSANDRA_CACHE names another one)`, error);
  }
}

/** Makes room for a fetched folder where one is that lacks the main jar. Nothing but jars is removed. */
async function removeRemains(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const jar of listJars(folder)) await rm(jar, { force: true });
  await rmdir(folder);
}

async function fetchInto(folder: string, version: string, settings: FetchSettings): Promise<void> {
  const staging = `${folder}.${randomBytes(6).toString('hex')}.part`;
  const project = await mkdtemp(path.join(os.tmpdir(), 'async-cassandra-fetch-'));
  try {
    await writeFile(path.join(project, 'pom.xml'), renderPom(version));
    const result = await runMaven(project, staging, version, settings);
    const complete = existsSync(path.join(staging, `cassandra-all-${version}.jar`));
    if (result.code !== 0 || !complete) {
      const lines = result.output.split('\n').filter((line) => line.includes('ERROR'));
      const reason = lines.slice(0, 3).join('\n') || result.output.slice(-2000);
      throw cannotRun(`Maven could not fetch Cassandra ${version}:\n${reason}\n`, javasOf(version));
    }
    await removeRemains(folder);
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
    await rm(project, { recursive: true, force: true });
  }
}

async function runMaven(
  project: string,
  output: string,
  version: string,
  { env, signal }: FetchSettings,
): Promise<RunResult> {
  const home = env['MAVEN_HOME'] ?? env['M2_HOME'];
  const ownProgram = home === undefined ? undefined : path.join(home, 'bin', 'mvn');
  const program = ownProgram !== undefined && existsSync(ownProgram) ? ownProgram : 'mvn';
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${output}`];
  try {
    return await run(program, args, { cwd: project, env: withUnicodePaths(), signal });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw cannotRun(
      `Cassandra ${version} is not in the cache (${path.dirname(output)}) and Maven was not found here`,
      javasOf(version),
      error,
    );
  }
}

function javasOf(version: string): string {
  return fittingJavas(version).join(' or ');
}

function listJars(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jar'))
      .sort()
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

/** A project whose one dependency is a whole Cassandra node. */
function renderPom(version: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>async-cassandra</groupId>
  <artifactId>embedded</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.cassandra</groupId>
      <artifactId>cassandra-all</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;
}
