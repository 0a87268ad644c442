/** Runs a program to its end and gives back what it printed. */

import { execFile } from 'node:child_process';

export interface RunResult {
  readonly code: number;
  readonly output: string;
}

/** Rejects when the program cannot be started (not found, not executable) or the signal aborts it. */
export function run(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { ...options, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (error === null) resolve({ code: 0, output });
      else if (typeof error.code === 'number') resolve({ code: error.code, output });
      else if (typeof error.signal === 'string' && error.killed !== true) {
        resolve({ code: 1, output: `${output}${program} was ended by ${error.signal}` });
      } else reject(options.signal?.aborted === true ? (options.signal.reason as Error) : error);
    });
  });
}
