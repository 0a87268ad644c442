import { AsyncCassandraSession, sessionInternalsOf } from '../session/async-session.js';
import { isObject } from '../util/option-checks.js';
import type { SessionSurface } from './session-surface.js';

interface HasStats {
  getStats(): unknown;
}

function hasStats(metrics: unknown): metrics is HasStats {
  return isObject(metrics) && typeof metrics['getStats'] === 'function';
}

/** What the collectors of the session's cluster have gathered; empty if there are none, or they fail. */
export async function appMetricsOf(session: SessionSurface): Promise<Readonly<Record<string, unknown>>> {
  const metrics = session instanceof AsyncCassandraSession ? sessionInternalsOf(session).metrics : null;
  if (!hasStats(metrics)) return {};
  try {
    const stats: unknown = await metrics.getStats();
    return isObject(stats) ? stats : {};
  } catch {
    // What a collector does wrong is no finding about the cluster.
    return {};
  }
}
