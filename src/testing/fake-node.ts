import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Opcode } from '../protocol/constants.js';
import type { SegmentCompressor } from '../protocol/segment/compressor.js';
import { createLz4Compressor } from '../protocol/segment/lz4-compressor.js';
import { packageProblem } from '../util/package-problem.js';
import { messageOf } from '../util/thrown.js';
import { toAuthenticator } from './authentication.js';
import { defaultAnswer, type NodeView } from './default-answers.js';
import { FakeConnection, type ConnectionOwner } from './fake-connection.js';
import { fits, matches, opcodeName, toRequestMatch, type Match } from './match.js';
import { NODE_OPTION_NAMES, refuseUnknownNames } from './option-names.js';
import type { FakeNodeOptions } from './options.js';
import { Performer } from './performer.js';
import { prepareQuery, type PreparedEntry, type PreparedScript } from './prepared.js';
import type { FakeRequest } from './request.js';
import { Rules, toReaction, type ReactionLike, type Rule } from './rules.js';
import type { NodeIdentity } from './schema.js';
import { answerError, nodeEvent, schemaEvent, type Answer, type FakeSchemaChange } from './wire/answers.js';
import { readRequest, type RequestBody } from './wire/read-request.js';
import type { RawRequest } from './wire/request-framer.js';

/** What a fake node has seen since its start. */
export interface FakeNodeCounts {
  /** Connections accepted. */
  connections: number;
  /** Requests read, of whatever opcode. */
  requests: number;
  /** Requests by opcode's name. */
  readonly opcodes: Record<string, number>;
  /** PREPAREs by query. */
  readonly prepares: Map<string, number>;
  /** Requests of a protocol version that the node does not speak. */
  refusedVersions: number;
}

interface Waiter {
  readonly match: (request: FakeRequest) => boolean;
  left: number;
  readonly resolve: (request: FakeRequest) => void;
}

const EVENT_STREAM = -1;
/** Connections that may wait to be accepted: a thousand clients may come while this process is at work elsewhere. */
const BACKLOG = 4096;

/**
 * A CQL native protocol v5 server that does what a script tells it, on a real socket of this process.
 *
 * Unscripted, it behaves like a small healthy Cassandra: it shakes hands, describes itself and its peers in the system
 * tables, prepares anything and answers VOID. `on(match, reaction)` scripts the rest.
 */
export class FakeNode implements AsyncDisposable {
  /** Listens before it resolves. Rejects as `net.Server.listen` does, and with ConfigurationError for unknown options. */
  static async start(options: FakeNodeOptions = {}): Promise<FakeNode> {
    refuseUnknownNames('FakeNode', options, NODE_OPTION_NAMES);
    const node = new FakeNode(options);
    await node.#listen(options.port ?? 0);
    return node;
  }

  /** What it has seen since its start. */
  readonly counts: FakeNodeCounts = {
    connections: 0,
    requests: 0,
    opcodes: {},
    prepares: new Map(),
    refusedVersions: 0,
  };

  /** While true, each new connection is closed at once. */
  closeOnConnect = false;

  readonly #options: FakeNodeOptions;
  readonly #owner: ConnectionOwner;
  readonly #view: NodeView;
  readonly #rules = new Rules();
  readonly #performer: Performer;
  readonly #connections = new Set<FakeConnection>();
  readonly #statements = new Map<string, PreparedEntry>();
  readonly #versions: readonly number[];
  #preparedScripts: { readonly query: string | RegExp; readonly script: PreparedScript }[] = [];
  #requests: FakeRequest[] = [];
  #waiters: Waiter[] = [];
  #identity: NodeIdentity;
  #server: Server | null = null;
  #paused: boolean;
  #lz4: Promise<SegmentCompressor> | null = null;

  private constructor(options: FakeNodeOptions) {
    const { peers = [], auth, clusterName = 'Fake Cluster', keyspaces = [], protocolVersions = [5] } = options;
    this.#options = options;
    this.#versions = protocolVersions;
    this.#paused = options.halfOpen ?? false;
    this.#identity = identityOf(options);
    this.#owner = {
      onRequest: (connection, raw) => {
        this.#onRequest(connection, raw);
      },
      onClose: (connection) => {
        this.#connections.delete(connection);
      },
    };
    const identity = (): NodeIdentity => this.#identity;
    this.#view = {
      get identity() {
        return identity();
      },
      peers: () => (typeof peers === 'function' ? peers() : peers),
      clusterName,
      partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
      schema: keyspaces,
      supported: {
        PROTOCOL_VERSIONS: protocolVersions.map((version) => `${String(version)}/v${String(version)}`),
        COMPRESSION: ['snappy', 'lz4'],
        CQL_VERSION: ['3.4.7'],
        ...options.supported,
      },
      authenticator: auth === undefined ? null : toAuthenticator(auth),
      prepare: (query, keyspace) => this.#prepare(query, keyspace),
    };
    this.#performer = new Performer((request) => defaultAnswer(request, this.#view));
  }

  /** What it tells about itself in system.local. */
  get identity(): NodeIdentity {
    return this.#identity;
  }

  /** The IP address that it listens on. */
  get address(): string {
    return this.#identity.address;
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#identity.port;
  }

  /** Its host id: a uuid, by which clients know it. */
  get hostId(): string {
    return this.#identity.hostId;
  }

  /** 'address:port' */
  get contactPoint(): string {
    const { address, port } = this.#identity;
    return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
  }

  /** The open connections, in the order of their arrival. */
  get connections(): readonly FakeConnection[] {
    return [...this.#connections];
  }

  /** The requests received, in order; only the youngest are kept (`keepRequests`). */
  get requests(): readonly FakeRequest[] {
    return this.#requests;
  }

  /** The requests that wait in a `hold()`. */
  get held(): readonly FakeRequest[] {
    return this.#performer.heldRequests;
  }

  /** Scripts what happens to the requests that match; of several rules the youngest holds. */
  on(match: Match, reaction: ReactionLike): Rule {
    return this.#rules.add(match, reaction);
  }

  /** Says what the PREPARE of a query is answered; a statement prepared already is answered anew. */
  prepared(query: string | RegExp, script: PreparedScript): this {
    this.#preparedScripts.push({ query, script });
    for (const entry of this.#statements.values()) {
      if (fits(query, entry.query)) this.#prepare(entry.query, entry.keyspace);
    }
    return this;
  }

  /** Forgets prepared statements, one query's or all: their EXECUTE is answered UNPREPARED. */
  forgetPrepared(query?: string | RegExp): void {
    for (const [id, entry] of this.#statements) {
      if (query === undefined || fits(query, entry.query)) this.#statements.delete(id);
    }
  }

  /** Lets held requests go on, the oldest first; with a filter, those that it picks. Returns how many. */
  release(filter?: (request: FakeRequest) => boolean): number {
    return this.#performer.release(filter);
  }

  /** Drops the whole script: rules, prepared statements, whatever is held or delayed. */
  reset(): void {
    this.#rules.clear();
    this.#performer.clear();
    this.#preparedScripts = [];
    this.#statements.clear();
  }

  /** Resolves with the `count`th request that matches, counting those that are kept already. */
  waitFor(match: Match, count = 1): Promise<FakeRequest> {
    const wanted = toRequestMatch(match);
    const seen = this.#requests.filter((request) => matches(wanted, request));
    const found = seen[count - 1];
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => {
      this.#waiters.push({ match: (request) => matches(wanted, request), left: count - seen.length, resolve });
    });
  }

  /** Tells the registered connections that a node is UP or DOWN. Returns how many were told. */
  pushStatus(change: string, node: { readonly address: string; readonly port: number }): number {
    return this.push('STATUS_CHANGE', nodeEvent('STATUS_CHANGE', change, node.address, node.port));
  }

  /** The same of NEW_NODE, REMOVED_NODE, MOVED_NODE. */
  pushTopology(change: string, node: { readonly address: string; readonly port: number }): number {
    return this.push('TOPOLOGY_CHANGE', nodeEvent('TOPOLOGY_CHANGE', change, node.address, node.port));
  }

  /** Tells the registered connections of a change of the schema. Returns how many were told. */
  pushSchema(change: FakeSchemaChange): number {
    return this.push('SCHEMA_CHANGE', schemaEvent(change));
  }

  /** Any EVENT to those who registered for `type`. */
  push(type: string, event: Answer): number {
    const listeners = this.connections.filter((connection) => connection.session.eventTypes.has(type));
    for (const connection of listeners) connection.send(event, { streamId: EVENT_STREAM });
    return listeners.length;
  }

  /** Changes what the node tells about itself, as after a restart with other facts. */
  setIdentity(changes: Partial<Omit<NodeIdentity, 'port'>>): void {
    this.#identity = { ...this.#identity, ...changes };
  }

  /** Stalls: connections are accepted and kept, nothing is read or answered. */
  pause(): void {
    this.#paused = true;
    for (const connection of this.#connections) connection.pause();
  }

  /** Ends `pause()`: answers what came meanwhile. */
  resume(): void {
    this.#paused = false;
    for (const connection of this.#connections) connection.resume();
  }

  /** Cuts all connections; `reset` does so by RST. It goes on listening. */
  closeConnections(options?: { readonly reset?: boolean }): void {
    for (const connection of this.#connections) connection.destroy(options);
  }

  /** Dies: cuts all connections and listens no more. `restart()` brings it back on the same port. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#performer.clear();
    this.closeConnections();
    if (server === null) return;
    await new Promise((resolve) => server.close(resolve));
  }

  /** Comes back after `stop()`, with no statement prepared. */
  async restart(): Promise<void> {
    if (this.#server !== null) return;
    this.#statements.clear();
    await this.#listen(this.#identity.port);
  }

  /** Stops for good. Idempotent. */
  async close(): Promise<void> {
    await this.stop();
    this.#waiters = [];
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #listen(port: number): Promise<void> {
    const accept = (socket: Socket): void => {
      this.#accept(socket);
    };
    const { tls } = this.#options;
    const server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.#identity.address, BACKLOG, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('tlsClientError', () => undefined);
    this.#server = server;
    this.#identity = { ...this.#identity, port: (server.address() as AddressInfo).port };
  }

  #accept(socket: Socket): void {
    this.counts.connections++;
    if (this.closeOnConnect || this.#server === null) {
      socket.destroy();
      return;
    }
    const connection = new FakeConnection(socket, this.counts.connections, this.#owner);
    this.#connections.add(connection);
    if (this.#paused) connection.pause();
  }

  #onRequest(connection: FakeConnection, raw: RawRequest): void {
    if (raw.version !== 5 || !this.#versions.includes(5)) {
      this.#refuseVersion(connection, raw);
      return;
    }
    let body: RequestBody;
    try {
      body = readRequest(raw);
    } catch (error) {
      const message = messageOf(error);
      connection.send(answerError('PROTOCOL_ERROR', { message }), { streamId: raw.streamId });
      return;
    }
    const request = this.#describe(connection, body);
    this.#record(request);
    const wantsLz4 = raw.opcode === Opcode.STARTUP && body.options?.['COMPRESSION'] === 'lz4';
    if (wantsLz4) void this.#startCompressed(request);
    else this.#react(request);
  }

  /** Servers that lack the client's version say so in their own, and leave the connection open. */
  #refuseVersion(connection: FakeConnection, raw: RawRequest): void {
    this.counts.refusedVersions++;
    const known = this.#versions.map((version) => `${String(version)}/v${String(version)}`).join(', ');
    const message = `Invalid or unsupported protocol version (${String(raw.version & 0x7f)}); supported versions are (${known})`;
    const version = 0x80 | Math.max(...this.#versions);
    connection.send(answerError('PROTOCOL_ERROR', { message }), { streamId: 0, version });
  }

  async #startCompressed(request: FakeRequest): Promise<void> {
    this.#lz4 ??= import('lz4-napi').then((lz4) => createLz4Compressor(lz4.default));
    try {
      request.connection.compressor = await this.#lz4;
    } catch (error) {
      const message = `For compression, a fake node ${packageProblem('lz4-napi', error)}`;
      request.connection.send(answerError('SERVER_ERROR', { message }), { streamId: request.streamId });
      return;
    }
    this.#react(request);
  }

  #describe(connection: FakeConnection, body: RequestBody): FakeRequest {
    const prepared = body.id === null ? null : (this.#statements.get(body.id.toString('hex')) ?? null);
    const texts: string[] = [];
    let unknownId = body.id !== null && prepared === null ? body.id : null;
    if (body.query !== null) texts.push(body.query);
    if (prepared !== null) texts.push(prepared.query);
    for (const { query, id } of body.batch) {
      const text = query ?? this.#statements.get(id?.toString('hex') ?? '')?.query;
      if (text === undefined) unknownId ??= id;
      else texts.push(text);
    }
    return {
      ...body,
      opcodeName: opcodeName(body.opcode),
      connection,
      statement: body.query ?? prepared?.query ?? null,
      statements: texts,
      prepared,
      unknownId,
      receivedAt: performance.now(),
    };
  }

  #record(request: FakeRequest): void {
    const { counts } = this;
    counts.requests++;
    counts.opcodes[request.opcodeName] = (counts.opcodes[request.opcodeName] ?? 0) + 1;
    if (request.opcode === Opcode.PREPARE && request.query !== null) {
      counts.prepares.set(request.query, (counts.prepares.get(request.query) ?? 0) + 1);
    }
    const keep = this.#options.keepRequests ?? 10_000;
    this.#requests.push(request);
    // Cut off in one go, now and then: shifting at each request would be slow.
    if (this.#requests.length > keep * 2) this.#requests = this.#requests.slice(-keep);
    for (const waiter of this.#waiters) {
      if (waiter.match(request) && --waiter.left === 0) waiter.resolve(request);
    }
    this.#waiters = this.#waiters.filter((waiter) => waiter.left > 0);
  }

  #react(request: FakeRequest): void {
    const reaction = this.#rules.find(request)?.reaction;
    if (typeof reaction !== 'function') {
      this.#performer.perform(request, toReaction(reaction).steps);
      return;
    }
    void Promise.resolve()
      .then(() => reaction(request))
      .then(
        (made) => {
          this.#performer.perform(request, toReaction(made).steps);
        },
        (error: unknown) => {
          const message = `A reaction of the fake node failed: ${String(error)}`;
          request.connection.send(answerError('SERVER_ERROR', { message }), { streamId: request.streamId });
        },
      );
  }

  #prepare(query: string, keyspace: string | null): PreparedEntry {
    const script = this.#preparedScripts.findLast((one) => fits(one.query, query))?.script;
    const entry = prepareQuery(query, keyspace, script, this.#view.schema);
    this.#statements.set(entry.id.toString('hex'), entry);
    return entry;
  }
}

function identityOf(options: FakeNodeOptions): NodeIdentity {
  return {
    hostId: options.hostId ?? randomUUID(),
    address: options.address ?? '127.0.0.1',
    port: options.port ?? 0,
    datacenter: options.datacenter ?? 'datacenter1',
    rack: options.rack ?? 'rack1',
    tokens: (options.tokens ?? ['0']).map(String),
    releaseVersion: options.releaseVersion ?? '5.0.9',
    schemaVersion: options.schemaVersion ?? '5a5a5a5a-0000-1000-8000-000000000000',
  };
}
