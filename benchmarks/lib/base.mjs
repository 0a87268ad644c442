// Another state of this driver, built outside of the repository.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the ref in a temporary folder; `remove()` takes the folder away. */
export function buildBase(ref, log) {
  const run = (command, args, cwd = root) => {
    try {
      return execFileSync(command, args, { cwd, maxBuffer: 1 << 30, encoding: 'utf8' });
    } catch (error) {
      const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim();
      throw new Error(`${command} ${args.join(' ')} failed:\n${said}`, { cause: error });
    }
  };
  const commit = run('git', ['rev-parse', '--verify', `${ref}^{commit}`]).trim();
  const folder = mkdtempSync(join(tmpdir(), 'async-cassandra-base-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    log(`Building ${ref} (${commit.slice(0, 10)}) …`);
    run('git', ['worktree', 'add', '--detach', '--force', join(folder, 'tree'), commit]);
    const tree = join(folder, 'tree');
    const isSame = readFileSync(join(tree, 'package-lock.json')).equals(readFileSync(join(root, 'package-lock.json')));
    if (isSame) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    else run('npm', ['ci', '--no-audit', '--no-fund'], tree);
    run('npm', ['run', 'build'], tree);
    return {
      commit,
      entry: pathToFileURL(join(tree, 'dist', 'index.js')).href,
      remove() {
        run('git', ['worktree', 'remove', '--force', tree]);
        remove();
      },
    };
  } catch (error) {
    try {
      run('git', ['worktree', 'remove', '--force', join(folder, 'tree')]);
    } catch {
      // It was not made; the error that matters is the first one.
    }
    remove();
    throw error;
  }
}
