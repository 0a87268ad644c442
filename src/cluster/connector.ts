import { setMaxListeners } from 'node:events';
import type { Connection, ConnectionOwner } from '../connection/connection.js';
import type { HostLoad } from '../connection/stream-slots.js';
import { connect, UnsupportedProtocol } from '../connection/handshake.js';
import { TlsRefused } from '../connection/transport.js';
import { AuthenticationFailed, InvalidRequest, ProtocolError, Unauthorized } from '../errors.js';
import type { ConnectionErrorKind } from '../observe/counters.js';
import { CONNECT_CHANNEL, isTraced, traceWork } from '../observe/tracing.js';
import { formatEndpoint } from '../topology/host.js';
import { AttemptGate } from './attempt-gate.js';
import type { KnownHost } from './known-host.js';
import type { ClusterSettings } from './settings.js';

/** Where to connect to. */
export interface Address {
  readonly address: string;
  readonly port: number;
  /** The name that was resolved to this address, if it was one: the certificate may carry it. */
  readonly serverName?: string;
}

/** Attempts of the pools under way at the same time. The control connection's do not wait for them. */
const MOST_ATTEMPTS = 32;

/** Opens connections as the cluster's options say. */
export class Connector {
  readonly #settings: ClusterSettings;
  /** The names that addresses were resolved from: a node found by its address shows the same certificate. */
  readonly #names = new Map<string, string>();

  /** Whose nodes alone are connected to; null until the cluster's start-up has found it. */
  clusterName: string | null = null;

  readonly #closing = new AbortController();
  readonly #gate = new AttemptGate(MOST_ATTEMPTS);

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
    // Every attempt under way listens, one for each host.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Ends the attempts under way, and those to come. */
  close(): void {
    this.#closing.abort();
  }

  /** A connection of a pool: attempts take their turns. */
  openFor(host: KnownHost, keyspace: string | null, owner: ConnectionOwner): Promise<Connection> {
    return this.#gate.run(host.endpoint, () => this.open(host, keyspace, owner, host.stats));
  }

  open(target: Address, keyspace: string | null, owner: ConnectionOwner, load?: HostLoad): Promise<Connection> {
    const open = (): Promise<Connection> => this.#observed(target, () => this.#open(target, keyspace, owner, load));
    if (!isTraced(CONNECT_CHANNEL)) return open();
    const host = formatEndpoint(target.address, target.port);
    return traceWork(CONNECT_CHANNEL, { cluster: this.#settings.owner, host, keyspace }, open, nothing);
  }

  /** Counts what goes wrong, and tells how it went. */
  async #observed({ address, port }: Address, open: () => Promise<Connection>): Promise<Connection> {
    const { onConnect, counters } = this.#settings;
    const endpoint = formatEndpoint(address, port);
    const startedAt = performance.now();
    const tell = (succeeded: boolean): void => {
      onConnect?.({ endpoint, durationMs: performance.now() - startedAt, succeeded });
    };
    try {
      const connection = await open();
      tell(true);
      return connection;
    } catch (error) {
      const kind = kindOf(error);
      if (kind !== null && !this.#closing.signal.aborted) {
        counters.countConnectionError(endpoint, kind);
        tell(false);
      }
      throw error;
    }
  }

  #open(target: Address, keyspace: string | null, owner: ConnectionOwner, load?: HostLoad): Promise<Connection> {
    const settings = this.#settings;
    const { address, port } = target;
    if (target.serverName !== undefined) this.#names.set(address, target.serverName);
    const serverName = this.#names.get(address);
    return connect(
      {
        transport: { address, port, tls: settings.tls, ...(serverName === undefined ? {} : { serverName }) },
        endpoint: formatEndpoint(address, port),
        maxRequests: settings.pooling.maxRequestsPerConnection,
        heartbeatIntervalMs: settings.idleHeartbeatIntervalMs,
        heartbeatTimeoutMs: settings.heartbeatTimeoutMs,
        sweep: settings.sweep,
        counters: settings.counters,
        ...(load === undefined ? {} : { load }),
      },
      {
        compression: settings.compression,
        authProvider: settings.authProvider,
        startupOptions: settings.startupOptions,
        clusterName: this.clusterName,
        keyspace,
        timeoutMs: settings.connectTimeoutMs,
        signal: this.#closing.signal,
      },
      owner,
    );
  }
}

/** The node refused USE: it is the keyspace that cannot be used, not the node, and every node will say the same. */
export function isKeyspaceRefusal(error: unknown): boolean {
  return error instanceof InvalidRequest || error instanceof Unauthorized;
}

/** What kept a connection from opening; null if it is the keyspace that cannot be used, not the connection. */
function kindOf(error: unknown): ConnectionErrorKind | null {
  if (isKeyspaceRefusal(error)) return null;
  if (error instanceof TlsRefused) return 'tls';
  if (error instanceof AuthenticationFailed) return 'auth';
  if (error instanceof UnsupportedProtocol || error instanceof ProtocolError) return 'protocol';
  return 'connect';
}

function nothing(): void {
  // All that subscribers are told of a connection is known when it is begun.
}
