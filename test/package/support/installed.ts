import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What `npm pack --json` tells. */
export interface Packed {
  readonly filename: string;
  /** Bytes of the archive. */
  readonly size: number;
  /** Bytes of the files in it. */
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** An otherwise empty project that has installed the package as npm would have it from a registry. */
export interface Project {
  readonly folder: string;
  readonly packed: Packed;
  /** Writes a file and runs it by this or another Node. Resolves to what it printed. */
  node(file: string, text: string, binary?: string): Promise<string>;
  remove(): Promise<void>;
}

export async function installedProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'async-cassandra-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    maxBuffer: 1 << 24,
  });
  const [packed] = JSON.parse(stdout) as readonly Packed[];
  if (packed === undefined) throw new Error('npm pack told of no archive');
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  const archive = join(folder, packed.filename);
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--omit=optional', archive], {
    cwd: folder,
  });
  return {
    folder,
    packed,
    async node(file, text, binary = process.execPath) {
      await writeFile(join(folder, file), text);
      const { stdout: printed } = await run(binary, [file], { cwd: folder });
      return printed.trim();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
