/** An embedded cluster: nodes that share a name, a block of addresses and two ports. */

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError, ConnectionError } from '../errors.js';
import { takeAddresses, type AddressBlock } from './addresses.js';
import type { Artifacts } from './artifacts.js';
import { openClusterFolder, type ClusterFolder } from './cluster-folder.js';
import type { AsyncCassandraSession } from '../index.js';
import { SessionKeeper } from './connect.js';
import type { Jdk } from './jdk.js';
import { javaArguments } from './jvm-flags.js';
import { LocalNode, type CassandraNode, type NodeHost } from './node.js';
import { hasReadyMark, logFileOf, writeNodeFiles } from './node-files.js';
import { checkAddNode, type ResolvedOptions } from './options.js';
import { readPeers, type Credentials, type ProbeTarget } from './probe.js';
import { TlsAuthority } from './tls-authority.js';
import type { AddNodeOptions, EmbeddedCassandra, EmbeddedTls } from './types.js';

export const FIRST_ROLE: Credentials = { username: 'cassandra', password: 'cassandra' };
const PROBE_EVERY_MS = 50;
const PROBE_TIMEOUT_MS = 3000;

export class LocalCassandra implements EmbeddedCassandra, NodeHost {
  readonly port: number;
  readonly version: string;
  readonly directory: string;
  readonly java: string;
  readonly startTimeoutMs: number;
  readonly temporaryFolder: string | undefined;
  readonly credentials: Credentials | undefined;
  readonly followsLog: boolean;
  readonly #options: ResolvedOptions;
  readonly #artifacts: Artifacts;
  readonly #jdk: Jdk;
  readonly #folder: ClusterFolder;
  readonly #addresses: AddressBlock;
  readonly #authority: TlsAuthority | undefined;
  readonly #nodes: LocalNode[] = [];
  readonly #sessions = new SessionKeeper();
  #stopping: Promise<void> | undefined;
  #joining: Promise<unknown> = Promise.resolve();

  private constructor(
    options: ResolvedOptions,
    artifacts: Artifacts,
    jdk: Jdk,
    place: { readonly folder: ClusterFolder; readonly addresses: AddressBlock },
  ) {
    this.#options = options;
    this.#artifacts = artifacts;
    this.#jdk = jdk;
    this.#folder = place.folder;
    this.#addresses = place.addresses;
    this.#authority = options.tls ? new TlsAuthority(place.folder.clusterName) : undefined;
    this.directory = place.folder.directory;
    this.temporaryFolder = place.folder.isTemporary ? this.directory : undefined;
    this.port = place.addresses.nativePort;
    this.version = artifacts.version;
    this.java = jdk.java;
    this.startTimeoutMs = options.startTimeoutMs;
    this.credentials = options.auth ? FIRST_ROLE : undefined;
    this.followsLog = options.log !== undefined;
  }

  /** Starts the seed, then the others one after another: together they could meet a schema that not all know yet. */
  static async start(options: ResolvedOptions, artifacts: Artifacts, jdk: Jdk): Promise<LocalCassandra> {
    const folder = await openClusterFolder(options.directory, options.signal);
    let addresses: AddressBlock | undefined;
    let cluster: LocalCassandra | undefined;
    try {
      addresses = await takeAddresses(options.datacenters.length, options.port, folder.addresses);
      await folder.keepAddresses(addresses);
      cluster = new LocalCassandra(options, artifacts, jdk, { folder, addresses });
      // A node that an earlier start did not have joins those that may have data: it streams its share first.
      const joins = cluster.#hasBeenReady(options.datacenters.length);
      for (const datacenter of options.datacenters) await cluster.#startNode(datacenter, joins, options.signal);
      return cluster;
    } catch (error) {
      await cluster?.killAll();
      addresses?.release();
      // A temporary folder stays when the error names the log in it.
      const isWanted = folder.isTemporary && namesLog(error, options.signal);
      if (!isWanted) await folder.release().catch(() => undefined);
      throw error;
    }
  }

  get nodes(): readonly CassandraNode[] {
    return this.#nodes;
  }

  get contactPoints(): string[] {
    return this.#nodes.map((node) => node.address);
  }

  get localDatacenter(): string {
    return this.#nodes[0]?.datacenter ?? 'dc1';
  }

  get tls(): EmbeddedTls | undefined {
    return this.#authority?.pem;
  }

  async connect(keyspace?: string): Promise<AsyncCassandraSession> {
    this.#mustRun();
    const { contactPoints, port, localDatacenter, tls, credentials } = this;
    return this.#sessions.connect({ contactPoints, port, localDatacenter, tls, credentials }, keyspace);
  }

  async addNode(options: AddNodeOptions = {}): Promise<CassandraNode> {
    checkAddNode(options);
    this.#mustRun();
    // One at a time: nodes that join together would compute their ranges from rings that lack each other.
    const before = this.#joining;
    const joining = (async () => {
      await before.catch(() => undefined);
      this.#mustRun();
      return this.#startNode(options.datacenter ?? this.localDatacenter, true, options.signal);
    })();
    this.#joining = joining;
    return joining;
  }

  #homeOf(index: number): string {
    return path.join(this.directory, `node${String(index + 1)}`);
  }

  /** Whether one of the first so many nodes has answered in an earlier start. */
  #hasBeenReady(nodes: number): boolean {
    return Array.from({ length: nodes }, (_, index) => this.#homeOf(index)).some(hasReadyMark);
  }

  async #startNode(datacenter: string, joins: boolean, signal: AbortSignal | undefined): Promise<LocalNode> {
    const index = this.#nodes.length;
    const home = this.#homeOf(index);
    const wasReady = hasReadyMark(home);
    await mkdir(home, { recursive: true });
    const address = this.#addresses.address(index + 1);
    const logFile = logFileOf(home);
    const node = new LocalNode(this, { index, address, datacenter, home, logFile, joins, wasReady });
    this.#nodes.push(node);
    try {
      await node.start(signal === undefined ? {} : { signal });
      await this.#waitUntilKnown(signal);
      this.#mustRun();
      return node;
    } catch (error) {
      // It may answer, and the others do not know it: nobody else would stop it.
      await node.kill();
      this.#nodes.splice(this.#nodes.indexOf(node), 1);
      throw error;
    }
  }

  /**
   * A node that answers is not yet known to the others, nor does it know them: gossip takes a second or two more. A
   * client that came now would find a smaller cluster than was asked for.
   */
  async #waitUntilKnown(signal: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + this.startTimeoutMs;
    const running = this.#nodes.filter((node) => node.isRunning);
    for (const node of running) {
      const others = running.filter((other) => other !== node);
      let cause: unknown;
      // A node that cannot say, as one that is just being killed, knows nobody.
      const knowsAll = (): Promise<boolean> =>
        this.#knowsPeers(node, others).catch((error: unknown) => {
          cause = error;
          return false;
        });
      while (!(await knowsAll())) {
        signal?.throwIfAborted();
        if (performance.now() > deadline) {
          throw new ConnectionError(
            `Cassandra on ${node.address} did not learn of all ${String(running.length)} nodes within ` +
              `${String(this.startTimeoutMs)} ms. Its log is ${node.logFile}`,
            { cause },
          );
        }
        await sleep(PROBE_EVERY_MS);
      }
    }
  }

  async #knowsPeers(node: LocalNode, others: readonly LocalNode[]): Promise<boolean> {
    if (!node.isRunning) return true;
    const peers = await readPeers(this.probeTarget(node), this.credentials, PROBE_TIMEOUT_MS);
    // Those that it remembers of earlier starts, under addresses of theirs, are nobody's.
    return others.every(({ address }) => peers.includes(address));
  }

  /** Part of NodeHost: writes the files that this start of the node needs. */
  async prepare(node: LocalNode): Promise<readonly string[]> {
    this.#mustRun();
    const others = this.#nodes.filter((other) => other !== node && other.isRunning).map((other) => other.address);
    // A node that has been there may come back alone; a new one must find the others, so it is no seed itself.
    const seeds = node.wasReady || others.length === 0 ? [...others, node.address] : others;
    await writeNodeFiles({
      version: this.version,
      home: node.home,
      clusterName: this.#folder.clusterName,
      address: node.address,
      nativePort: this.port,
      storagePort: this.#addresses.storagePort,
      datacenter: node.datacenter,
      seeds,
      bootstrap: node.joins,
      auth: this.#options.auth,
      encryption: await this.#authority?.equipNode(node.home, node.address),
      yaml: this.#options.yaml,
    });
    return javaArguments({
      javaRelease: this.#jdk.release,
      jars: this.#artifacts.jars,
      home: node.home,
      heapMb: this.#options.heapMb,
      findsOthers: !seeds.includes(node.address),
      jvmArgs: this.#options.jvmArgs,
    });
  }

  /** Part of NodeHost. */
  probeTarget(node: LocalNode): ProbeTarget {
    return { address: node.address, port: this.port, tls: this.#authority?.connectionOptions };
  }

  /** Part of NodeHost. */
  log(line: string, address: string): void {
    this.#options.log?.(line, address);
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#stopNow();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stopNow(): Promise<void> {
    await this.#sessions.close();
    // Nobody will read the data of a temporary folder again: no need to wait until it is flushed.
    if (this.#folder.isTemporary) await this.killAll();
    else await Promise.all(this.#nodes.map((node) => node.stop()));
    // One that was about to join writes nothing more.
    await this.#joining.catch(() => undefined);
    this.#addresses.release();
    await this.#folder.release();
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
  }

  #mustRun(): void {
    if (this.#stopping !== undefined) throw new ConfigurationError('this embedded Cassandra has been stopped');
  }
}

/** What a node's start fails with names its log; the reason of an abort is the caller's. */
function namesLog(error: unknown, signal: AbortSignal | undefined): boolean {
  return error instanceof ConnectionError && error !== signal?.reason;
}
