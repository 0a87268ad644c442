import type { AuthProvider } from '../connection/auth.js';
import type { TlsSource } from '../connection/tls-source.js';
import type { Counters } from '../observe/counters.js';
import type { AddressTranslator } from '../policies/address-translator.js';
import type { ReconnectionPolicy } from '../policies/reconnection.js';
import type { CodecRegistry } from '../protocol/codec/registry.js';
import type { ContactPoint } from '../util/contact-point.js';
import type { DeadlineSweep } from '../util/deadline-sweep.js';

/** All that the cluster layer wants to know, checked and complete. */
export interface ClusterSettings {
  readonly contactPoints: readonly ContactPoint[];
  readonly port: number;
  readonly localDatacenter: string | null;
  readonly authProvider: AuthProvider | null;
  /** Null without TLS. */
  readonly tls: TlsSource | null;
  readonly compression: 'lz4' | null;
  readonly reconnectionPolicy: ReconnectionPolicy;
  readonly addressTranslator: AddressTranslator;
  readonly connectTimeoutMs: number;
  readonly controlConnectionTimeoutMs: number;
  readonly idleHeartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly maxSchemaAgreementWaitMs: number;
  readonly topologyEventRefreshWindowMs: number;
  readonly statusEventRefreshWindowMs: number;
  readonly schemaEventRefreshWindowMs: number;
  readonly pooling: {
    readonly connectionsPerLocalHost: number;
    readonly connectionsPerRemoteHost: number;
    readonly maxRequestsPerConnection: number;
    readonly maxQueuedRequests: number;
    /** How long a request waits for a free connection; 0 for as long as its own deadline allows. */
    readonly queueTimeoutMs: number;
  };
  readonly maxPreparedStatements: number;
  readonly startupOptions: Readonly<Record<string, string>>;
  readonly registry: CodecRegistry;
  readonly counters: Counters;
  /** The cluster that traces name. */
  readonly owner: object;
  /** Told of each attempt to open a connection; null if nobody wants to know. */
  readonly onConnect: ((attempt: ConnectAttempt) => void) | null;
  readonly sweep: DeadlineSweep;
}

/** How an attempt to open a connection ended. */
export interface ConnectAttempt {
  /** 'address:port' */
  readonly endpoint: string;
  readonly durationMs: number;
  readonly succeeded: boolean;
}

/** What the layers below the public API say to the user. */
export interface LogEntry {
  /** How much it matters. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** One line, without bound values and passwords. */
  readonly message: string;
  /** What lies behind it. */
  readonly error?: unknown;
  /** 'address:port' of the host that it is about. */
  readonly host?: string;
  /** Of a slow query: its text, without bound values. */
  readonly statement?: string;
  /** Of a slow query: how long it took. */
  readonly durationMs?: number;
}
export type Log = (entry: LogEntry) => void;
