import type { Readable, Writable } from 'node:stream';

/** What a command line reads and writes: those of the process, or a test's. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Whoever read our output is gone: `| head`, a pager that was left. No failure. */
export class BrokenPipe extends Error {}

const BLOCK_CHARACTERS = 64 * 1024;

/**
 * Writes to stdout and waits until the reader has taken it: a slow reader holds the rows back in the server, not in
 * this process's memory.
 */
export class Output {
  readonly #stream: Writable;
  #block = '';

  constructor(stream: Writable) {
    this.#stream = stream;
    // Without a listener an error is an uncaught exception, even if the write's own callback is told of it.
    stream.on('error', () => undefined);
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** Adds a text; what was added goes out in blocks. */
  async write(text: string): Promise<void> {
    this.#block += text;
    if (this.#block.length >= BLOCK_CHARACTERS) await this.flush();
  }

  flush(): Promise<void> {
    const block = this.#block;
    if (block === '') return Promise.resolve();
    this.#block = '';
    return new Promise((resolve, reject) => {
      this.#stream.write(block, (error) => {
        if (error === null || error === undefined) resolve();
        else if (isGone(error)) reject(new BrokenPipe());
        else reject(error);
      });
    });
  }
}

function isGone(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'ECONNRESET';
}
