import type { ClusterSettings, TlsOptions } from '../cluster/settings.js';
import { Counters } from '../observe/counters.js';
import { CodecRegistry } from '../protocol/codec/registry.js';
import { DeadlineSweep } from '../util/deadline-sweep.js';
import { DRIVER_NAME, DRIVER_VERSION } from '../version.js';
import { defaultProfile, type ResolvedClusterOptions } from './options/index.js';

/** What the cluster layer needs of the options, and what all of a cluster's parts share. */
export function toClusterSettings(options: ResolvedClusterOptions): ClusterSettings {
  const profile = defaultProfile(options);
  return {
    contactPoints: options.contactPoints,
    port: options.port,
    localDatacenter: options.localDatacenter,
    authProvider: options.authProvider,
    tls: tlsOptions(options.tls),
    compression: options.compression,
    loadBalancingPolicy: profile.loadBalancingPolicy,
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
  };
}

function tlsOptions(tls: boolean | TlsOptions): TlsOptions | null {
  if (tls === false) return null;
  return tls === true ? {} : tls;
}
