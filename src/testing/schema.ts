import type { TypeLike } from './wire/type-text.js';

/** A table that a fake node pretends to have: shown in system_schema, and used to type bind markers. */
export interface FakeTable {
  readonly name: string;
  /** Name to CQL type. */
  readonly columns: Readonly<Record<string, string>>;
  readonly partitionKey: readonly string[];
  readonly clusteringKey?: readonly string[];
}

export interface FakeUserType {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface FakeKeyspace {
  readonly name: string;
  /** SimpleStrategy with one replica if left out. */
  readonly replication?: Readonly<Record<string, string>>;
  readonly tables?: readonly FakeTable[];
  readonly types?: readonly FakeUserType[];
}

/** What a fake node tells about itself and its peers. */
export interface NodeIdentity {
  readonly hostId: string;
  readonly address: string;
  readonly port: number;
  readonly datacenter: string;
  readonly rack: string;
  /** Murmur3 tokens, as decimal text. */
  readonly tokens: readonly string[];
  readonly releaseVersion: string;
  readonly schemaVersion: string;
}

/** One table that a fake node can answer for: its columns and its rows. */
export interface VirtualTable {
  readonly columns: Readonly<Record<string, TypeLike>>;
  readonly rows: (view: SystemView) => readonly Readonly<Record<string, unknown>>[];
}

/** All that the system tables are made of. */
export interface SystemView {
  readonly identity: NodeIdentity;
  readonly peers: () => Iterable<NodeIdentity>;
  readonly clusterName: string;
  readonly partitioner: string;
  readonly schema: readonly FakeKeyspace[];
}
