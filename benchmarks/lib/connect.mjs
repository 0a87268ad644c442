// From nothing to the first row, each time in a new process.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { KEYS } from './load.mjs';
import { table } from './report.mjs';
import { QUERIES } from './schema.mjs';
import { median, medianRatio } from './statistics.mjs';

const PROBE = fileURLToPath(new URL('../subjects/connect-probe.mjs', import.meta.url));
const FIGURES = ['loadMs', 'connectMs', 'cpuMs'];

function probe(kind, settings) {
  return new Promise((resolve, reject) => {
    const child = fork(PROBE);
    let figures = null;
    child.on('message', (message) => (figures = message));
    child.on('exit', (code) => {
      if (figures === null) reject(new Error(`A cold start of ${kind} ended with ${code} and no figures`));
      else resolve(figures);
    });
    child.send({ kind, settings });
  });
}

export async function measureConnect(stage, subjects, { rounds, quick }, log) {
  log('connect');
  const { contactPoint, port, localDatacenter } = stage;
  const taking = subjects.filter(({ kind }) => kind !== 'floor');
  const measured = taking.map(() => []);
  // The first round lets the server record, and the disk be read.
  for (let round = 0; round <= (quick ? rounds : rounds * 2); round++) {
    for (const [i, { kind, entry }] of taking.entries()) {
      const settings = { entry, contactPoint, port, localDatacenter, query: QUERIES.select1, key: KEYS[0] };
      const figures = await probe(kind, settings);
      if (round > 0) measured[i].push(figures);
    }
  }
  const valuesOf = (i, name) => measured[i].map((figures) => figures[name]);
  const results = taking.map(({ name }, i) => ({
    subject: name,
    ...Object.fromEntries(FIGURES.map((figure) => [figure, median(valuesOf(i, figure))])),
    ratio: medianRatio(valuesOf(i, 'connectMs'), valuesOf(0, 'connectMs')),
  }));
  const head = ['connect', 'module load ms', 'to first row ms', '× of ours', 'CPU ms in all'];
  const rows = results.map(({ subject, loadMs, connectMs, cpuMs, ratio }) => [
    subject,
    loadMs,
    connectMs,
    ratio,
    cpuMs,
  ]);
  return { results, text: table(head, rows) };
}
