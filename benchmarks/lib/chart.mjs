// The ratios as a picture: one bar for each workload and number in flight.
const WIDTH = 760;
const LEFT = 190;
const BAR = 20;
const GAP = 8;
const TOP = 64;

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function bars(report) {
  return report.requests.flatMap(({ workload, inFlight, subjects }) => {
    const npm = subjects.find(({ subject }) => subject === 'cassandra-driver');
    return npm === undefined ? [] : [{ label: `${workload}, ${inFlight} in flight`, ratio: npm.ratio }];
  });
}

/** An SVG document: how many times the CPU of async-cassandra cassandra-driver takes. */
export function chart(report) {
  const all = bars(report);
  const most = Math.max(1, ...all.map(({ ratio }) => ratio));
  const scale = (WIDTH - LEFT - 60) / most;
  const height = TOP + all.length * (BAR + GAP) + 40;
  const { machine } = report;
  const drawn = all.map(({ label, ratio }, i) => {
    const y = TOP + i * (BAR + GAP);
    const width = (ratio * scale).toFixed(1);
    const middle = y + BAR * 0.72;
    return [
      `<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${escape(label)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="2" fill="#2f6f9f"/>`,
      `<text x="${LEFT + Number(width) + 6}" y="${middle}">${ratio.toFixed(1)}×</text>`,
    ].join('\n');
  });
  const one = LEFT + scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="16" y="26" font-size="16" font-weight="bold">Client CPU of cassandra-driver, as a multiple of async-cassandra's</text>
<text x="16" y="46" fill="#555555">${escape(`cassandra-driver ${machine.cassandraDriver}, Node ${machine.node}, ${machine.cpu}; medians of the rounds' ratios`)}</text>
${drawn.join('\n')}
<line x1="${one}" y1="${TOP - 6}" x2="${one}" y2="${height - 36}" stroke="#999999" stroke-dasharray="3 3"/>
<text x="${one}" y="${height - 20}" text-anchor="middle" fill="#555555">the same</text>
</svg>
`;
}
