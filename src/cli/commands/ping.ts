import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionError, ConnectionMonitor, RoundRobinPolicy, type Host } from '../../index.js';
import type { Connected } from '../connection.js';
import type { ConnectionFlags } from '../options.js';
import { visible } from '../text/display-width.js';
import { Table } from '../text/table.js';
import { connected } from './connect.js';
import type { CommandContext } from './context.js';

export interface PingFlags extends ConnectionFlags {
  readonly count: number;
  readonly interval: number;
  readonly json?: boolean;
}

/** How one node answered. */
export interface NodeReport {
  readonly node: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly version: string;
  readonly protocol: number;
  readonly answered: number;
  readonly asked: number;
  readonly minMs: number | null;
  readonly medianMs: number | null;
  readonly maxMs: number | null;
  /** The last failure. */
  readonly error: string | null;
}

export async function ping(context: CommandContext, positional: readonly string[], flags: PingFlags): Promise<void> {
  // Every node is to be asked, those of other datacenters too.
  const options = { loadBalancingPolicy: new RoundRobinPolicy() };
  const silent = await connected(
    context,
    flags,
    async (connection) => {
      const reports = await pingAll(connection, flags, context.io.signal);
      const { clusterName } = connection.cluster.metadata;
      if (flags.json === true) await context.printJson({ cluster: clusterName, nodes: reports });
      else await context.printLines(reportLines(clusterName, reports));
      return reports.filter((report) => report.answered < report.asked);
    },
    { positional, options },
  );
  if (silent.length === 0) return;
  const told = silent.map(
    ({ node, answered, asked, error }) =>
      `${node}: ${String(asked - answered)} of ${String(asked)} pings failed: ${error ?? ''}`,
  );
  throw new ConnectionError(told.join('\n'));
}

/** All nodes at the same time, each node's pings one after the other. */
async function pingAll({ cluster, session }: Connected, flags: PingFlags, signal: AbortSignal): Promise<NodeReport[]> {
  const monitor = new ConnectionMonitor(session, { probeTimeoutMs: flags.timeout * 1000 });
  const protocol = monitor.getConnectionSummary().protocolVersion;
  const nodes = [...cluster.metadata.hosts].sort((a, b) =>
    a.endpoint.localeCompare(b.endpoint, 'en', { numeric: true }),
  );
  // The very first request waits for connections; how long that takes is no latency.
  await monitor.warmupConnections({ signal });
  return Promise.all(nodes.map((host) => pingOne(monitor, host, protocol, flags, signal)));
}

async function pingOne(
  monitor: ConnectionMonitor,
  host: Host,
  protocol: number,
  { count, interval }: PingFlags,
  signal: AbortSignal,
): Promise<NodeReport> {
  const latencies: number[] = [];
  let failure: string | null = null;
  for (let i = 0; i < count; i++) {
    if (i > 0 && interval > 0) await delay(interval * 1000, undefined, { signal });
    const { latencyMs, lastError } = await monitor.checkHostHealth(host, { signal });
    if (latencyMs === null) failure = lastError ?? 'no answer';
    else latencies.push(latencyMs);
  }
  latencies.sort((a, b) => a - b);
  return {
    node: host.endpoint,
    datacenter: host.datacenter,
    rack: host.rack,
    version: host.releaseVersion,
    protocol,
    answered: latencies.length,
    asked: count,
    minMs: rounded(latencies.at(0)),
    medianMs: rounded(median(latencies)),
    maxMs: rounded(latencies.at(-1)),
    error: failure,
  };
}

/** Of numbers in order. */
function median(sorted: readonly number[]): number | undefined {
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1000) / 1000;
}

function reportLines(clusterName: string, reports: readonly NodeReport[]): string[] {
  const texts = ['node', 'datacenter', 'rack', 'version', 'protocol'];
  const numbers = ['answered', 'min ms', 'median ms', 'max ms'];
  const table = new Table([
    ...texts.map((name) => ({ name, isNumeric: false })),
    ...numbers.map((name) => ({ name, isNumeric: true })),
  ]);
  const ms = (value: number | null): string => value?.toFixed(2) ?? '-';
  const rows = reports.map((report) => [
    ...[report.node, report.datacenter, report.rack, report.version].map(visible),
    `v${String(report.protocol)}`,
    `${String(report.answered)}/${String(report.asked)}`,
    ms(report.minMs),
    ms(report.medianMs),
    ms(report.maxMs),
  ]);
  const count = `${String(reports.length)} ${reports.length === 1 ? 'node' : 'nodes'}`;
  return [`Cluster '${visible(clusterName)}', ${count}`, '', ...table.lines(rows)];
}
