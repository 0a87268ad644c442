import { isAtLeast } from './node-table.js';

/** A keyspace full of everything that DDL can say: the statements that make it, run inside of it, in their order. */
export function richSchema(version: string): string[] {
  return [...COMMON, ...(isAtLeast(version, '4.1') ? SINCE_4_1 : []), ...(isAtLeast(version, '5.0') ? SINCE_5_0 : [])];
}

const COMMON: readonly string[] = [
  // The names are such that the alphabet's order is not the order of creation.
  `CREATE TYPE z_inner (x int, "Y y" text)`,
  `CREATE TYPE "select" (a frozen<z_inner>, l frozen<list<frozen<z_inner>>>, t tuple<int, text>, z list<frozen<z_inner>>)`,
  `CREATE TYPE "A ""quoted"" type" (f frozen<map<text, frozen<"select">>>, "from" frozen<set<inet>>)`,
  `CREATE TABLE wide (
     p1 int, "P ""2""" text, c1 int, c2 text, "token" timeuuid, s int static, "S" frozen<list<int>> static, l list<int>,
     m map<text, frozen<z_inner>>, st set<int>, fl frozen<list<int>>, v text, u z_inner, tu tuple<int, frozen<z_inner>>,
     "select" frozen<"select">, q frozen<"A ""quoted"" type">, d duration, dc decimal,
     PRIMARY KEY ((p1, "P ""2"""), c1, c2, "token")
   ) WITH CLUSTERING ORDER BY (c1 DESC, c2 ASC, "token" DESC)
     AND comment = 'it''s a "table"; -- with all' AND gc_grace_seconds = 1000 AND default_time_to_live = 86400
     AND compaction = {'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': '100'}
     AND compression = {'class': 'ZstdCompressor', 'compression_level': '5', 'chunk_length_in_kb': '32'}
     AND caching = {'keys': 'NONE', 'rows_per_partition': '12'} AND bloom_filter_fp_chance = 0.25
     AND crc_check_chance = 0.5 AND min_index_interval = 64 AND max_index_interval = 512
     AND memtable_flush_period_in_ms = 60000 AND read_repair = 'NONE' AND speculative_retry = '75p'
     AND additional_write_policy = '50ms'`,
  `CREATE INDEX ON wide (v)`,
  `CREATE INDEX "OddIndex" ON wide (l)`,
  `CREATE INDEX by_key ON wide (keys(m))`,
  `CREATE INDEX by_value ON wide (values(m))`,
  `CREATE INDEX by_entry ON wide (entries(m))`,
  `CREATE INDEX by_all ON wide (full(fl))`,
  `CREATE INDEX by_part ON wide ("P ""2""")`,
  `CREATE TABLE plain (id uuid PRIMARY KEY, v int, gone text) WITH compression = {'enabled': 'false'} AND cdc = true`,
  `ALTER TABLE plain DROP gone`,
  `ALTER TABLE plain ADD "Added" ascii`,
  `CREATE TABLE "Counters" (a int, b int, n counter, PRIMARY KEY (a, b))`,
  `CREATE TABLE old_rows (a int PRIMARY KEY, b int, c text) WITH COMPACT STORAGE`,
  `CREATE INDEX old_index ON old_rows (b)`,
  `CREATE TABLE old_wide (a int, b int, c int, PRIMARY KEY (a, b)) WITH COMPACT STORAGE AND CLUSTERING ORDER BY (b DESC)`,
  `CREATE TABLE old_keys (a int, b int, PRIMARY KEY (a, b)) WITH COMPACT STORAGE`,
  `CREATE TABLE base (a int, "B" text, c int, v text, w int, PRIMARY KEY ((a, "B"), c))`,
  `CREATE MATERIALIZED VIEW all_of_base AS SELECT * FROM base
     WHERE a IS NOT NULL AND "B" = 'a "quoted" text' AND c IS NOT NULL AND v IS NOT NULL
     PRIMARY KEY ((v, a), "B", c) WITH CLUSTERING ORDER BY ("B" DESC, c ASC) AND comment = 'a ''view'''`,
  `CREATE MATERIALIZED VIEW "SomeOfBase" AS SELECT a, "B", c, w FROM base
     WHERE a IS NOT NULL AND "B" IS NOT NULL AND c > 3 PRIMARY KEY (c, a, "B")`,
  `CREATE FUNCTION plus (s int, v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return s;'`,
  `CREATE FUNCTION plus (s text, v int) RETURNS NULL ON NULL INPUT RETURNS text LANGUAGE java AS $$return s + "it's;";$$`,
  `CREATE FUNCTION "Odd fn" (s tuple<int, bigint>, "V" int, u z_inner, m map<text, frozen<list<frozen<z_inner>>>>)
     RETURNS NULL ON NULL INPUT RETURNS tuple<int, bigint> LANGUAGE java AS ' /* $$ it''s */ return s; '`,
  `CREATE FUNCTION pair (s tuple<int, bigint>, v int)
     CALLED ON NULL INPUT RETURNS tuple<int, bigint> LANGUAGE java AS 'return s;'`,
  `CREATE FUNCTION "Last" (s tuple<int, bigint>)
     CALLED ON NULL INPUT RETURNS tuple<int, bigint> LANGUAGE java AS 'return s;'`,
  `CREATE AGGREGATE "Agg" (int) SFUNC pair STYPE tuple<int, bigint> FINALFUNC "Last" INITCOND (1, 2)`,
  `CREATE AGGREGATE total (int) SFUNC plus STYPE int`,
  `CREATE AGGREGATE texts (int) SFUNC plus STYPE text INITCOND ''`,
];

const SINCE_4_1: readonly string[] = [`CREATE TABLE with_memtable (id int PRIMARY KEY) WITH memtable = 'default'`];

const SINCE_5_0: readonly string[] = [
  `CREATE TABLE vectors (id int PRIMARY KEY, v vector<float, 3>, n vector<frozen<list<vector<int, 2>>>, 2>, t text, m map<text, int>)
     WITH allow_auto_snapshot = false AND incremental_backups = false`,
  `CREATE INDEX near ON vectors (v) USING 'sai' WITH OPTIONS = {'similarity_function': 'dot_product'}`,
  `CREATE CUSTOM INDEX any_case ON vectors (t) USING 'StorageAttachedIndex' WITH OPTIONS = {'case_sensitive': 'false', 'normalize': 'true'}`,
  `CREATE INDEX entry_of ON vectors (entries(m)) USING 'sai'`,
  `CREATE TYPE with_vector (v frozen<vector<float, 2>>)`,
];
