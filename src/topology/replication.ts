/** How many replicas of each row there are: 'x', or 'x/y' where y of the x are transient. */
export interface ReplicationFactor {
  /** All replicas, transient ones included. */
  readonly all: number;
  /** Replicas that keep only data not yet repaired (transient replication, CEP-1). */
  readonly transient: number;
}

/** A keyspace's replication setting. Two settings with the same `key` place every row alike. */
export type Replication =
  | { readonly kind: 'none'; readonly key: string }
  | { readonly kind: 'simple'; readonly key: string; readonly factor: ReplicationFactor }
  | { readonly kind: 'network'; readonly key: string; readonly factors: ReadonlyMap<string, ReplicationFactor> };

/** LocalStrategy, and every strategy whose rules are not known: no node is preferred. */
export const NO_REPLICATION: Replication = { kind: 'none', key: 'none' };

/** Reads the `replication` map of system_schema.keyspaces, such as { class: 'SimpleStrategy', replication_factor: '3' }. */
export function parseReplication(options: Readonly<Record<string, string>>): Replication {
  const strategy = options['class'] ?? '';
  const name = strategy.slice(strategy.lastIndexOf('.') + 1);
  if (name === 'SimpleStrategy') return parseSimple(options);
  if (name === 'NetworkTopologyStrategy') return parseNetwork(options);
  return NO_REPLICATION;
}

function parseSimple(options: Readonly<Record<string, string>>): Replication {
  const factor = parseFactor(options['replication_factor'] ?? '');
  if (factor === null) return NO_REPLICATION;
  return { kind: 'simple', key: `simple:${describe(factor)}`, factor };
}

function parseNetwork(options: Readonly<Record<string, string>>): Replication {
  const factors = new Map<string, ReplicationFactor>();
  for (const [datacenter, text] of Object.entries(options)) {
    // 'replication_factor' is expanded to datacenters by the server when the keyspace is made, and not kept.
    if (datacenter === 'class' || datacenter === 'replication_factor') continue;
    const factor = parseFactor(text);
    if (factor !== null) factors.set(datacenter, factor);
  }
  if (factors.size === 0) return NO_REPLICATION;
  const parts = [...factors].map(([datacenter, factor]) => `${JSON.stringify(datacenter)}=${describe(factor)}`);
  return { kind: 'network', key: `network:${parts.sort().join(',')}`, factors };
}

function parseFactor(text: string): ReplicationFactor | null {
  const match = /^\s*(\d{1,9})\s*(?:\/\s*(\d{1,9})\s*)?$/.exec(text);
  if (match === null) return null;
  const all = Number(match[1]);
  const transient = Number(match[2] ?? 0);
  return all > 0 && transient < all ? { all, transient } : null;
}

function describe(factor: ReplicationFactor): string {
  return `${String(factor.all)}/${String(factor.transient)}`;
}
