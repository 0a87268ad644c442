/** One node of an embedded cluster. */

import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError } from '../errors.js';
import { followLines, lastLines } from './log-file.js';
import { JavaProcess } from './java-process.js';
import { setReadyMark } from './node-files.js';
import { checkStartNode } from './options.js';
import { askOptions, tryLogin, type Credentials, type ProbeTarget } from './probe.js';

const PROBE_EVERY_MS = 50;
const PROBE_TIMEOUT_MS = 3000;
const STOP_PATIENCE_MS = 20_000;
const SHOWN_LINES = 30;

/** Options of `CassandraNode.start()`. */
export interface StartNodeOptions {
  /** Another loopback address to come back under. */
  readonly address?: string | undefined;
  /** Ends the wait early: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One node: a Cassandra process with its own address and data. */
export interface CassandraNode {
  /** Its IP address; the native port is the cluster's. */
  readonly address: string;
  /** The name of its datacenter. */
  readonly datacenter: string;
  /** The process id; undefined while the node is stopped. */
  readonly pid: number | undefined;
  /** Everything that the node prints, over all its starts. */
  readonly logFile: string;
  /** Whether its process is alive. */
  readonly isRunning: boolean;
  /** Shuts the node down in good order; a start under way rejects. Its data stays for `start()`. */
  stop(): Promise<void>;
  /** Kills the process at once (SIGKILL); a start under way rejects. Its data stays for `start()`. */
  kill(): Promise<void>;
  /** Freezes the process (SIGSTOP) and resolves when it stands still: connections stay open and nothing answers. */
  pause(): Promise<void>;
  /** Lets a paused node go on (SIGCONT). */
  resume(): Promise<void>;
  /**
   * Starts a stopped or killed node again and resolves when it answers. Nothing happens when it runs; one that is being
   * stopped is started when it has ended.
   */
  start(options?: StartNodeOptions): Promise<void>;
}

/** What a node needs from its cluster. */
export interface NodeHost {
  readonly java: string;
  readonly startTimeoutMs: number;
  /** The cluster's folder, if nobody wants it after the cluster's end. */
  readonly temporaryFolder: string | undefined;
  /** Whom to log in as before the node counts as ready, if anybody. */
  readonly credentials: Credentials | undefined;
  readonly log: (line: string, address: string) => void;
  readonly followsLog: boolean;
  /** Writes the node's files and returns the arguments of `java`. */
  prepare(node: LocalNode): Promise<readonly string[]>;
  probeTarget(node: LocalNode): ProbeTarget;
}

export class LocalNode implements CassandraNode {
  readonly index: number;
  readonly datacenter: string;
  readonly home: string;
  readonly logFile: string;
  /** True for a node that joins a cluster that has data. */
  readonly joins: boolean;
  /** True once the node has answered: its data exists, and its first role as well. */
  wasReady: boolean;
  readonly #host: NodeHost;
  #address: string;
  #process: JavaProcess | undefined;
  #unfollow: (() => void) | undefined;
  #starting: Promise<void> | undefined;
  /** How many calls are ending the process. */
  #endings = 0;
  /** The start under way was ended by the user. */
  #isUnwanted = false;

  constructor(
    host: NodeHost,
    facts: {
      readonly index: number;
      readonly address: string;
      readonly datacenter: string;
      readonly home: string;
      readonly logFile: string;
      readonly joins: boolean;
      readonly wasReady: boolean;
    },
  ) {
    this.#host = host;
    this.index = facts.index;
    this.#address = facts.address;
    this.datacenter = facts.datacenter;
    this.home = facts.home;
    this.logFile = facts.logFile;
    this.joins = facts.joins;
    this.wasReady = facts.wasReady;
  }

  get address(): string {
    return this.#address;
  }

  get pid(): number | undefined {
    return this.isRunning ? this.#process?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.ending === undefined;
  }

  async start(options: StartNodeOptions = {}): Promise<void> {
    checkStartNode(options);
    if (this.#starting !== undefined) return this.#starting;
    if (this.isRunning && this.#endings === 0) return;
    this.#starting = this.#startNow(options);
    try {
      await this.#starting;
    } finally {
      this.#starting = undefined;
      this.#isUnwanted = false;
    }
  }

  async #startNow(options: StartNodeOptions): Promise<void> {
    options.signal?.throwIfAborted();
    // One that is being ended must be gone first.
    await this.#process?.waitForEnd();
    if (options.address !== undefined) this.#address = options.address;
    const args = await this.#host.prepare(this);
    this.#mustBeWanted();
    this.#follow();
    const { java, temporaryFolder } = this.#host;
    const { home, logFile } = this;
    this.#process = await JavaProcess.start({ java, args, home, logFile, temporaryFolder });
    try {
      await this.#waitUntilReady(this.#process, options.signal);
      if (!this.wasReady) await setReadyMark(this.home);
      this.wasReady = true;
    } catch (error) {
      await this.#end(this.#process, 'SIGKILL');
      throw error;
    }
  }

  async #waitUntilReady(java: JavaProcess, signal: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + this.#host.startTimeoutMs;
    const credentials = this.wasReady ? undefined : this.#host.credentials;
    for (;;) {
      signal?.throwIfAborted();
      this.#mustBeWanted();
      try {
        const target = this.#host.probeTarget(this);
        await askOptions(target, PROBE_TIMEOUT_MS);
        if (credentials !== undefined) await tryLogin(target, credentials, PROBE_TIMEOUT_MS);
        return;
      } catch (error) {
        this.#mustBeWanted();
        if (java.ending !== undefined) {
          const how = java.ending.signal ?? `exit code ${String(java.ending.code)}`;
          throw this.#startError(`ended before it was ready (${how})`, error);
        }
        if (performance.now() > deadline) {
          throw this.#startError(`was not ready within ${String(this.#host.startTimeoutMs)} ms`, error);
        }
      }
      await sleep(PROBE_EVERY_MS);
    }
  }

  /** Throws once the start under way has been ended by `stop()` or `kill()`. */
  #mustBeWanted(): void {
    if (this.#isUnwanted) throw new ConnectionError(`Cassandra on ${this.#address} was stopped while it started`);
  }

  #startError(what: string, cause: unknown): ConnectionError {
    const lines = lastLines(this.logFile, SHOWN_LINES);
    return new ConnectionError(
      `Cassandra on ${this.#address} ${what}. Its log is ${this.logFile}, the last lines are:\n${lines}`,
      { cause },
    );
  }

  async stop(): Promise<void> {
    const patience = setTimeout(() => {
      this.#process?.signal('SIGKILL');
    }, STOP_PATIENCE_MS);
    await this.#giveUp('SIGTERM');
    clearTimeout(patience);
  }

  async kill(): Promise<void> {
    await this.#giveUp('SIGKILL');
  }

  /** Ends the process; and a start that has none yet, so that none comes later. */
  async #giveUp(signal: NodeJS.Signals): Promise<void> {
    const starting = this.#starting;
    this.#isUnwanted = starting !== undefined;
    await this.#end(this.#process, signal);
    await starting?.catch(() => undefined);
  }

  async pause(): Promise<void> {
    this.#process?.signal('SIGSTOP');
    await this.#process?.waitForStandstill();
  }

  async resume(): Promise<void> {
    this.#process?.signal('SIGCONT');
  }

  async #end(java: JavaProcess | undefined, signal: NodeJS.Signals): Promise<void> {
    if (java === undefined) return;
    this.#endings += 1;
    java.signal(signal);
    // A paused one hears it when it goes on.
    java.signal('SIGCONT');
    await java.waitForEnd();
    this.#endings -= 1;
    if (this.#process !== java) return;
    this.#process = undefined;
    this.#unfollow?.();
    this.#unfollow = undefined;
  }

  #follow(): void {
    // A process that ended by itself is followed still.
    this.#unfollow?.();
    this.#unfollow = undefined;
    if (!this.#host.followsLog) return;
    this.#unfollow = followLines(this.logFile, (line) => {
      this.#host.log(line, this.#address);
    });
  }
}
