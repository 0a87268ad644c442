import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ConfigurationError } from '../errors.js';
import type { FakeClusterOptions } from './fake-cluster.js';
import type { NodeIdentity } from './schema.js';

/** What the parent asks of the process with the nodes. */
export type RemoteCommand =
  | {
      readonly id: number;
      readonly kind: 'start';
      readonly options: FakeClusterOptions;
      readonly script: string | null;
    }
  | { readonly id: number; readonly kind: 'run'; readonly name: string; readonly args: readonly unknown[] };

/** The answer to one command. Errors are told in words: not every one survives being sent. */
export type RemoteReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: { readonly name: string; readonly message: string } };

/** Options of a FakeCluster, and a module for its process. */
export interface RemoteFakeClusterOptions extends FakeClusterOptions {
  /**
   * A module for the other process. What it exports are functions `(cluster: FakeCluster, ...args) => result`, called by
   * `run(name, ...args)`. Scripts of nodes, which are functions themselves, so stay on their side.
   */
  readonly script?: URL | string | undefined;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A fake cluster in a process of its own, so that the client's process, its memory and its event loop, is the client's
 * alone. It dies with its parent. Options, arguments and results must survive a structured clone: no functions.
 *
 * @example
 * await using fake = await RemoteFakeCluster.start({ nodes: 1000, script: new URL('./nodes.js', import.meta.url) });
 * await fake.run('addNode');
 */
export class RemoteFakeCluster implements AsyncDisposable {
  /**
   * Starts the process and its nodes, and resolves when all of them listen.
   *
   * @throws ConfigurationError, also from within a bundle, which lacks the file of that process; and whatever
   * `FakeCluster.start` and the script's own loading throw.
   */
  static async start(options: RemoteFakeClusterOptions = {}): Promise<RemoteFakeCluster> {
    const { script, ...rest } = options;
    // Copies of functions cannot be sent; say so before a process is started.
    checkPlain(rest);
    const cluster = new RemoteFakeCluster(fork(await childFile(), { serialization: 'advanced' }));
    try {
      const nodes = await cluster.#ask({
        kind: 'start',
        options: rest,
        script: script === undefined ? null : String(script),
      });
      cluster.#nodes = nodes as readonly NodeIdentity[];
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #nodes: readonly NodeIdentity[] = [];
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (reply: RemoteReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('failure' in reply)
        waiting?.reject(Object.assign(new Error(reply.failure.message), { name: reply.failure.name }));
      else waiting?.resolve(reply.value);
    });
    this.#exited = new Promise((resolve) => {
      child.on('error', (error) => {
        this.#fail(error);
        resolve();
      });
      child.on('exit', (code, signal) => {
        this.#fail(
          new Error(`The process of the fake cluster has ended (code ${String(code)}, signal ${String(signal)})`),
        );
        resolve();
      });
    });
  }

  /** The nodes as they were at the start. */
  get nodes(): readonly NodeIdentity[] {
    return this.#nodes;
  }

  /** The process id; undefined once it has ended. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The first node's 'address:port'. */
  get contactPoints(): string[] {
    const { address, port } = this.#first;
    return [`${address}:${String(port)}`];
  }

  /** The port that every node listens on. */
  get port(): number {
    return this.#first.port;
  }

  /** The first node's. */
  get localDatacenter(): string {
    return this.#first.datacenter;
  }

  get #first(): NodeIdentity {
    const [first] = this.#nodes;
    if (first === undefined) throw new ConfigurationError('The fake cluster has no nodes');
    return first;
  }

  /** Calls what the script exports under this name, with the cluster and `args`; rejects with an error of the same name and message. */
  run(name: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#ask({ kind: 'run', name, args });
  }

  #ask(
    command: Omit<RemoteCommand & { kind: 'start' }, 'id'> | Omit<RemoteCommand & { kind: 'run' }, 'id'>,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ ...command, id }, (error) => {
        if (error !== null && this.#waiting.delete(id)) reject(error);
      });
    });
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** Ends the process, and with it all connections. Idempotent. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What the process runs. Looked for at a start alone: whoever makes CommonJS of this module can use the rest of it. */
async function childFile(): Promise<URL> {
  let cause: unknown;
  try {
    const { CHILD } = await import('./remote-child-file.js');
    if (existsSync(CHILD)) return CHILD;
  } catch (error) {
    cause = error;
  }
  throw new ConfigurationError(
    'RemoteFakeCluster starts a file of the package, which is not beside this code: leave async-cassandra out of the ' +
      'bundle, as an external package that nothing transforms, or use FakeCluster',
    { cause },
  );
}

function checkPlain(options: object): void {
  try {
    structuredClone(options);
  } catch (cause) {
    throw new ConfigurationError('What a fake cluster in another process is like must be plain data', { cause });
  }
}
