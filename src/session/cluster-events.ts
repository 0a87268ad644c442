import type { LogEntry } from '../cluster/settings.js';
import { ConfigurationError } from '../errors.js';
import type { Host } from '../topology/host.js';
import { callHook } from '../util/hook-outcome.js';
import { aFunction } from '../util/option-checks.js';

/** The schema was changed, by this client or another. */
export interface SchemaChangedEvent {
  /** What was done. */
  readonly change: 'CREATED' | 'UPDATED' | 'DROPPED';
  /** KEYSPACE, TABLE, TYPE, FUNCTION or AGGREGATE. */
  readonly target: string;
  /** The keyspace, or the one that the target lies in. */
  readonly keyspace: string;
  /** The table, type, function or aggregate. */
  readonly name?: string;
  /** A function's or aggregate's argument types. */
  readonly arguments?: readonly string[];
}

/** What listeners of a cluster are given. */
export interface ClusterEvents {
  /** A host that was down is reached again. */
  hostUp: [host: Host];
  /** No connection to a host can be had. (That other nodes call it down is only a reason to ask it, unless the policy leaves it out.) */
  hostDown: [host: Host];
  /** A host is new in the cluster. */
  hostAdded: [host: Host];
  /** A host has left the cluster. */
  hostRemoved: [host: Host];
  /** A keyspace, table, type, function or aggregate was created, altered or dropped, by this client or another. */
  schemaChanged: [event: SchemaChangedEvent];
  /** Something that a log should know: connections lost, hosts that are passed over, slow queries. */
  log: [entry: LogEntry];
}

/** The names that `cluster.on` takes. */
export type ClusterEventName = keyof ClusterEvents;
/** What `cluster.on` takes for the event of that name. */
export type ClusterEventListener<K extends ClusterEventName> = (...event: ClusterEvents[K]) => void;

type Listeners = { [K in ClusterEventName]: Set<ClusterEventListener<K>> };

/**
 * Typed events; an unknown name is a ConfigurationError. A listener that throws or rejects harms neither the driver nor
 * the other listeners.
 */
export class ClusterEmitter {
  readonly #listeners: Listeners = {
    hostUp: new Set(),
    hostDown: new Set(),
    hostAdded: new Set(),
    hostRemoved: new Set(),
    schemaChanged: new Set(),
    log: new Set(),
  };

  on<K extends ClusterEventName>(name: K, listener: ClusterEventListener<K>): void {
    const listeners = this.#listenersOf(name);
    const problem = aFunction(listener);
    if (problem !== null) throw new ConfigurationError(`The listener of '${name}' ${problem}`);
    listeners.add(listener);
  }

  off<K extends ClusterEventName>(name: K, listener: ClusterEventListener<K>): void {
    this.#listenersOf(name).delete(listener);
  }

  /** A caller without types can pass any name. */
  #listenersOf<K extends ClusterEventName>(name: K): Listeners[K] {
    if (Object.hasOwn(this.#listeners, name)) return this.#listeners[name];
    const names = Object.keys(this.#listeners);
    const last = names.pop() ?? '';
    throw new ConfigurationError(`There is no event '${name}': the events are ${names.join(', ')} and ${last}`);
  }

  emit<K extends ClusterEventName>(name: K, ...event: ClusterEvents[K]): void {
    for (const listener of [...this.#listeners[name]]) {
      const onFailure = (error: unknown): void => {
        this.#onFailure(name, error);
      };
      callHook(listener, onFailure, ...event);
    }
  }

  /** A listener of 'log' that fails has nowhere to report to. */
  #onFailure(name: ClusterEventName, error: unknown): void {
    if (name !== 'log') this.emit('log', { level: 'error', message: `A listener of '${name}' threw`, error });
  }
}
