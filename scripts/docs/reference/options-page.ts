import { EXECUTE_OPTION_CHECKS, FOREIGN_EXECUTE_OPTIONS } from '../../../src/session/options/execute-options.js';
import { CLUSTER_TABLE, POOLING_TABLE, type OptionRow } from '../../../src/session/options/cluster-table.js';
import { FOREIGN_CLUSTER_OPTIONS } from '../../../src/session/options/foreign-names.js';
import { PROFILE_CHECKS } from '../../../src/session/options/profiles.js';
import { STREAM_OPTION_CHECKS } from '../../../src/result/stream-config.js';
import { STATEMENT_OPTION_CHECKS } from '../../../src/statement/statement-options.js';
import type { OptionCheck, OptionChecks } from '../../../src/util/option-checks.js';
import { docstring, interfaceMembers } from './declarations.js';
import { code, GENERATED, page, prose, table } from './markdown.js';

/** What a check says of a value that no option takes: 'must be …; got …'. */
function rule(check: OptionCheck | undefined): string {
  const problem = check?.(Symbol('none')) ?? '';
  const must = problem.replace(/; got .*$/s, '').replace(/^must be /, '');
  return must === '' ? '' : `Must be ${must}.`;
}

/** In one cell, so that wide types leave room for what an option means. */
function nameAndType(name: string, type: string): string {
  return `${code(name)}<br>${code(type)}`;
}

function types(module: string, name: string): ReadonlyMap<string, string> {
  return new Map(interfaceMembers(module, name).map((member) => [member.name, member.type]));
}

/** Options that stand in a table of the source, which the client itself takes its defaults and checks from. */
function fromTable(module: string, name: string, rows: Readonly<Record<string, OptionRow<unknown>>>): string {
  const typeOf = types(module, name);
  return table(
    ['option', 'default', 'meaning'],
    Object.entries(rows).map(([option, { check, shown, doc }]) => [
      nameAndType(option, typeOf.get(option) ?? ''),
      /^[\w ]+$/.test(shown) && !/^\d+$|^(?:true|false)$/.test(shown) ? shown : shown === '–' ? '–' : code(shown),
      prose(`${doc} ${rule(check)}`.trim()),
    ]),
  );
}

/** Options that an interface describes: its docstrings say what holds if one is left out. */
function fromInterface(module: string, name: string, checks: OptionChecks = {}): string {
  return table(
    ['option', 'meaning'],
    interfaceMembers(module, name).map((member) => [
      nameAndType(member.name, member.type),
      prose(`${member.doc} ${rule(checks[member.name])}`.trim()),
    ]),
  );
}

function foreign(names: Readonly<Record<string, string>>): string {
  return table(
    ['name elsewhere', 'answer'],
    Object.entries(names).map(([name, answer]) => [code(name), prose(answer)]),
  );
}

interface Section {
  readonly title: string;
  readonly module: string;
  readonly name: string;
  readonly intro: string;
  readonly checks?: OptionChecks;
}

const SECTIONS: readonly Section[] = [
  {
    title: 'Values',
    module: 'protocol/codec/registry',
    name: 'ValueOptions',
    intro:
      '`values: { … }` of the cluster. How each CQL type is read and bound: [values and types](../values-and-types.md).',
  },
  {
    title: 'Execution profiles',
    module: 'session/options/profiles',
    name: 'ExecutionProfileOptions',
    intro:
      '`executionProfiles: { default: { … }, name: { … } }` of the cluster. A profile inherits from `default`. ' +
      "The options of a call beat the statement's, and the statement's beat the profile's.",
    checks: PROFILE_CHECKS,
  },
  {
    title: 'Calls',
    module: 'session/options/execute-options',
    name: 'ExecuteOptions',
    intro: 'The last argument of `execute`, `executeBatch` and, beside those of streams, of `executeStream`.',
    checks: EXECUTE_OPTION_CHECKS,
  },
  {
    title: 'Streams',
    module: 'result/stream-config',
    name: 'StreamConfig',
    intro: 'The last argument of `executeStream`. See [streaming](../streaming.md).',
    checks: STREAM_OPTION_CHECKS,
  },
  {
    title: 'Statements',
    module: 'statement/statement-options',
    name: 'StatementOptions',
    intro:
      'Of `SimpleStatement` and `BatchStatement`, and properties of every statement. See [statements](../statements.md).',
    checks: STATEMENT_OPTION_CHECKS,
  },
  {
    title: 'Batches',
    module: 'statement/batch-statement',
    name: 'BatchStatementOptions',
    intro: 'The argument of `new BatchStatement()`.',
    checks: STATEMENT_OPTION_CHECKS,
  },
  {
    title: 'Concurrent execution',
    module: 'session/concurrent',
    name: 'ConcurrentOptions',
    intro: 'The last argument of `executeConcurrent`.',
  },
  {
    title: 'connect',
    module: 'session/cluster-handle',
    name: 'ConnectOptions',
    intro: 'Of `cluster.connect(keyspace, options)`.',
  },
  {
    title: 'shutdown',
    module: 'session/cluster-handle',
    name: 'ShutdownOptions',
    intro: 'Of `cluster.shutdown(options)`.',
  },
  {
    title: 'prepare',
    module: 'session/async-session',
    name: 'PrepareOptions',
    intro: 'Of `session.prepare(query, options)`.',
  },
  { title: 'AsyncRetryPolicy', module: 'policies/retry', name: 'AsyncRetryPolicyOptions', intro: '' },
  {
    title: 'ExponentialReconnectionPolicy',
    module: 'policies/reconnection',
    name: 'ExponentialReconnectionOptions',
    intro: '',
  },
  { title: 'DCAwareRoundRobinPolicy', module: 'policies/round-robin', name: 'DCAwareRoundRobinOptions', intro: '' },
  {
    title: 'TokenAwarePolicy',
    module: 'policies/token-aware',
    name: 'TokenAwareOptions',
    intro: 'The second argument.',
  },
  {
    title: 'ConstantSpeculativeExecutionPolicy',
    module: 'policies/speculative',
    name: 'ConstantSpeculativeExecutionOptions',
    intro: '',
  },
  {
    title: 'PercentileSpeculativeExecutionPolicy',
    module: 'policies/speculative',
    name: 'PercentileSpeculativeExecutionOptions',
    intro: '',
  },
  { title: 'MonotonicTimestampGenerator', module: 'policies/timestamps', name: 'MonotonicTimestampOptions', intro: '' },
  {
    title: 'RateLimitedSession',
    module: 'monitoring/request-limiter',
    name: 'RateLimitOptions',
    intro: 'The second argument.',
  },
  {
    title: 'InMemoryMetricsCollector',
    module: 'observe/metrics/in-memory',
    name: 'InMemoryMetricsOptions',
    intro: '',
  },
  {
    title: 'PrometheusMetricsCollector',
    module: 'metrics/prometheus/index',
    name: 'PrometheusMetricsOptions',
    intro: 'Of `async-cassandra/metrics/prometheus`.',
  },
  {
    title: 'instrument',
    module: 'metrics/opentelemetry/index',
    name: 'InstrumentOptions',
    intro: 'The second argument of `instrument` of `async-cassandra/metrics/opentelemetry`.',
  },
  {
    title: 'startCassandra',
    module: 'embedded/options',
    name: 'EmbeddedOptions',
    intro: 'Of `async-cassandra/embedded`. See [testing](../testing.md).',
  },
];

export function optionsPage(): string {
  return page(
    '# Options',
    GENERATED,
    'Durations are in milliseconds; their names end in `Ms`. An unknown option, or a value that an option does not take, ' +
      'is a `ConfigurationError` that names all that is wrong at once.',
    '## Cluster',
    prose(`${docstring('session/options/cluster-options', 'AsyncClusterOptions')} \`new AsyncCluster({ … })\`.`),
    fromTable('session/options/cluster-options', 'AsyncClusterOptions', CLUSTER_TABLE),
    '## Pooling',
    '`pooling: { … }` of the cluster. See [pooling and protocol](../pooling-and-protocol.md).',
    fromTable('session/options/cluster-options', 'PoolingOptions', POOLING_TABLE),
    ...SECTIONS.flatMap(({ title, module, name, intro, checks }) => [
      `## ${title}`,
      intro,
      fromInterface(module, name, checks),
    ]),
    '## Names from elsewhere',
    'Names that the Python library and `cassandra-driver` use are answered with what stands for them here.',
    foreign({ ...FOREIGN_EXECUTE_OPTIONS, ...FOREIGN_CLUSTER_OPTIONS }),
  );
}
