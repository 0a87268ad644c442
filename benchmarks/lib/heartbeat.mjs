// How long the event loop stands still while large pages are read.
import { table } from './report.mjs';
import { LARGE_PAGE_ROWS } from './schema.mjs';
import { median } from './statistics.mjs';

const WORKLOAD = 'page10000';
const BEAT_MS = 10;
const AT_A_TIME = [1, 8];

async function interleave(opened, inFlight, { rounds, ms }) {
  const rows = opened.map(({ subject }) => ({ subject: subject.name, longest: [], average: [], pages: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, { child }] of opened.entries()) {
      const { longestMs, averageMs, requests } = await child.ask('heartbeat', { inFlight, beatMs: BEAT_MS, ms });
      rows[i].longest.push(longestMs);
      rows[i].average.push(averageMs);
      rows[i].pages.push(requests);
    }
  }
  return rows.map(({ subject, longest, average, pages }) => ({
    subject,
    longestMs: median(longest),
    averageMs: median(average),
    pages: median(pages),
  }));
}

/** The medians of the rounds' longest and average gaps between two beats of a timer. */
export async function measureHeartbeat(stage, subjects, options, log) {
  const opened = [];
  try {
    for (const subject of subjects.filter(({ kind }) => kind !== 'floor')) {
      opened.push({ subject, child: await stage.subject(subject, WORKLOAD, { rows: LARGE_PAGE_ROWS }) });
    }
    for (const { child } of opened) await child.ask('warm', { inFlight: 1, ms: options.firstWarmMs });
    const results = [];
    for (const inFlight of options.inFlight ?? AT_A_TIME) {
      log(`heartbeat, ${inFlight} pages at a time`);
      results.push({ inFlight, subjects: await interleave(opened, inFlight, options) });
    }
    return { results, text: textOf(results) };
  } finally {
    await Promise.all(opened.map(({ child }) => child.end()));
  }
}

function textOf(results) {
  const rows = results.flatMap(({ inFlight, subjects }) =>
    subjects.map(({ subject, longestMs, averageMs, pages }) => [
      subject,
      String(inFlight),
      longestMs,
      averageMs,
      pages,
    ]),
  );
  return table(
    [`a ${BEAT_MS} ms timer, ${WORKLOAD}`, 'pages at a time', 'longest gap ms', 'average ms', 'pages'],
    rows,
  );
}
