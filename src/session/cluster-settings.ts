import type { ClusterSettings } from '../cluster/settings.js';
import { watchVerification, type TlsSource, type Unverified } from '../connection/tls-source.js';
import { Counters } from '../observe/counters.js';
import { CodecRegistry } from '../protocol/codec/registry.js';
import { DeadlineSweep } from '../util/deadline-sweep.js';
import { DRIVER_NAME, DRIVER_VERSION } from '../version.js';
import type { ResolvedClusterOptions } from './options/index.js';

/** What the cluster layer tells the public API beside events. */
export interface SettingsHooks extends Pick<ClusterSettings, 'owner' | 'onConnect'> {
  /** Told of each connection that is opened without the checks of the server's certificate or its name. */
  readonly onUnverified: (what: Unverified) => void;
}

/** What the cluster layer needs of the options, and what all of a cluster's parts share. */
export function toClusterSettings(options: ResolvedClusterOptions, hooks: SettingsHooks): ClusterSettings {
  return {
    contactPoints: options.contactPoints,
    port: options.port,
    localDatacenter: options.localDatacenter,
    authProvider: options.authProvider,
    tls: tlsSource(options.tls, hooks.onUnverified),
    compression: options.compression,
    reconnectionPolicy: options.reconnectionPolicy,
    addressTranslator: options.addressTranslator,
    connectTimeoutMs: options.connectTimeoutMs,
    controlConnectionTimeoutMs: options.controlConnectionTimeoutMs,
    idleHeartbeatIntervalMs: options.idleHeartbeatIntervalMs,
    heartbeatTimeoutMs: options.heartbeatTimeoutMs,
    maxSchemaAgreementWaitMs: options.maxSchemaAgreementWaitMs,
    topologyEventRefreshWindowMs: options.topologyEventRefreshWindowMs,
    statusEventRefreshWindowMs: options.statusEventRefreshWindowMs,
    schemaEventRefreshWindowMs: options.schemaEventRefreshWindowMs,
    pooling: options.pooling,
    maxPreparedStatements: options.maxPreparedStatements,
    startupOptions: {
      DRIVER_NAME,
      DRIVER_VERSION,
      ...(options.applicationName === null ? {} : { APPLICATION_NAME: options.applicationName }),
      ...(options.applicationVersion === null ? {} : { APPLICATION_VERSION: options.applicationVersion }),
    },
    registry: new CodecRegistry(options.values),
    counters: new Counters(),
    sweep: new DeadlineSweep(),
    owner: hooks.owner,
    onConnect: hooks.onConnect,
  };
}

function tlsSource(tls: boolean | TlsSource, onUnverified: SettingsHooks['onUnverified']): TlsSource | null {
  if (tls === false) return null;
  if (tls === true) return {};
  return watchVerification(tls, onUnverified);
}
