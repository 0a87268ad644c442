/** The folder of an embedded cluster: a temporary one, or one that is kept and that one cluster at a time may use. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ConfigurationError } from '../errors.js';
import { messageOf } from '../util/thrown.js';
import { occupy } from './occupation.js';

/** In a kept folder: the cluster's name, which its data carries too. */
const NAME_FILE = 'cluster-name';

export interface ClusterFolder {
  readonly directory: string;
  readonly isTemporary: boolean;
  readonly clusterName: string;
  /** For when no node runs any more: lets others use a kept folder, removes a temporary one. */
  release(): Promise<void>;
}

/** Opens the folder that the caller named, or makes a temporary one. */
export async function openClusterFolder(named: string | undefined, signal?: AbortSignal): Promise<ClusterFolder> {
  return named === undefined ? temporaryFolder() : keptFolder(path.resolve(named), signal);
}

async function temporaryFolder(): Promise<ClusterFolder> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'async-cassandra-'));
  const release = (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  return { directory, isTemporary: true, clusterName: newName(), release };
}

async function keptFolder(directory: string, signal: AbortSignal | undefined): Promise<ClusterFolder> {
  let release: (() => Promise<void>) | undefined;
  try {
    await mkdir(directory, { recursive: true });
    release = await occupy(directory, signal);
    return { directory, isTemporary: false, clusterName: await keptName(directory), release };
  } catch (error) {
    await release?.();
    if (!isOfTheSystem(error)) throw error;
    throw new ConfigurationError(`startCassandra: directory ${directory} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** A node refuses data of a cluster with another name, so a directory that is used again keeps its name. */
async function keptName(directory: string): Promise<string> {
  const file = path.join(directory, NAME_FILE);
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const name = newName();
  // Whole or not at all: a process that is killed in between must not leave half a name.
  await writeFile(`${file}.new`, `${name}\n`);
  await rename(`${file}.new`, file);
  return name;
}

function newName(): string {
  return `embedded-${randomBytes(6).toString('hex')}`;
}
