/** Weight of the newest latency in the moving average. */
const WEIGHT = 0.1;

/** What the client has seen of one host. */
export class HostStats {
  /** Moving average in milliseconds; null before the first answer. */
  latencyMs: number | null = null;
  /** Requests that the host has not answered yet, given up or not, on all of the client's connections to it. */
  outstanding = 0;
  requests = 0;
  errors = 0;
  retries = 0;
  timeouts = 0;

  recordLatency(ms: number): void {
    const before = this.latencyMs;
    this.latencyMs = before === null ? ms : before + (ms - before) * WEIGHT;
  }
}
