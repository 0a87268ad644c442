import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { sharedNode } from '../../support/nodes.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

/** What the example prints, its progress last; fails if it does not end by itself with exit code 0. */
async function runExample(name: string, ...args: readonly string[]): Promise<string> {
  const { contactPoints, port, localDatacenter } = sharedNode();
  const { stdout, stderr } = await run(
    process.execPath,
    ['--import', 'tsx', join('examples', name, 'main.ts'), ...args],
    {
      cwd: root,
      timeout: 200_000,
      env: {
        ...process.env,
        CASSANDRA_CONTACT_POINTS: contactPoints.join(','),
        CASSANDRA_PORT: String(port),
        CASSANDRA_LOCAL_DC: localDatacenter,
      },
    },
  );
  return stdout + stderr;
}

test('export: CSV and Parquet have every row, over several pages and groups', async () => {
  const rowCount = 21_000;
  const folder = await mkdtemp(join(tmpdir(), 'async-cassandra-export-'));
  try {
    const output = await runExample('export', String(rowCount), folder);
    assert.match(output, /^Exported 21000 rows to .*readings\.csv: \d+ bytes/m);
    assert.match(output, /^Parquet \[=+\] 21000\/21000 rows/m);

    const csv = await readFile(join(folder, 'readings.csv'), 'utf8');
    assert.ok(csv.startsWith('sensor,at,value,note\n'));
    // A note spans two lines, the second without a sensor.
    const lines = new Set(csv.match(/^sensor-\d+,\d{4}-\d\d-\d\dT[\d:.]+Z,.*$/gm));
    assert.equal(lines.size, rowCount);
    assert.ok(csv.includes('sensor-0,2026-01-01T00:00:00.000Z,0,"checked, ""by hand""\nround 0"\n'));

    const file = await asyncBufferFromFile(join(folder, 'readings.parquet'));
    const rows = await parquetReadObjects({ file });
    assert.equal(rows.length, rowCount);
    assert.equal(new Set(rows.map(({ at }) => (at as Date).getTime())).size, rowCount);
    const first = rows.find(({ at }) => (at as Date).getTime() === Date.UTC(2026, 0, 1));
    assert.deepEqual(
      { ...first },
      { sensor: 'sensor-0', at: new Date(Date.UTC(2026, 0, 1)), value: 0, note: 'checked, "by hand"\nround 0' },
    );
    assert.equal(rows.filter(({ note }) => note === null).length, rowCount * 0.9);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('processing: the windows count every reading, and no more than two pages are held', async () => {
  const output = await runExample('processing');
  assert.match(output, /^Processed 4000 readings into 34 windows, which count 4000$/m);
  const waiting = Number(/^At most (\d+) rows waited/m.exec(output)?.[1]);
  assert.ok(waiting > 0 && waiting <= 400, output);
});

test('metrics: what was done is what is shown', async () => {
  const output = await runExample('metrics', '500');
  assert.match(output, /^errors: \{ InvalidRequest: 1, SyntaxException: 1 \}$/m);
  assert.match(output, /^streams: [34] pages, 500 rows$/m);
  assert.match(output, /^cassandra_queries_total\{query_type="prepared",success="success"\} 500$/m);
  assert.equal(/^(\d+) queries,/m.exec(output)?.[1], /^still (\d+) queries$/m.exec(output)?.[1]);
});

test('context-managers: everything is closed, whichever way the block is left', async () => {
  const output = await runExample('context-managers');
  assert.match(output, /^after: session closed true, cluster closed true$/m);
  assert.match(output, /^use after close: ConnectionError: /m);
  assert.match(output, /^caught: InvalidRequest: .*no_such_table/m);
  assert.match(output, /^used 250 of 3000 rows, fetched [34]00$/m);
  assert.match(output, /^after 150 rows: the user has left$/m);
});

test('concurrent-load: limits hold, errors are gathered', async () => {
  const output = await runExample('concurrent-load', '1000');
  assert.match(output, /^256 at a time: 1000 in /m);
  assert.match(output, /^2 of 3 succeeded\ninput 1: InvalidParameter/m);
  assert.match(output, /^begun: 20 under way, 980 in line$/m);
  assert.match(output, /^100 at once: 25 answered, 75 refused as Overloaded$/m);
  assert.match(output, /^100 that come again: all answered/m);
});

test('npm run example without a known name tells the names', async () => {
  await assert.rejects(run(process.execPath, ['scripts/example.mjs', 'nothing'], { cwd: root }), {
    code: 1,
    stderr: /one of .*concurrent-load, context-managers, export,.*tour/,
  });
});
