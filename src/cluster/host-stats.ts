/** Weight of the newest latency in the moving average. */
const WEIGHT = 0.1;

/** What the client has seen of one host. */
export class HostStats {
  /** Moving average in milliseconds; null before the first answer. */
  latencyMs: number | null = null;
  requests = 0;
  errors = 0;
  retries = 0;
  timeouts = 0;

  recordLatency(ms: number): void {
    const before = this.latencyMs;
    this.latencyMs = before === null ? ms : before + (ms - before) * WEIGHT;
  }
}
