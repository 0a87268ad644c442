/** One JVM, bound to the life of this process. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError } from '../errors.js';
import { javaEnvironment } from './java-environment.js';

/**
 * The shell starts a watcher, then becomes the JVM, so the JVM keeps the shell's pid. The watcher reads descriptor 3,
 * whose other end is in this process alone: when this process dies, however it dies, the read ends without a line and
 * the watcher kills the JVM (a stopped one too) and removes the folder that was made for it, if that is temporary. A
 * line means that the JVM has ended and there is nothing left to do.
 */
const WATCHED = `
folder=$1
shift
(
  read -r line <&3 && exit
  kill -9 $$
  [ -z "$folder" ] || rm -rf -- "$folder" || { sleep 1; rm -rf -- "$folder"; }
) >/dev/null 2>&1 &
exec "$0" "$@" 3<&- </dev/null`;

export interface JavaSettings {
  readonly java: string;
  readonly args: readonly string[];
  /** The working directory. */
  readonly home: string;
  /** All that the JVM prints is appended to it. */
  readonly logFile: string;
  /** What is to be removed when this process dies before the JVM. */
  readonly temporaryFolder: string | undefined;
}

const STANDSTILL_PATIENCE_MS = 5000;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class JavaProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ending>;
  #ending: Ending | undefined;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    const lifeline = child.stdio[3] as Socket;
    lifeline.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#ending = { code, signal };
        lifeline.end('\n');
        resolve(this.#ending);
      });
    });
    // A node that nobody stops must not keep its parent alive: the parent ends, and the node with it.
    child.unref();
    lifeline.unref();
  }

  static async start(settings: JavaSettings): Promise<JavaProcess> {
    const { java, args, home, logFile, temporaryFolder = '' } = settings;
    const log = openSync(logFile, 'a');
    try {
      // A session of its own, so that Ctrl-C in a terminal reaches the parent alone, which may want to stop it well.
      const child = spawn('/bin/sh', ['-c', WATCHED, java, temporaryFolder, ...args], {
        cwd: home,
        detached: true,
        stdio: ['ignore', log, log, 'pipe'],
        env: javaEnvironment(),
      });
      if (child.pid === undefined) {
        const [error] = (await once(child, 'error')) as [Error];
        throw new ConfigurationError(`Cassandra could not be started: ${error.message}`, { cause: error });
      }
      return new JavaProcess(child, child.pid);
    } finally {
      closeSync(log);
    }
  }

  /** How it ended; undefined while it lives. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#ending === undefined) this.#child.kill(signal);
  }

  /**
   * Resolves when SIGSTOP has taken effect: on a busy machine threads go on until the kernel comes to them. Where
   * there is no /proc to read, nothing is waited for.
   */
  async waitForStandstill(): Promise<void> {
    const deadline = performance.now() + STANDSTILL_PATIENCE_MS;
    while (this.#ending === undefined && !standsStill(this.pid) && performance.now() < deadline) await sleep(2);
  }

  /** Resolves when the JVM has ended. Keeps this process alive meanwhile. */
  async waitForEnd(): Promise<Ending> {
    this.#child.ref();
    return this.#ended;
  }
}

/** True when every thread is in state T, the third field of its stat file behind the name in parentheses. */
function standsStill(pid: number): boolean {
  const tasks = `/proc/${String(pid)}/task`;
  try {
    return readdirSync(tasks).every((task) => readFileSync(`${tasks}/${task}/stat`, 'utf8').includes(') T '));
  } catch (error) {
    // A thread that ended between the two calls is no reason to give up; a system without /proc is.
    return process.platform !== 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
