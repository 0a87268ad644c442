/** Counts operations, their latencies and the CPU time of this process, step by step. */
export class Ledger {
  readonly #steps: Step[] = [];

  /** Runs one step; `operation` is called around each single operation to time it. */
  async step<T>(name: string, work: (operation: <R>(run: () => Promise<R>) => Promise<R>) => Promise<T>): Promise<T> {
    const latencies: number[] = [];
    const cpuBefore = process.cpuUsage();
    const operation = async <R>(run: () => Promise<R>): Promise<R> => {
      const before = performance.now();
      try {
        return await run();
      } finally {
        latencies.push(performance.now() - before);
      }
    };
    const result = await work(operation);
    const cpu = process.cpuUsage(cpuBefore);
    latencies.sort((a, b) => a - b);
    this.#steps.push({ name, latencies, cpuMicros: cpu.user + cpu.system });
    return result;
  }

  print(): void {
    const head = ['step', 'operations', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU µs/op'];
    const rows = this.#steps.map(({ name, latencies, cpuMicros }) => [
      name,
      latencies.length.toLocaleString('en'),
      percentile(latencies, 0.5),
      percentile(latencies, 0.95),
      percentile(latencies, 0.99),
      (cpuMicros / Math.max(latencies.length, 1)).toFixed(0),
    ]);
    const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
    for (const row of [head, ...rows]) {
      console.log(
        `   ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`,
      );
    }
  }
}

interface Step {
  readonly name: string;
  /** Sorted, in milliseconds. */
  readonly latencies: readonly number[];
  readonly cpuMicros: number;
}

function percentile(sorted: readonly number[], share: number): string {
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return (sorted[at] ?? 0).toFixed(2);
}
