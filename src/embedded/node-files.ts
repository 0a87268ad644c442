/** A node's folder: its configuration, its data and its log. */

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAtLeast } from './versions.js';
import { mergeSettings, renderYaml, type YamlSettings } from './yaml.js';

export interface NodeSettings {
  readonly version: string;
  /** The node's own folder. */
  readonly home: string;
  readonly clusterName: string;
  readonly address: string;
  readonly nativePort: number;
  readonly storagePort: number;
  readonly datacenter: string;
  readonly seeds: readonly string[];
  /** True for a node that joins a cluster with data: it streams its share before it answers. */
  readonly bootstrap: boolean;
  readonly auth: boolean;
  /** Settings for client_encryption_options when TLS is on. */
  readonly encryption: YamlSettings | undefined;
  /** The user's own settings, laid over ours. */
  readonly yaml: YamlSettings;
}

export function logFileOf(home: string): string {
  return path.join(home, 'system.log');
}

/**
 * In a node's folder: it has answered once, so what is there is whole. Data alone says nothing: a start that was given up,
 * or killed with its parent, leaves some too.
 */
const READY_MARK = 'was-ready';

export function hasReadyMark(home: string): boolean {
  return existsSync(path.join(home, READY_MARK));
}

export async function setReadyMark(home: string): Promise<void> {
  await writeFile(path.join(home, READY_MARK), '');
}

export async function writeNodeFiles(settings: NodeSettings): Promise<void> {
  const configuration = path.join(settings.home, 'conf');
  await mkdir(configuration, { recursive: true });
  await mkdir(path.join(settings.home, 'tmp'), { recursive: true });
  const yaml = renderYaml(mergeSettings(cassandraSettings(settings), settings.yaml));
  await Promise.all([
    writeFile(path.join(configuration, 'cassandra.yaml'), yaml),
    writeFile(path.join(configuration, 'cassandra-rackdc.properties'), `dc=${settings.datacenter}\nrack=rack1\n`),
    writeFile(path.join(configuration, 'logback.xml'), LOGBACK),
  ]);
}

/** cassandra.yaml, as plain values. */
export function cassandraSettings(settings: NodeSettings): Record<string, unknown> {
  const folder = (name: string): string => path.join(settings.home, name);
  return {
    cluster_name: settings.clusterName,
    num_tokens: 16,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    auto_bootstrap: settings.bootstrap,
    data_file_directories: [folder('data')],
    commitlog_directory: folder('commitlog'),
    hints_directory: folder('hints'),
    saved_caches_directory: folder('saved_caches'),
    cdc_raw_directory: folder('cdc_raw'),
    commitlog_sync: 'periodic',
    listen_address: settings.address,
    rpc_address: settings.address,
    storage_port: settings.storagePort,
    native_transport_port: settings.nativePort,
    endpoint_snitch: 'GossipingPropertyFileSnitch',
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: settings.seeds.join(',') }],
      },
    ],
    authenticator: settings.auth ? 'PasswordAuthenticator' : 'AllowAllAuthenticator',
    authorizer: settings.auth ? 'CassandraAuthorizer' : 'AllowAllAuthorizer',
    role_manager: 'CassandraRoleManager',
    client_encryption_options: settings.encryption,
    ...spelledByVersion(settings.version),
  };
}

/**
 * Settings whose names changed in 4.1. The limits on requests in flight follow the heap, and a test node's heap is
 * small: 512 MB would allow one client address 13 MB, less than one legal request. So they are set here.
 */
function spelledByVersion(version: string): Record<string, unknown> {
  if (!isAtLeast(version, '4.1')) {
    return {
      commitlog_sync_period_in_ms: 10_000,
      enable_user_defined_functions: true,
      enable_materialized_views: true,
      native_transport_max_concurrent_requests_in_bytes: 128 * 1024 * 1024,
      native_transport_max_concurrent_requests_in_bytes_per_ip: 64 * 1024 * 1024,
    };
  }
  return {
    commitlog_sync_period: '10000ms',
    user_defined_functions_enabled: true,
    materialized_views_enabled: true,
    native_transport_max_request_data_in_flight: '128MiB',
    native_transport_max_request_data_in_flight_per_ip: '64MiB',
    native_transport_max_message_size: '64MiB',
  };
}

/** Everything goes to standard output, which is the log file: what the JVM itself says lands there as well. */
const LOGBACK = `<configuration>
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="STDOUT"/></root>
</configuration>
`;
