import { OperationTimedOut } from '../errors.js';
import { AsyncCassandraSession, sessionInternalsOf } from '../session/async-session.js';
import { throwIfAborted } from '../util/abort.js';
import { isObject } from '../util/option-checks.js';
import { within } from '../util/within.js';
import type { SessionSurface } from './session-surface.js';

interface HasStats {
  getStats(): unknown;
}

function hasStats(metrics: unknown): metrics is HasStats {
  return isObject(metrics) && typeof metrics['getStats'] === 'function';
}

/**
 * What the collectors of the session's cluster have gathered; empty if there are none, or they fail, or do not say within
 * `timeoutMs`.
 *
 * @throws the signal's reason.
 */
export async function appMetricsOf(
  session: SessionSurface,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const metrics = session instanceof AsyncCassandraSession ? sessionInternalsOf(session).metrics : null;
  if (!hasStats(metrics)) return {};
  const error = (): Error => new OperationTimedOut('The metrics collectors do not answer', { timeoutMs });
  try {
    const stats = await within(Promise.resolve(metrics.getStats()), { timeout: { ms: timeoutMs, error }, signal });
    return isObject(stats) ? stats : {};
  } catch {
    throwIfAborted(signal);
    // What a collector does wrong is no finding about the cluster.
    return {};
  }
}
