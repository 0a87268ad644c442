import { cqlString, cqlTextMap } from './ddl-text.js';

type Settings = Readonly<Record<string, string>>;

/** What follows WITH, by the names and in the units of CQL. What the server's version does not know is absent. */
export interface TableOptions {
  /** When writes go to one more transient replica, such as '99p'. */
  readonly additional_write_policy?: string;
  /** Whether a snapshot is taken before the table is dropped or truncated. Cassandra 5.0. */
  readonly allow_auto_snapshot?: boolean;
  /** How repairs are scheduled by themselves, if they are: `full_enabled`, `priority` and others. Cassandra 6.0. */
  readonly auto_repair?: Settings;
  /** From 0 to 1: how often the Bloom filter may be wrong. */
  readonly bloom_filter_fp_chance?: number;
  /** `keys` and `rows_per_partition`. */
  readonly caching?: Settings;
  /** Whether changes are kept for CDC. */
  readonly cdc?: boolean;
  /** For people. */
  readonly comment?: string;
  /** `class` and the strategy's settings. */
  readonly compaction?: Settings;
  /** `class`, `chunk_length_in_kb` and others; `enabled` 'false' for none. */
  readonly compression?: Settings;
  /** From 0 to 1: how often a read checks the chunk's checksum. */
  readonly crc_check_chance?: number;
  /** Seconds. */
  readonly default_time_to_live?: number;
  /** `kind` and the settings of how many replicas Accord's fast path takes; not of views. Cassandra 6.0. */
  readonly fast_path?: Settings;
  /** Seconds that a deletion is remembered. */
  readonly gc_grace_seconds?: number;
  /** Whether new files go to incremental backups. Cassandra 5.0. */
  readonly incremental_backups?: boolean;
  /** Rows between entries of the index summary, at most. */
  readonly max_index_interval?: number;
  /** The name of a memtable configuration in cassandra.yaml. */
  readonly memtable?: string;
  /** Milliseconds after which a memtable is flushed; 0 for never. */
  readonly memtable_flush_period_in_ms?: number;
  /** Rows between entries of the index summary, at least. */
  readonly min_index_interval?: number;
  /** 'BLOCKING' or 'NONE'. */
  readonly read_repair?: string;
  /** When a read goes to one more replica, such as '99p' or '50ms'. */
  readonly speculative_retry?: string;
}

export type TableOptionName = keyof TableOptions;

/** All of them, in the order of the DDL. Extensions are bytes of plug-ins, which DDL cannot say. */
export const TABLE_OPTION_NAMES = [
  'additional_write_policy',
  'allow_auto_snapshot',
  'auto_repair',
  'bloom_filter_fp_chance',
  'caching',
  'cdc',
  'comment',
  'compaction',
  'compression',
  'crc_check_chance',
  'default_time_to_live',
  'fast_path',
  'gc_grace_seconds',
  'incremental_backups',
  'max_index_interval',
  'memtable',
  'memtable_flush_period_in_ms',
  'min_index_interval',
  'read_repair',
  'speculative_retry',
] as const satisfies readonly TableOptionName[];

/** `name = value` of each option that is there. */
export function tableOptionsCql(options: TableOptions, except: readonly TableOptionName[] = []): string[] {
  return TABLE_OPTION_NAMES.flatMap((name) => {
    const value = options[name];
    return value === undefined || except.includes(name) ? [] : [`${name} = ${optionValue(value)}`];
  });
}

function optionValue(value: string | number | boolean | Settings): string {
  if (typeof value === 'string') return cqlString(value);
  return typeof value === 'object' ? cqlTextMap(value) : String(value);
}
