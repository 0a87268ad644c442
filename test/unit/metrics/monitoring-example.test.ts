import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { createMetricsSystem } from '../../../src/index.js';
import { PrometheusMetricsCollector } from '../../../src/metrics/prometheus/index.js';
import { closeConnection, error, rows } from '../../../src/testing/index.js';
import { benchOf, failure, until } from '../../faults/support.js';

const FOLDER = new URL('../../../examples/monitoring/', import.meta.url);
/** What Prometheus itself adds to every series. */
const TARGET_LABELS = ['job', 'instance'];

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}
interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}
interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}
interface Expression {
  readonly metrics: readonly { readonly name: string; readonly matchers: readonly Matcher[] }[];
  /** Of `by (…)` and the like: each metric of the expression has them. */
  readonly grouping: readonly string[];
}

/** The labels of each series, by the name of the metric, with the values that were seen. */
type Exposed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

let exposed: Exposed;
let text: string;

/** A scrape in which every metric has a series: the faults that bring them about are made first. */
async function scrapeAfterFaults(): Promise<string> {
  const registry = new Registry();
  const metrics = createMetricsSystem({ prometheus: new PrometheusMetricsCollector({ registry }) });
  await using two = await benchOf(2, { metrics });
  const [first, second] = two.nodes;
  assert.ok(first && second);
  first.on(/FROM users/, rows([{ id: 1 }]));
  first.on(/FROM bad/, error('INVALID'));
  first.on(/FROM busy/, error('OVERLOADED'));
  await two.session.execute('SELECT * FROM busy');
  await failure(two.session.execute('SELECT * FROM bad'));
  for await (const row of await two.session.executeStream('SELECT * FROM users')) assert.ok(row);
  second.on(/FROM last/, closeConnection());
  await failure(two.session.execute('INSERT INTO t (a) SELECT * FROM last', undefined, { host: second.contactPoint }));
  await until(() => two.cluster.statistics.totals.connectionErrors > 0, 'the lost connection');
  return await registry.metrics();
}

function readScrape(scrape: string): Exposed {
  const metrics = new Map<string, Map<string, Set<string>>>();
  for (const line of scrape.split('\n')) {
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = metrics.get(name) ?? new Map<string, Set<string>>();
    metrics.set(name, known);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
  return metrics;
}

/** Fails on what is no PromQL. Grafana's variables stand for what they are replaced with. */
function readExpression(expression: string): Expression {
  const source = expression.replaceAll('$__rate_interval', '5m');
  const metrics: { name: string; matchers: Matcher[] }[] = [];
  const grouping: string[] = [];
  parser.parse(source).iterate({
    enter: ({ type, from, to, node }) => {
      assert.ok(!type.isError, `no PromQL at ${String(from)}: ${source}`);
      const part = source.slice(from, to);
      if (type.name === 'Identifier') metrics.push({ name: part, matchers: [] });
      if (type.name === 'LabelName' && node.parent?.name === 'GroupingLabels') grouping.push(part);
      if (type.name !== 'UnquotedLabelMatcher') return;
      const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(part) ?? [];
      metrics.at(-1)?.matchers.push({ label, operator, value });
    },
  });
  assert.ok(metrics.length > 0, `no metric in ${source}`);
  return { metrics, grouping };
}

function checkMatcher(where: string, name: string, { label, value }: Matcher): void {
  if (TARGET_LABELS.includes(label)) return;
  const values = exposed.get(name)?.get(label);
  assert.ok(values, `${where}: ${name} has no label ${label}`);
  if (value.startsWith('$')) return;
  // Kinds of connection errors cannot all be made here; the help text of the metric names them.
  const help = new RegExp(`^# HELP ${name} (.*)$`, 'm').exec(text)?.[1] ?? '';
  for (const one of value.split('|')) {
    assert.ok(values.has(one) || help.split(/\W+/).includes(one), `${where}: ${name}{${label}} is never ${one}`);
  }
}

/** Returns the labels that all metrics of the expression have. */
function checkExpression(where: string, expression: string): Set<string> {
  const { metrics, grouping } = readExpression(expression);
  const common = new Set([...TARGET_LABELS, ...[...exposed.values()].flatMap((labels) => [...labels.keys()])]);
  for (const { name, matchers } of metrics) {
    const labels = name === 'up' ? new Map<string, ReadonlySet<string>>() : exposed.get(name);
    assert.ok(labels, `${where}: there is no metric ${name}`);
    for (const label of common) if (!labels.has(label) && !TARGET_LABELS.includes(label)) common.delete(label);
    for (const label of grouping) {
      assert.ok(labels.has(label) || TARGET_LABELS.includes(label), `${where}: ${name} has no label ${label}`);
    }
    for (const matcher of matchers) checkMatcher(where, name, matcher);
  }
  return /\bby\b/.test(expression) ? new Set(grouping) : common;
}

function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

before(async () => {
  text = await scrapeAfterFaults();
  exposed = readScrape(text);
});

test('each metric and label of the alert rules is in a scrape, and so is what their texts show', () => {
  const rules = (parse(read('alerts.yml')) as Rules).groups.flatMap((group) => group.rules);
  assert.ok(rules.length >= 10);
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, expr, annotations } of rules) {
    const labels = checkExpression(alert, expr);
    for (const [, label = ''] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)) {
      assert.ok(labels.has(label), `${alert}: its series have no label ${label}`);
    }
  }
});

test('each metric and label of the dashboard is in a scrape, and so is what its legends and variables show', () => {
  const { panels, templating } = JSON.parse(read('grafana-dashboard.json')) as Dashboard;
  assert.ok(panels.length >= 10);
  for (const { title, targets } of panels) {
    for (const { expr, legendFormat } of targets) {
      const labels = checkExpression(title, expr);
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        assert.ok(labels.has(label), `${title}: its series have no label ${label}`);
      }
    }
  }
  for (const { name, query } of templating.list) {
    const asked = /label_values\((.*), (\w+)\)"/.exec(JSON.stringify(query).replaceAll('\\"', '"'));
    if (asked === null) continue;
    assert.equal(asked[2], name);
    checkExpression(name, `max by (${name}) (${asked[1] ?? ''})`);
  }
  const used = new Set(
    JSON.stringify(panels)
      .match(/\$(?!__)\{?(\w+)/g)
      ?.map((one) => one.replace(/\W/g, '')),
  );
  assert.deepEqual([...used].sort(), templating.list.map(({ name }) => name).sort());
});

test('Prometheus scrapes the job that the alerts are about, and reads these alerts', () => {
  const config = parse(read('prometheus.yml')) as {
    rule_files: string[];
    scrape_configs: { job_name: string; metrics_path: string }[];
  };
  assert.deepEqual(config.rule_files, ['alerts.yml']);
  const [job] = config.scrape_configs;
  assert.ok(job);
  assert.equal(job.metrics_path, '/metrics');
  const jobs = [...read('alerts.yml').matchAll(/job="([^"]*)"/g)].map(([, name]) => name);
  assert.deepEqual(jobs, [job.job_name]);
});

test('the checks can fail', () => {
  for (const wrong of [
    'cassandra_query_total',
    'rate(cassandra_queries_total[5m)',
    'sum by (host) (cassandra_queries_total)',
    'cassandra_queries_total{success="false"}',
    'cassandra_queries_total{type="simple"}',
  ]) {
    assert.throws(() => checkExpression('wrong', wrong), assert.AssertionError, wrong);
  }
});
