import { ConfigurationError } from '../errors.js';
import { FakeNode } from './fake-node.js';
import type { Match } from './match.js';
import { CLUSTER_OPTION_NAMES, givenOf, refuseUnknownNames } from './option-names.js';
import type { FakeNodeOptions } from './options.js';
import type { PreparedScript } from './prepared.js';
import type { ReactionLike, Rule } from './rules.js';
import type { NodeIdentity } from './schema.js';
import type { FakeSchemaChange } from './wire/answers.js';

/** Options of all nodes together, and how many there are. */
export interface FakeClusterOptions extends Omit<
  FakeNodeOptions,
  'address' | 'hostId' | 'datacenter' | 'rack' | 'tokens' | 'peers'
> {
  /** How many, or what each is like. Default 3, or the sum of `datacenters`. */
  readonly nodes?: number | readonly FakeNodeOptions[] | undefined;
  /** Datacenters to take turns over, or how many nodes each has. Default ['datacenter1']. */
  readonly datacenters?: readonly string[] | Readonly<Record<string, number>> | undefined;
  /** Racks to take turns over within each datacenter. Default ['rack1']. */
  readonly racks?: readonly string[] | undefined;
  /** Default 16. Spread evenly over the ring, the nodes taking turns. */
  readonly tokensPerNode?: number | undefined;
  /** One for all, on addresses from 127.0.0.1 on. Default: a free one. */
  readonly port?: number | undefined;
}

const RING = 2n ** 64n;
const MIN_TOKEN = -(2n ** 63n);
/** How many servers are opened side by side. */
const OPENED_AT_ONCE = 64;
const PORT_ATTEMPTS = 10;

/** The address of the nth node, from 0: 127.0.0.1 to 127.0.0.254, then 127.0.1.1 and so on. */
export function nodeAddress(index: number): string {
  return `127.${String(Math.floor(index / (254 * 256)))}.${String(Math.floor(index / 254) % 256)}.${String((index % 254) + 1)}`;
}

/**
 * Fake nodes that know each other, one address each in 127.0.0.0/8 (Linux answers on all of them; elsewhere each address
 * must be set up first). Thousands are no trouble.
 */
export class FakeCluster implements AsyncDisposable {
  /** Opens the nodes and resolves when all of them listen. Throws ConfigurationError for unknown or wrong options. */
  static async start(options: FakeClusterOptions = {}): Promise<FakeCluster> {
    refuseUnknownNames('FakeCluster', options, CLUSTER_OPTION_NAMES);
    const specs = specsOf(options);
    for (let attempt = 1; ; attempt++) {
      const cluster = new FakeCluster(options);
      try {
        await cluster.#open(specs);
        return cluster;
      } catch (error) {
        await cluster.close();
        // A port that is free on the first address may be taken on another.
        if (options.port !== undefined || attempt === PORT_ATTEMPTS || !isAddressInUse(error)) throw error;
      }
    }
  }

  readonly #options: FakeClusterOptions;
  #nodes: FakeNode[] = [];
  /** Addresses are not used twice, as in a cluster whose nodes come and go. */
  #opened = 0;

  private constructor(options: FakeClusterOptions) {
    this.#options = options;
  }

  /** Its nodes, in the order in which they were opened. */
  get nodes(): readonly FakeNode[] {
    return this.#nodes;
  }

  /** The port that every node listens on. */
  get port(): number {
    return this.node(0).port;
  }

  /** The first node's 'address:port'. */
  get contactPoints(): string[] {
    return [this.node(0).contactPoint];
  }

  /** The first node's. */
  get localDatacenter(): string {
    return this.node(0).identity.datacenter;
  }

  /** The node at a position, from 0. Throws ConfigurationError if there is none. */
  node(index: number): FakeNode {
    const node = this.#nodes[index];
    if (node === undefined) throw new ConfigurationError(`The fake cluster has no node ${String(index)}`);
    return node;
  }

  /** Scripts every node, those that come later excepted; returns each node's rule. */
  on(match: Match, reaction: ReactionLike): Rule[] {
    return this.#nodes.map((node) => node.on(match, reaction));
  }

  /** Scripts a statement on every node: what PREPARE says of it, and what EXECUTE answers. */
  prepared(query: string | RegExp, script: PreparedScript): this {
    for (const node of this.#nodes) node.prepared(query, script);
    return this;
  }

  /** A schema event from every node to whoever registered with it. */
  pushSchema(change: FakeSchemaChange): number {
    return this.#nodes.reduce((sum, node) => sum + node.pushSchema(change), 0);
  }

  /** Tells of a node that is UP or DOWN, from every other node to whoever registered. Returns how many were told. */
  pushStatus(change: string, subject: FakeNode): number {
    return this.#others(subject).reduce((sum, node) => sum + node.pushStatus(change, subject), 0);
  }

  /** The same of NEW_NODE, REMOVED_NODE and MOVED_NODE. */
  pushTopology(change: string, subject: FakeNode): number {
    return this.#others(subject).reduce((sum, node) => sum + node.pushTopology(change, subject), 0);
  }

  /** Opens one more node. It is told of by NEW_NODE and UP unless `announce` is false. */
  async addNode(
    spec: FakeNodeOptions = {},
    { announce = true }: { readonly announce?: boolean } = {},
  ): Promise<FakeNode> {
    const node = await this.#openNode(spec, this.#opened++, this.port);
    this.#nodes.push(node);
    if (announce) {
      this.pushTopology('NEW_NODE', node);
      this.pushStatus('UP', node);
    }
    return node;
  }

  /** Closes a node and takes it out of the others' peers, with REMOVED_NODE unless `announce` is false. */
  async removeNode(node: FakeNode, { announce = true }: { readonly announce?: boolean } = {}): Promise<void> {
    this.#nodes = this.#others(node);
    await node.close();
    if (announce) this.pushTopology('REMOVED_NODE', node);
  }

  /** Closes all nodes. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #others(subject: FakeNode): FakeNode[] {
    return this.#nodes.filter((node) => node !== subject);
  }

  async #open(specs: readonly FakeNodeOptions[]): Promise<void> {
    const [first = {}, ...rest] = specs;
    this.#nodes.push(await this.#openNode(first, this.#opened++, this.#options.port ?? 0));
    for (let at = 0; at < rest.length; at += OPENED_AT_ONCE) {
      const group = rest.slice(at, at + OPENED_AT_ONCE);
      const opened = await Promise.allSettled(group.map((spec) => this.#openNode(spec, this.#opened++, this.port)));
      for (const one of opened) if (one.status === 'fulfilled') this.#nodes.push(one.value);
      for (const one of opened) if (one.status === 'rejected') throw one.reason;
    }
  }

  async #openNode(spec: FakeNodeOptions, index: number, port: number): Promise<FakeNode> {
    const {
      nodes: _nodes,
      datacenters: _datacenters,
      racks: _racks,
      tokensPerNode: _tokens,
      ...common
    } = this.#options;
    const node: FakeNode = await FakeNode.start({
      ...common,
      address: nodeAddress(index),
      port,
      hostId: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
      peers: () => this.#peersOf(node),
      ...givenOf(spec),
    });
    return node;
  }

  *#peersOf(node: FakeNode): Iterable<NodeIdentity> {
    for (const other of this.#nodes) if (other !== node) yield other.identity;
  }
}

function specsOf(options: FakeClusterOptions): FakeNodeOptions[] {
  const { datacenters = ['datacenter1'], racks = ['rack1'], tokensPerNode = 16, nodes } = options;
  const names = Array.isArray(datacenters)
    ? (datacenters as readonly string[])
    : Object.entries(datacenters as Readonly<Record<string, number>>).flatMap(([name, count]) =>
        new Array<string>(count).fill(name),
      );
  const given = typeof nodes === 'object' ? nodes : [];
  const count = typeof nodes === 'object' ? nodes.length : (nodes ?? (Array.isArray(datacenters) ? 3 : names.length));
  const inDatacenter = new Map<string, number>();
  return Array.from({ length: count }, (_, i) => {
    const datacenter = names[i % names.length] ?? 'datacenter1';
    const place = inDatacenter.get(datacenter) ?? 0;
    inDatacenter.set(datacenter, place + 1);
    const rack = racks[place % racks.length] ?? 'rack1';
    return { datacenter, rack, tokens: spreadTokens(i, count, tokensPerNode), ...givenOf(given[i] ?? {}) };
  });
}

/** Node `index` of `count` has every `count`th of the ring's evenly spread tokens. */
function spreadTokens(index: number, count: number, perNode: number): bigint[] {
  const step = RING / BigInt(count * perNode);
  return Array.from({ length: perNode }, (_, turn) => MIN_TOKEN + step * BigInt(turn * count + index + 1) - 1n);
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
