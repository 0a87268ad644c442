import type { Connection } from '../connection/connection.js';
import type { SchemaChange } from '../protocol/messages/index.js';
import { EventWindow } from './event-window.js';
import type { TopologySnapshot } from './topology-reader.js';

/** Who acts on changes of the schema. */
export interface SchemaNewsListener {
  /** Types may be others since this change; null: changes may have been missed. It may be told twice of one. */
  onTypesChange(change: SchemaChange | null): void;
  /** By now every node should know of these changes. */
  onSettled(changes: readonly SchemaChange[]): void;
}

/** Makes sure that no change of the schema passes unheard: not one that nodes hear of late, and none made in silence. */
export class SchemaNews {
  readonly #listener: SchemaNewsListener;
  readonly #window: EventWindow;
  /** Since the window was opened. */
  #changes: SchemaChange[] = [];
  /** As of the last look at the topology. */
  #version: string | null = null;
  /** The control connection that it was read by. */
  #toldBy: Connection | null = null;

  constructor(windowMs: number, listener: SchemaNewsListener) {
    this.#listener = listener;
    this.#window = new EventWindow(windowMs, () => {
      this.#settle();
    });
  }

  /** An event told of it; there may be nodes that do not know of it yet. */
  onEvent(change: SchemaChange): void {
    this.#listener.onTypesChange(change);
    this.#changes.push(change);
    this.#window.touch();
  }

  /** Announces the changes once more: a node that had not heard of one may have answered with the old types meanwhile. */
  #settle(): void {
    const changes = this.#changes;
    this.#changes = [];
    for (const change of changes) this.#listener.onTypesChange(change);
    this.#listener.onSettled(changes);
  }

  /** Changes that were made while there was no control connection were told to nobody. */
  onTopology({ schemaVersion }: TopologySnapshot, connection: Connection): void {
    if (connection !== this.#toldBy && schemaVersion !== this.#version) this.#listener.onTypesChange(null);
    this.#toldBy = connection;
    this.#version = schemaVersion;
  }

  close(): void {
    this.#window.close();
  }
}
