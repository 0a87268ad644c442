import type { TlsOptions } from 'node:tls';
import type { FakeAuthenticator, FakeCredentials } from './authentication.js';
import type { FakeKeyspace, NodeIdentity } from './schema.js';

/** What a fake node is like; all of it has a default. */
export interface FakeNodeOptions extends Partial<{
  readonly [K in Exclude<keyof NodeIdentity, 'tokens'>]: NodeIdentity[K] | undefined;
}> {
  /** `address` (127.0.0.1) and `port` (0: a free one) are where it listens. */
  readonly tokens?: readonly (string | bigint)[] | undefined;
  /** As system.local tells it. */
  readonly clusterName?: string | undefined;
  /** What it says it speaks; without 5 among them it answers as servers before 4.0 do. Default [5]. */
  readonly protocolVersions?: readonly number[] | undefined;
  /** Credentials, for a PasswordAuthenticator, or an authenticator of your own. Default: none asked for. */
  readonly auth?: FakeAuthenticator | FakeCredentials | undefined;
  /** Keys of SUPPORTED, over the usual ones. */
  readonly supported?: Readonly<Record<string, readonly string[]>> | undefined;
  /** What system_schema shows, and what types the bind markers of statements. */
  readonly keyspaces?: readonly FakeKeyspace[] | undefined;
  /** The other nodes of its cluster. A function is asked at each request. */
  readonly peers?: (readonly NodeIdentity[] | (() => Iterable<NodeIdentity>)) | undefined;
  /** Speaks TLS with this key and certificate. */
  readonly tls?: TlsOptions | undefined;
  /** Accepts connections and never answers, until `resume()`. */
  readonly halfOpen?: boolean | undefined;
  /** How many requests `requests` keeps, the youngest. Default 10,000. */
  readonly keepRequests?: number | undefined;
}
