// The public API of each entry, as text in api/: a change of it is seen in review. Needs dist/.
//   node scripts/api-report.mjs            fails if a report differs, or an export lacks its docstring
//   node scripts/api-report.mjs --update   writes the reports anew
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, 'api');
const update = process.argv.includes('--update');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const silent = { logLevel: ExtractorLogLevel.None };
const problem = { logLevel: ExtractorLogLevel.Error };
const messages = {
  compilerMessageReporting: { default: problem },
  // Docstrings are plain text with a few tags; how TSDoc would read their braces and brackets is no matter.
  tsdocMessageReporting: { default: silent },
  extractorMessageReporting: {
    default: problem,
    // All that is exported is public: there are no release tags.
    'ae-missing-release-tag': silent,
    'ae-unresolved-link': silent,
    'ae-unresolved-inheritdoc-reference': silent,
  },
};

/**
 * What only constructors and members mention that are the client's own to call (docs/versioning.md says so), and short
 * names of plain shapes. Everything else that a signature names is exported.
 */
const INTERNAL = new Set([
  'AggregateFacts',
  'ClusterCore',
  'ColumnSpec',
  'ConnectionOwner',
  'CqlType',
  'Delivery',
  'EncodedValues',
  'ErrorCode',
  'FunctionFacts',
  'IndexFacts',
  'KeyspaceFacts',
  'Labels',
  'LazyInfo',
  'LogMethod',
  'MaterializedViewFacts',
  'Opcode',
  'PageFetcher',
  'PoolGroup',
  'PreparedAnswer',
  'PreparedQuery',
  'ReportFailure',
  'ResolvedStreamConfig',
  'SegmentCompressor',
  'SessionHome',
  'Settings',
  'StatementBase',
  'StatementRetryPolicy',
  'Step',
  'StreamStart',
  'TableFacts',
  'TriggerFacts',
  'YamlSettings',
]);

/** './metrics/prometheus' → 'metrics-prometheus' */
function reportName(entry) {
  return entry === '.' ? manifest.name : entry.slice('./'.length).replaceAll('/', '-');
}

function configOf(entry, types, folder) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, types),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(root, 'tsconfig.build.json') },
      apiReport: { enabled: true, reportFileName: reportName(entry), reportFolder: folder, reportTempFolder: folder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages,
    },
  });
}

/** What one entry lacks, as lines `place text`. */
function extract(entry, config, compilerState) {
  const found = [];
  Extractor.invoke(config, {
    localBuild: true,
    compilerState,
    messageCallback(message) {
      message.handled = true;
      if (message.logLevel !== ExtractorLogLevel.Error) return;
      const { messageId, sourceFilePath: file, sourceFileLine: line, text } = message;
      if (messageId === 'ae-forgotten-export' && !isForgotten(text)) return;
      found.push(`${file === undefined ? entry : `${file.replace(root, '')}:${String(line)}`} ${text}`);
    },
  });
  return found;
}

/** Whether a name that signatures mention has to be exported, so that users can write it down. */
function isForgotten(text) {
  const name = /^The symbol "(\w+)"/.exec(text)?.[1] ?? '';
  return !INTERNAL.has(name) && !mainExports.has(name);
}

const made = mkdtempSync(join(tmpdir(), 'api-report-'));
const problems = new Set();
const entries = Object.entries(manifest.exports).filter(([, { types }]) => types !== undefined);
const configs = entries.map(([entry, { types }]) => configOf(entry, types, made));
const state = CompilerState.create(configs[0], {
  additionalEntryPoints: configs.slice(1).map((config) => config.mainEntryPointFilePath),
});
/** The other entries name what the main one exports. */
let mainExports = new Set();
entries.forEach(([entry], i) => {
  for (const found of extract(entry, configs[i], state)) problems.add(found);
  if (entry !== '.') return;
  const report = readFileSync(join(made, `${reportName(entry)}.api.md`), 'utf8');
  mainExports = new Set(
    [...report.matchAll(/^export (?:\w+ )*?(?:class|interface|type|const|function) (\w+)/gm)].map((m) => m[1]),
  );
});
const texts = new Map(readdirSync(made).map((name) => [name, readFileSync(join(made, name), 'utf8')]));
rmSync(made, { recursive: true });

mkdirSync(reports, { recursive: true });
if (update) {
  for (const name of readdirSync(reports)) if (!texts.has(name)) rmSync(join(reports, name));
  for (const [name, text] of texts) writeFileSync(join(reports, name), text);
} else {
  for (const name of new Set([...texts.keys(), ...readdirSync(reports)])) {
    const file = join(reports, name);
    const kept = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (kept !== texts.get(name)) problems.add(`api/${basename(file)} ${firstDifference(kept, texts.get(name) ?? '')}`);
  }
}

function firstDifference(kept, now) {
  const [before, after] = [kept.split('\n'), now.split('\n')];
  const at = before.findIndex((line, i) => line !== after[i]);
  return `differs from line ${String(at + 1)} on:\n  - ${before[at] ?? ''}\n  + ${after[at] ?? ''}`;
}

if (problems.size > 0) {
  console.error([...problems].sort().join('\n'));
  console.error(
    '\nThe public API is not as its reports say. If the change is meant: npm run build && npm run api:update',
  );
  process.exit(1);
}
