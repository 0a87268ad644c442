// npm run example -- export [rows] [folder] — a large table to CSV and to Parquet, with progress, in constant memory.
import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { AsyncCassandraSession } from 'async-cassandra';
import { Presets, SingleBar } from 'cli-progress';
import { stringify } from 'csv-stringify';
import { fileWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import { numberArgument, openWorkspace } from '../support/workspace.js';

interface Reading {
  readonly sensor: string;
  readonly at: Date;
  readonly value: number;
  readonly note: string | null;
}

const ALL = 'SELECT sensor, at, value, note FROM readings';
const PAGE = 5000;
const ROW_GROUP = 20_000;
const rowCount = numberArgument(0, 5000);
const folder = process.argv[3] ?? join(tmpdir(), 'async-cassandra-export');

/** Drawn over itself on a terminal, a line a second elsewhere. */
async function withProgress(label: string, work: (advance: (rows: number) => void) => Promise<void>): Promise<void> {
  const format = `${label} [{bar}] {value}/{total} rows, {eta} s left`;
  const bar = new SingleBar({ format, noTTYOutput: true, notTTYSchedule: 1000, hideCursor: true }, Presets.legacy);
  // The total is what was written: counting a large table costs as much as exporting it.
  bar.start(rowCount, 0);
  try {
    await work((rows) => {
      bar.increment(rows);
    });
  } finally {
    bar.stop();
  }
}

function* readings(): Generator<[string, number, number, string | null]> {
  const start = Date.UTC(2026, 0, 1);
  for (let i = 0; i < rowCount; i++) {
    const note = i % 10 === 0 ? `checked, "by hand"\nround ${i}` : null;
    yield [`sensor-${i % 50}`, start + i * 1000, Math.round(Math.sin(i / 100) * 1e4) / 1e2, note];
  }
}

async function fill(session: AsyncCassandraSession): Promise<void> {
  await session.execute(
    'CREATE TABLE readings (sensor text, at timestamp, value double, note text, PRIMARY KEY (sensor, at))',
  );
  const insert = await session.prepare('INSERT INTO readings (sensor, at, value, note) VALUES (?, ?, ?, ?)');
  insert.isIdempotent = true;
  await withProgress('filling', async (advance) => {
    await session.executeConcurrent(insert, readings(), {
      concurrency: 128,
      onResult: () => {
        advance(1);
      },
    });
  });
}

/** Each stage waits for the next: a slow disk slows the reading of pages, and nothing piles up. */
async function exportCsv(session: AsyncCassandraSession, file: string): Promise<void> {
  await withProgress('CSV', async (advance) => {
    await using rows = await session.executeStream<Reading>(ALL, undefined, {
      fetchSize: PAGE,
      pageCallback: (_page, page) => {
        advance(page.length);
      },
    });
    const csv = stringify({
      header: true,
      columns: rows.columns.map(({ name }) => name),
      cast: { date: (date) => date.toISOString() },
    });
    await pipeline(rows.toReadable(), csv, createWriteStream(file));
  });
}

function columnsOf(rows: readonly Reading[]): ColumnSource[] {
  return [
    { name: 'sensor', data: rows.map(({ sensor }) => sensor) },
    { name: 'at', data: rows.map(({ at }) => at) },
    { name: 'value', data: rows.map(({ value }) => value) },
    { name: 'note', data: rows.map(({ note }) => note) },
  ];
}

/** Parquet stores columns: the rows of one group are held, and written before the next are read. */
async function exportParquet(session: AsyncCassandraSession, file: string): Promise<void> {
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    schema: [
      { name: 'root', num_children: 4 },
      { name: 'sensor', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'at', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
      { name: 'value', type: 'DOUBLE', repetition_type: 'REQUIRED' },
      { name: 'note', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
  });
  await withProgress('Parquet', async (advance) => {
    await using stream = await session.executeStream<Reading>(ALL, undefined, { fetchSize: PAGE });
    let group: Reading[] = [];
    const writeGroup = async (): Promise<void> => {
      await writer.write({ columnData: columnsOf(group), rowGroupSize: ROW_GROUP });
      advance(group.length);
      group = [];
    };
    for await (const page of stream.pages()) {
      group.push(...page);
      if (group.length >= ROW_GROUP) await writeGroup();
    }
    if (group.length > 0) await writeGroup();
    await writer.finish();
  });
}

await using work = await openWorkspace('example_export');
await mkdir(folder, { recursive: true });
await fill(work.session);
for (const [name, write] of [
  ['readings.csv', exportCsv],
  ['readings.parquet', exportParquet],
] as const) {
  const file = join(folder, name);
  const started = performance.now();
  await write(work.session, file);
  const seconds = (performance.now() - started) / 1000;
  console.log(`Exported ${rowCount} rows to ${file}: ${(await stat(file)).size} bytes in ${seconds.toFixed(2)} s`);
}
