import type { TypeLike } from './wire/type-text.js';

/** A table that a fake node pretends to have: shown in system_schema, and used to type bind markers. */
export interface FakeTable {
  /** Its name, as stored. */
  readonly name: string;
  /** Name to CQL type. */
  readonly columns: Readonly<Record<string, string>>;
  /** Column names, in order. */
  readonly partitionKey: readonly string[];
  /** Column names, in order; none if left out. */
  readonly clusteringKey?: readonly string[] | undefined;
}

/** A user type that a fake node pretends to have. */
export interface FakeUserType {
  /** Its name, as stored. */
  readonly name: string;
  /** Name to CQL type, in order. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A keyspace that a fake node pretends to have. */
export interface FakeKeyspace {
  /** Its name, as stored. */
  readonly name: string;
  /** SimpleStrategy with one replica if left out. */
  readonly replication?: Readonly<Record<string, string>> | undefined;
  /** None if left out. */
  readonly tables?: readonly FakeTable[] | undefined;
  /** None if left out. */
  readonly types?: readonly FakeUserType[] | undefined;
}

/** What a fake node tells about itself and its peers. */
export interface NodeIdentity {
  /** A uuid, by which clients know the node. */
  readonly hostId: string;
  /** The IP address that clients are told. */
  readonly address: string;
  /** The native port that clients are told. */
  readonly port: number;
  /** The name of its datacenter. */
  readonly datacenter: string;
  /** The name of its rack. */
  readonly rack: string;
  /** Murmur3 tokens, as decimal text. */
  readonly tokens: readonly string[];
  /** Such as '5.0.4'. */
  readonly releaseVersion: string;
  /** A uuid: nodes with the same one agree on the schema. */
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
