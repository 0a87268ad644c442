import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ChildOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** What the child told with `process.send`, in order. */
  readonly messages: readonly unknown[];
  /** When each of them came, and when the child was gone, in this process's performance.now(). */
  readonly messageTimes: readonly number[];
  readonly exitedAt: number;
}

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly timeoutMs?: number;
}

/** Runs a TypeScript file as a process of its own and waits for its end. Past `timeoutMs` it is killed. */
export function runChild(file: URL, options: ChildOptions = {}): Promise<ChildOutcome> {
  const { args = [], nodeArgs = [], timeoutMs = 300_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, '--import', 'tsx', fileURLToPath(file), ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const messages: unknown[] = [];
    const messageTimes: number[] = [];
    let stderr = '';
    let exitedAt = 0;
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('message', (message) => {
      messages.push(message);
      messageTimes.push(performance.now());
    });
    child.on('exit', () => {
      exitedAt = performance.now();
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stderr, messages, messageTimes, exitedAt });
    });
  });
}

/** For the child: tells the parent something, without the channel keeping this process alive afterwards. */
export function tell(message: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) {
      resolve();
      return;
    }
    process.send(message, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
