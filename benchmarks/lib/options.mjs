// The command line.
import { parseArgs } from 'node:util';
import { GROUPS, PARTS, WORKLOADS } from './workloads.mjs';

export const HELP = `npm run bench -- [options]

  --quick               a short run of the main workloads, within two minutes
  --only a,b            only these: ${[...Object.keys(WORKLOADS), ...Object.keys(GROUPS), ...PARTS].join(', ')}
  --rounds n            how often each subject is measured (default 5)
  --in-flight 1,128     how many requests at a time, instead of each workload's own
  --ms n                how long one measurement lasts (default 1000; quick 120)
  --base <git ref>      another state of this driver as a further subject
  --ten-million         growth: streams of up to ten million rows
  --json file           the figures as JSON
  --svg file            the figures as a chart
`;

function wholeNumbers(text, name) {
  const numbers = text.split(',').map(Number);
  if (numbers.some((number) => !Number.isInteger(number) || number < 1)) {
    throw new Error(`--${name} takes whole numbers from 1 on, not '${text}'`);
  }
  return numbers;
}

/** The names of the workloads and parts to run. */
function chosen(only, quick) {
  const all = Object.keys(WORKLOADS);
  if (only === undefined) {
    return quick ? [...all.filter((name) => WORKLOADS[name].quick !== undefined), 'connect'] : [...all, ...PARTS];
  }
  const names = only.split(',').flatMap((name) => GROUPS[name] ?? [name]);
  const unknown = names.find((name) => !Object.hasOwn(WORKLOADS, name) && !PARTS.includes(name));
  if (unknown !== undefined) throw new Error(`There is no workload '${unknown}'\n\n${HELP}`);
  return names;
}

export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      'in-flight': { type: 'string' },
      ms: { type: 'string' },
      base: { type: 'string' },
      'ten-million': { type: 'boolean', default: false },
      json: { type: 'string' },
      svg: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [ms] = wholeNumbers(values.ms ?? (values.quick ? '120' : '1000'), 'ms');
  const [rounds] = wholeNumbers(values.rounds, 'rounds');
  return {
    ...values,
    names: chosen(values.only, values.quick),
    rounds,
    inFlight: values['in-flight'] === undefined ? null : wholeNumbers(values['in-flight'], 'in-flight'),
    ms,
    // The compiler needs seconds for a client's code, and only a moment to come back to it.
    firstWarmMs: values.quick ? 2000 : 4000,
    warmMs: Math.ceil(ms / 5),
    tenMillion: values['ten-million'],
  };
}
