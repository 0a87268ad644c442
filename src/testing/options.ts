import type { TlsOptions } from 'node:tls';
import type { FakeAuthenticator, FakeCredentials } from './authentication.js';
import type { FakeKeyspace, NodeIdentity } from './schema.js';

/** What a fake node is like; all of it has a default. */
export interface FakeNodeOptions extends Partial<Omit<NodeIdentity, 'tokens'>> {
  /** `address` (127.0.0.1) and `port` (0: a free one) are where it listens. */
  readonly tokens?: readonly (string | bigint)[];
  /** As system.local tells it. */
  readonly clusterName?: string;
  /** What it says it speaks; without 5 among them it answers as servers before 4.0 do. Default [5]. */
  readonly protocolVersions?: readonly number[];
  /** Credentials, for a PasswordAuthenticator, or an authenticator of your own. Default: none asked for. */
  readonly auth?: FakeAuthenticator | FakeCredentials;
  /** Keys of SUPPORTED, over the usual ones. */
  readonly supported?: Readonly<Record<string, readonly string[]>>;
  /** What system_schema shows, and what types the bind markers of statements. */
  readonly keyspaces?: readonly FakeKeyspace[];
  /** The other nodes of its cluster. A function is asked at each request. */
  readonly peers?: readonly NodeIdentity[] | (() => Iterable<NodeIdentity>);
  /** Speaks TLS with this key and certificate. */
  readonly tls?: TlsOptions;
  /** Accepts connections and never answers, until `resume()`. */
  readonly halfOpen?: boolean;
  /** How many requests `requests` keeps, the youngest. Default 10,000. */
  readonly keepRequests?: number;
}
