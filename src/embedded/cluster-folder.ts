/** The folder of an embedded cluster: a temporary one, or one that is kept and that one cluster at a time may use. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { AddressPlan } from './addresses.js';
import { occupy } from './occupation.js';
import { unusable } from './system-error.js';

/** In a kept folder: the cluster's name, which its data carries too. */
const NAME_FILE = 'cluster-name';
const ADDRESSES_FILE = 'addresses';

export interface ClusterFolder {
  readonly directory: string;
  readonly isTemporary: boolean;
  readonly clusterName: string;
  /** The addresses of the last start here, if there was one. */
  readonly addresses: AddressPlan | undefined;
  /** Keeps them for the next start: nodes remember each other by their addresses. */
  keepAddresses(plan: AddressPlan): Promise<void>;
  /** For when no node runs any more: lets others use a kept folder, removes a temporary one. */
  release(): Promise<void>;
}

/** Opens the folder that the caller named, or makes a temporary one. */
export async function openClusterFolder(named: string | undefined, signal?: AbortSignal): Promise<ClusterFolder> {
  return named === undefined ? temporaryFolder() : keptFolder(path.resolve(named), signal);
}

async function temporaryFolder(): Promise<ClusterFolder> {
  const place = os.tmpdir();
  const directory = await mkdtemp(path.join(place, 'async-cassandra-')).catch((error: unknown) => {
    throw unusable(`the folder for temporary files, ${place},`, error);
  });
  const release = (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  const keepAddresses = (): Promise<void> => Promise.resolve();
  return { directory, isTemporary: true, clusterName: newName(), addresses: undefined, keepAddresses, release };
}

async function keptFolder(directory: string, signal: AbortSignal | undefined): Promise<ClusterFolder> {
  let release: (() => Promise<void>) | undefined;
  try {
    await mkdir(directory, { recursive: true });
    release = await occupy(directory, signal);
    const clusterName = await keptName(directory);
    const addresses = await keptAddresses(directory);
    const keepAddresses = ({ block, nativePort, storagePort }: AddressPlan): Promise<void> =>
      writeWhole(path.join(directory, ADDRESSES_FILE), JSON.stringify({ block, nativePort, storagePort }));
    return { directory, isTemporary: false, clusterName, addresses, keepAddresses, release };
  } catch (error) {
    await release?.();
    throw unusable(`directory ${directory}`, error);
  }
}

/** A node refuses data of a cluster with another name, so a directory that is used again keeps its name. */
async function keptName(directory: string): Promise<string> {
  const file = path.join(directory, NAME_FILE);
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const name = newName();
  await writeWhole(file, name);
  return name;
}

/** What is no plan, or none any more, is as good as none. */
async function keptAddresses(directory: string): Promise<AddressPlan | undefined> {
  try {
    const plan = JSON.parse(await readFile(path.join(directory, ADDRESSES_FILE), 'utf8')) as AddressPlan | null;
    const isBlock = plan !== null && /^127\.\d{1,3}\.\d{1,3}$/.test(String(plan.block));
    return isBlock && isPort(plan.nativePort) && isPort(plan.storagePort) ? plan : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;
}

/** Whole or not at all: a process that is killed in between must not leave half of it. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, `${text}\n`);
  await rename(`${file}.new`, file);
}

function newName(): string {
  return `embedded-${randomBytes(6).toString('hex')}`;
}
