import { cqlString, cqlTextMap } from './cql-text.js';

type Settings = Readonly<Record<string, string>>;

/** What follows WITH, by the names and in the units of CQL. What the server's version does not know is absent. */
export interface TableOptions {
  readonly additional_write_policy?: string;
  readonly allow_auto_snapshot?: boolean;
  readonly bloom_filter_fp_chance?: number;
  readonly caching?: Settings;
  readonly cdc?: boolean;
  readonly comment?: string;
  readonly compaction?: Settings;
  readonly compression?: Settings;
  readonly crc_check_chance?: number;
  /** Seconds. */
  readonly default_time_to_live?: number;
  readonly gc_grace_seconds?: number;
  readonly incremental_backups?: boolean;
  readonly max_index_interval?: number;
  readonly memtable?: string;
  readonly memtable_flush_period_in_ms?: number;
  readonly min_index_interval?: number;
  readonly read_repair?: string;
  readonly speculative_retry?: string;
}

export type TableOptionName = keyof TableOptions;

/** All of them, in the order of the DDL. Extensions are bytes of plug-ins, which DDL cannot say. */
export const TABLE_OPTION_NAMES = [
  'additional_write_policy',
  'allow_auto_snapshot',
  'bloom_filter_fp_chance',
  'caching',
  'cdc',
  'comment',
  'compaction',
  'compression',
  'crc_check_chance',
  'default_time_to_live',
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
