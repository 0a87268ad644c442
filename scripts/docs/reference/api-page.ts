import { ENTRIES, exportedFrom, type Entry, type Exported } from './declarations.js';
import { fence, GENERATED, page, prose } from './markdown.js';

export const API_ENTRIES = Object.keys(ENTRIES) as Entry[];

const GROUPS: readonly (readonly [Exported['kind'], string])[] = [
  ['class', 'Classes'],
  ['function', 'Functions'],
  ['value', 'Values'],
  ['type', 'Types'],
];

/** 'async-cassandra/metrics/prometheus' → 'metrics-prometheus' */
export function apiPageName(entry: Entry): string {
  return entry === 'async-cassandra' ? 'main' : entry.replace('async-cassandra/', '').replaceAll('/', '-');
}

function section({ name, doc, text }: Exported): string[] {
  return [`### ${name}`, prose(doc), fence('ts', text)];
}

/** Every exported name of an entry: its docstring and its declaration, as an editor shows them. */
export function apiPage(entry: Entry): string {
  const names = exportedFrom(entry);
  return page(
    `# ${entry}`,
    GENERATED,
    ...GROUPS.flatMap(([kind, title]) => {
      const group = names.filter((each) => each.kind === kind);
      return group.length === 0 ? [] : [`## ${title}`, ...group.flatMap(section)];
    }),
  );
}
