// Figures as text.

function figure(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3);
}

/** Lines of a table, the first column to the left and the others to the right. */
export function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map((cell) => (typeof cell === 'string' ? cell : figure(cell))));
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const line = (row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  return [line(all[0]), widths.map((width) => '─'.repeat(width)).join('  '), ...all.slice(1).map(line)].join('\n');
}

/** One table a workload: each subject at each number in flight. */
export function requestTables(results) {
  const names = [...new Set(results.map(({ workload }) => workload))];
  return names
    .map((name) => {
      const entries = results.filter(({ workload }) => workload === name);
      const { per } = entries[0];
      const head = [name, 'in flight', `µs CPU/${per}`, '× of ours', `${per}s/s`, 'p50 ms', 'p99 ms', 'peak RSS MB'];
      const rows = entries.flatMap(({ inFlight, subjects }) =>
        subjects.map((one) => [
          one.subject,
          String(inFlight),
          one.cpuUs,
          one.ratio,
          one.perSecond,
          one.p50Ms,
          one.p99Ms,
          one.peakRssMb,
        ]),
      );
      const hasRss = entries.some(({ subjects }) => subjects.some(({ peakRssMb }) => peakRssMb !== undefined));
      const kept = hasRss ? head.length : head.length - 1;
      return table(
        head.slice(0, kept),
        rows.map((row) => row.slice(0, kept)),
      );
    })
    .join('\n\n');
}
