// The whole test run: checks, then every test file, against real nodes that are started once and shared.
//   node scripts/test.mjs           everything
//   node scripts/test.mjs unit      only the folders below test/ that are named
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const everything = asked.length === 0;
const folders = everything ? readdirSync(join(root, 'test')).filter((name) => name !== 'support') : asked;
const files = folders.flatMap((folder) =>
  readdirSync(join(root, 'test', folder), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', folder, name)),
);
if (everything) {
  const names = readdirSync(join(root, 'benchmarks', 'test'));
  files.push(...names.map((name) => join('benchmarks', 'test', name)));
}
files.sort();

// Nodes are stopped and killed, and there are several versions of them: never somebody's running cluster.
for (const name of ['CASSANDRA_CONTACT_POINTS', 'CASSANDRA_PORT', 'CASSANDRA_LOCAL_DC', 'CASSANDRA_HOME'])
  delete process.env[name];

const NEED_NODES = ['wire', 'integration', 'package'];
const VERSIONS = ['5.0', '4.1', '4.0'];
/**
 * A file that does not end by then, as one with a handle left open, is killed and fails. The limit is one for all tests
 * of a file together, in newer versions of Node for each as well: far above what the longest may take (30 minutes).
 */
const FILE_TIMEOUT_MS = 2 * 60 * 60 * 1000;

function run(command, args) {
  console.log(`> ${[command, ...args].join(' ')}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (everything) run('npm', ['run', 'check']);

const nodes = {};
const started = [];
if (folders.some((folder) => NEED_NODES.includes(folder))) {
  const { startCassandra } = await import('../dist/embedded/index.js');
  for (const version of VERSIONS) {
    console.log(`> starting Cassandra ${version}`);
    const db = await startCassandra({ version });
    started.push(db);
    nodes[version] = { contactPoints: db.contactPoints, port: db.port, localDatacenter: db.localDatacenter };
  }
}

/** Stops the shared nodes: what comes after needs the machine more. */
async function stopNodes() {
  await Promise.all(started.splice(0).map((db) => db.stop()));
}

function runTests(list, concurrency) {
  if (list.length === 0) return Promise.resolve(0);
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--test', '--test-reporter=spec'],
      ...[`--test-concurrency=${concurrency}`, `--test-timeout=${FILE_TIMEOUT_MS}`],
      ...list,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ASYNC_CASSANDRA_TEST_NODES: JSON.stringify(nodes) } },
  );
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

// A blocked event loop in one file must not be another file's delay, nor a starting node another cluster's: what watches
// clocks and sockets runs alone. The others run two at a time.
const ALONE = ['faults', 'integration'];
const OWN_NODES = ['cluster'];
const inFolders = (names) => files.filter((file) => names.includes(file.split(sep)[1]));
const others = files.filter((file) => ![...ALONE, ...OWN_NODES].includes(file.split(sep)[1]));

const codes = [await runTests(others, 2), await runTests(inFolders(ALONE), 1)];
await stopNodes();
codes.push(await runTests(inFolders(OWN_NODES), 1));
process.exit(Math.max(...codes));
