import { PassThrough, Readable, Writable } from 'node:stream';
import type { Io } from '../../src/cli/io.js';
import { run } from '../../src/cli/run.js';

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandSurroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
}

/** A stream that keeps what is written to it. */
export class Kept extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Streams and an environment for a command line in this process; nothing of this process's own environment gets in. */
export function commandIo(around: CommandSurroundings = {}): Io & { readonly stdout: Kept; readonly stderr: Kept } {
  return {
    stdin: Readable.from([Buffer.from(around.stdin ?? '')]),
    stdout: new Kept(),
    stderr: new Kept(),
    env: around.env ?? {},
    signal: around.signal ?? new AbortController().signal,
  };
}

/** Runs a command line in this process: what it printed and would exit with. */
export async function runCommand(args: readonly string[], around: CommandSurroundings = {}): Promise<CommandOutcome> {
  const io = commandIo(around);
  const code = await run(args, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** A terminal that somebody types into. */
export class Terminal extends PassThrough {
  readonly isTTY = true;

  setRawMode(): this {
    return this;
  }
}
