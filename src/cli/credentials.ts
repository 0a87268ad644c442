import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Io } from './io.js';
import type { ConnectionFlags } from './options.js';
import { UsageError } from './usage-error.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const WAYS = 'Set CASSANDRA_PASSWORD, name a file with --password-file, or run this in a terminal to be asked.';

/**
 * Who logs in; null for nobody. The password never is an argument: every user of the machine can read the arguments of
 * all processes, and the shell keeps them.
 */
export async function readCredentials(flags: ConnectionFlags, io: Io): Promise<Credentials | null> {
  if (flags.password !== undefined) {
    throw new UsageError('A password on the command line can be read by everybody on this machine (ps)', WAYS);
  }
  const username = flags.username ?? io.env['CASSANDRA_USERNAME'] ?? io.env['CASSANDRA_USER'] ?? '';
  if (username === '') {
    if (flags.passwordFile !== undefined) throw new UsageError('--password-file needs --username');
    return null;
  }
  return { username, password: await readPassword(flags, username, io) };
}

async function readPassword(flags: ConnectionFlags, username: string, io: Io): Promise<string> {
  if (flags.passwordFile !== undefined) return firstLine(await readTextFile('--password-file', flags.passwordFile));
  const given = io.env['CASSANDRA_PASSWORD'];
  if (given !== undefined) return given;
  if (io.stdin.isTTY === true && io.stderr.isTTY === true) return promptForPassword(username, io);
  throw new UsageError(`No password is given for the user ${username}`, WAYS);
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** A file that an option names. */
export async function readOptionFile(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EACCES: 'reading it is not permitted',
      EISDIR: 'it is a folder',
    };
    throw new UsageError(`${option}: cannot read ${path}: ${reasons[code] ?? code}`);
  }
}

/** A file of text that an option names. */
export async function readTextFile(option: string, path: string): Promise<string> {
  return decodeText(await readOptionFile(option, path), `${option}: ${path}`);
}

/** Without the byte order mark. Bytes that are no UTF-8 would arrive in the database as replacement characters. */
export function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name} is not text in UTF-8`, 'Convert it: iconv -f <its encoding> -t utf-8, for instance.');
  }
}

/** Asks without showing what is typed. The question goes to stderr: stdout is for results. */
export function promptForPassword(username: string, io: Io): Promise<string> {
  const silent = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  io.stderr.write(`Password for ${username}: `);
  return new Promise((resolve, reject) => {
    const terminal = createInterface({ input: io.stdin, output: silent, terminal: true });
    // What settles the promise first decides: closing tells 'close' too.
    terminal.once('line', (line) => {
      resolve(line);
      terminal.close();
    });
    // In raw mode Ctrl-C is a key.
    terminal.once('SIGINT', () => {
      reject(new DOMException('Stopped by Ctrl-C', 'AbortError'));
      terminal.close();
    });
    terminal.once('close', () => {
      io.stderr.write('\n');
      reject(new UsageError('No password was typed', WAYS));
    });
  });
}
