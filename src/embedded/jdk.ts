/** Finds a Java that runs a given Cassandra: by asking each one for its version, never by taking the newest. */

import { existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigurationError } from '../errors.js';
import { javaEnvironment } from './java-environment.js';
import { run } from './run.js';
import { fittingJavas } from './versions.js';
import { cannotRun } from './ways-out.js';

export interface Jdk {
  /** Path of the `java` program. */
  readonly java: string;
  /** Feature release: 17. */
  readonly release: number;
}

/** Where `java` may be. Each field can be replaced by a test. */
export interface JdkPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folders that hold one Java each. */
  readonly folders: readonly string[];
}

function usualPlaces(): JdkPlaces {
  const home = os.homedir();
  return {
    env: process.env,
    folders: [
      '/usr/lib/jvm',
      '/usr/lib64/jvm',
      '/usr/java',
      '/opt/java',
      '/Library/Java/JavaVirtualMachines',
      path.join(home, '.sdkman/candidates/java'),
      path.join(home, '.jdks'),
      path.join(home, 'Library/Java/JavaVirtualMachines'),
    ],
  };
}

/**
 * The Java for this Cassandra: CASSANDRA_JAVA_HOME if it is set (it must fit), else the first of JAVA_HOME, the usual
 * folders and PATH that is of the best release, else the first of the next best.
 */
export async function findJdk(version: string, places: JdkPlaces = usualPlaces()): Promise<Jdk> {
  const wanted = fittingJavas(version);
  const named = places.env['CASSANDRA_JAVA_HOME'];
  if (named !== undefined && named !== '') {
    const java = path.join(named, 'bin', 'java');
    const release = await javaRelease(java);
    if (release !== undefined && wanted.includes(release)) return { java, release };
    const found = release === undefined ? 'holds no Java' : `holds Java ${String(release)}`;
    throw new ConfigurationError(
      `CASSANDRA_JAVA_HOME (${named}) ${found}; Cassandra ${version} runs on Java ${wanted.join(' or ')}`,
    );
  }
  const found: Jdk[] = [];
  for (const java of candidates(places)) {
    const release = await javaRelease(java);
    if (release === undefined) continue;
    if (release === wanted[0]) return { java, release };
    found.push({ java, release });
  }
  for (const release of wanted) {
    const jdk = found.find((candidate) => candidate.release === release);
    if (jdk !== undefined) return jdk;
  }
  const releases = [...new Set(found.map((jdk) => jdk.release))].join(', ');
  throw cannotRun(
    `Cassandra ${version} runs on Java ${wanted.join(' or ')}, and ` +
      (releases === '' ? 'no Java was found here' : `only Java ${releases} was found here`),
    wanted.join(' or '),
  );
}

function candidates(places: JdkPlaces): string[] {
  const javas: string[] = [];
  const javaHome = places.env['JAVA_HOME'];
  if (javaHome !== undefined && javaHome !== '') javas.push(path.join(javaHome, 'bin', 'java'));
  for (const folder of places.folders) {
    for (const name of listFolder(folder)) {
      javas.push(path.join(folder, name, 'bin', 'java'), path.join(folder, name, 'Contents', 'Home', 'bin', 'java'));
    }
  }
  for (const folder of (places.env['PATH'] ?? '').split(path.delimiter)) {
    if (folder !== '') javas.push(path.join(folder, 'java'));
  }
  return [...new Set(javas)].filter((java) => existsSync(java));
}

/** Names that speak of 17 first, so that usually one Java is asked and not all of them. */
function listFolder(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    return names.sort((left, right) => Number(right.includes('17')) - Number(left.includes('17')));
  } catch {
    return [];
  }
}

/** The feature release that `java -version` tells, or undefined when this is no working Java. */
async function javaRelease(java: string): Promise<number | undefined> {
  try {
    return parseJavaVersion((await run(java, ['-version'], { env: javaEnvironment() })).output);
  } catch {
    return undefined;
  }
}

/** Reads 'openjdk version "17.0.15"' as 17 and 'java version "1.8.0_402"' as 8. */
export function parseJavaVersion(output: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(output);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
