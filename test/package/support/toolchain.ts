import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('../toolchain/', import.meta.url));
const FILES = ['package.json', 'package-lock.json'];

/** The TypeScripts that a user may have; the project's own is one of them. */
export const TYPESCRIPTS = ['5.6', '5.7', '5.8', '5.9', '6.0', '7.0'] as const;
/** The oldest Node that the package is for, the lines that are maintained, and the newest. */
export const NODES = ['20.19', '22', '24', '26'] as const;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

let installed: Promise<string> | undefined;

/** Where the toolchain's node_modules are. Installed once for each content of its lockfile, as Cassandra's artifacts are. */
function toolchain(): Promise<string> {
  return (installed ??= install());
}

async function install(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of FILES) hash.update(await readFile(join(SOURCE, file)));
  const cache = process.env['ASYNC_CASSANDRA_CACHE'] ?? join(homedir(), '.cache', 'async-cassandra');
  const folder = join(cache, `toolchain-${hash.digest('hex').slice(0, 12)}`);
  if (await exists(folder)) return join(folder, 'node_modules');
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(`${folder}-`);
  try {
    for (const file of FILES) await cp(join(SOURCE, file), join(made, file));
    await run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: made });
    // Two runs that install at the same time make the same: whichever is first is kept.
    await rename(made, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } catch (error) {
    throw new Error(
      'The Node and TypeScript versions that the package is tried with could not be installed: the npm registry has to ' +
        `be reachable once, or ${folder} be there from an earlier run`,
      { cause: error },
    );
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return join(folder, 'node_modules');
}

/** The file that `process.execPath` is in that version. */
export async function nodeBinary(version: (typeof NODES)[number]): Promise<string> {
  const binary = join(await toolchain(), `node-${version}-${process.arch}`, 'bin', 'node');
  if (process.platform !== 'linux' || !(await exists(binary))) {
    throw new Error(`There is no Node ${version} for ${process.platform} ${process.arch} in test/package/toolchain`);
  }
  return binary;
}

/** The script that `tsc` is in that version. */
export async function compiler(version: (typeof TYPESCRIPTS)[number]): Promise<string> {
  return join(await toolchain(), `typescript-${version}`, 'bin', 'tsc');
}
