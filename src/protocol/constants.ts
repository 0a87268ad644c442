/** Numbers of the native protocol v5. Sections are those of native_protocol_v5.spec. */

/** The only version that this client speaks. */
export const PROTOCOL_VERSION = 5;
export const REQUEST_VERSION = 0x05;
export const RESPONSE_VERSION = 0x85;

export const ENVELOPE_HEADER_BYTES = 9;
/** The protocol's own limit on one envelope's body (section 2.4.1.5). */
export const MAX_ENVELOPE_BYTES = 256 * 1024 * 1024;

/** Envelope flags (section 2.4.1.2). */
export const EnvelopeFlag = { TRACING: 0x02, CUSTOM_PAYLOAD: 0x04, WARNING: 0x08 } as const;

/** Section 2.4.1.4. */
export const Opcode = {
  ERROR: 0x00,
  STARTUP: 0x01,
  READY: 0x02,
  AUTHENTICATE: 0x03,
  OPTIONS: 0x05,
  SUPPORTED: 0x06,
  QUERY: 0x07,
  RESULT: 0x08,
  PREPARE: 0x09,
  EXECUTE: 0x0a,
  REGISTER: 0x0b,
  EVENT: 0x0c,
  BATCH: 0x0d,
  AUTH_CHALLENGE: 0x0e,
  AUTH_RESPONSE: 0x0f,
  AUTH_SUCCESS: 0x10,
} as const;
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** Flags of QUERY, EXECUTE and BATCH (sections 4.1.4 and 4.1.7). */
export const QueryFlag = {
  VALUES: 0x01,
  SKIP_METADATA: 0x02,
  PAGE_SIZE: 0x04,
  PAGING_STATE: 0x08,
  SERIAL_CONSISTENCY: 0x10,
  TIMESTAMP: 0x20,
  NAMES_FOR_VALUES: 0x40,
  KEYSPACE: 0x80,
  NOW_IN_SECONDS: 0x100,
} as const;

export const PrepareFlag = { KEYSPACE: 0x01 } as const;

/** Section 4.2.5. */
export const ResultKind = { VOID: 1, ROWS: 2, SET_KEYSPACE: 3, PREPARED: 4, SCHEMA_CHANGE: 5 } as const;

/** Section 4.2.5.2. */
export const RowsFlag = {
  GLOBAL_TABLES_SPEC: 0x01,
  HAS_MORE_PAGES: 0x02,
  NO_METADATA: 0x04,
  METADATA_CHANGED: 0x08,
} as const;

/** Consistency levels (section 3, [consistency]). */
export const ConsistencyLevel = {
  /** Writes: any node will do, even one that keeps the write for a replica that is down. */
  ANY: 0x00,
  /** One replica. */
  ONE: 0x01,
  /** Two replicas. */
  TWO: 0x02,
  /** Three replicas. */
  THREE: 0x03,
  /** More than half of all replicas, of all datacenters. */
  QUORUM: 0x04,
  /** Every replica. */
  ALL: 0x05,
  /** More than half of the replicas in the coordinator's datacenter. */
  LOCAL_QUORUM: 0x06,
  /** More than half of the replicas in each datacenter. */
  EACH_QUORUM: 0x07,
  /** Lightweight transactions: agreed on by all datacenters. */
  SERIAL: 0x08,
  /** Lightweight transactions: agreed on within the coordinator's datacenter. */
  LOCAL_SERIAL: 0x09,
  /** One replica in the coordinator's datacenter. */
  LOCAL_ONE: 0x0a,
} as const;
/** One of the levels of `ConsistencyLevel`: its number on the wire. */
export type ConsistencyLevel = (typeof ConsistencyLevel)[keyof typeof ConsistencyLevel];

/** Kinds of batch (section 4.1.7). */
export const BatchType = {
  /** All or nothing in the end: the batch is written down by other nodes before it is carried out. */
  LOGGED: 0,
  /** Statements that travel together: those of one partition are one write, others stand or fall by themselves. */
  UNLOGGED: 1,
  /** Changes of counters, and nothing else. Never repeated: an increment counts twice then. */
  COUNTER: 2,
} as const;
/** One of the types of `BatchType`: its number on the wire. */
export type BatchType = (typeof BatchType)[keyof typeof BatchType];

/** Error codes (section 9). */
export const ErrorCode = {
  SERVER_ERROR: 0x0000,
  PROTOCOL_ERROR: 0x000a,
  BAD_CREDENTIALS: 0x0100,
  UNAVAILABLE: 0x1000,
  OVERLOADED: 0x1001,
  IS_BOOTSTRAPPING: 0x1002,
  TRUNCATE_ERROR: 0x1003,
  WRITE_TIMEOUT: 0x1100,
  READ_TIMEOUT: 0x1200,
  READ_FAILURE: 0x1300,
  FUNCTION_FAILURE: 0x1400,
  WRITE_FAILURE: 0x1500,
  CDC_WRITE_FAILURE: 0x1600,
  CAS_WRITE_UNKNOWN: 0x1700,
  SYNTAX_ERROR: 0x2000,
  UNAUTHORIZED: 0x2100,
  INVALID: 0x2200,
  CONFIG_ERROR: 0x2300,
  ALREADY_EXISTS: 0x2400,
  UNPREPARED: 0x2500,
} as const;

/** Lengths with a meaning of their own in [value] (section 3). */
export const NULL_LENGTH = -1;
export const UNSET_LENGTH = -2;
