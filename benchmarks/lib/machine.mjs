// What the figures were measured on.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';

function versionOf(file) {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).version;
}

function commit() {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  try {
    return execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { cwd }).toString().trim();
  } catch {
    return 'unknown';
  }
}

export function describeMachine() {
  const [cpu] = os.cpus();
  return {
    date: new Date().toISOString(),
    platform: `${os.type()} ${os.arch()}`,
    cpu: `${os.cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    loadAverage: os.loadavg()[0],
    node: process.version,
    commit: commit(),
    asyncCassandra: versionOf('../../package.json'),
    cassandraDriver: versionOf('../node_modules/cassandra-driver/package.json'),
  };
}
