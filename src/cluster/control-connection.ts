import { clusterIsClosed } from '../connection/closed.js';
import type { Connection, ConnectionOwner } from '../connection/connection.js';
import { UnsupportedProtocol } from '../connection/handshake.js';
import { TlsRefused } from '../connection/transport.js';
import { AuthenticationFailed, ConfigurationError, ConnectionError, NoHostAvailable } from '../errors.js';
import { Opcode } from '../protocol/constants.js';
import { EventType, type ServerEvent, writeRegister } from '../protocol/messages/index.js';
import { formatEndpoint } from '../topology/host.js';
import { throwIfAborted } from '../util/abort.js';
import { withJitter } from '../util/jitter.js';
import { shuffle } from '../util/shuffle.js';
import { asError } from '../util/thrown.js';
import { within } from '../util/within.js';
import { Backoff } from './backoff.js';
import type { Address, Connector } from './connector.js';
import { resolveContactPoints } from './contact-points.js';
import { firstSuccess } from './first-success.js';
import type { ClusterSettings, Log } from './settings.js';
import { readTopology, type TopologySnapshot } from './topology-reader.js';

/**
 * Between two rounds at the most. The policy may say more, for one host that is down; but a client without any host
 * can do nothing at all, and one round costs the cluster one connection.
 */
const LONGEST_PAUSE_MS = 2500;
/** A host that has not answered for so long does not keep the next one waiting, up to so many at a time. */
const PATIENCE_MS = 500;
const MOST_ATTEMPTS = 4;

/** What the control connection tells the cluster. */
export interface ControlObserver {
  /** Called whenever the topology was read, first of all when a control connection opens. */
  onTopology(snapshot: TopologySnapshot, connection: Connection): Promise<void>;
  /** There is a control connection (again): what happened while there was none was not heard. */
  onControlConnection(): void;
  onEvent(event: ServerEvent): void;
  /** Known hosts, best first, to try before the contact points. */
  candidates(): readonly Address[];
  log: Log;
}

/**
 * The one connection that asks who is in the cluster and hears of changes. When it is lost it goes to the next host;
 * when every host is lost, the contact points' names are resolved again in each round, for ever.
 */
export class ControlConnection implements ConnectionOwner {
  readonly #settings: ClusterSettings;
  readonly #connector: Connector;
  readonly #observer: ControlObserver;
  #connection: Connection | null = null;
  /** Open, but not asked yet all that must be known before one is taken. */
  readonly #pending = new Set<Connection>();
  #contactPoints: readonly Address[] = [];
  readonly #backoff: Backoff;
  #timer: NodeJS.Timeout | null = null;
  #searching = false;
  #refreshing = false;
  /** Something happened that the read under way may not show, or that there was no connection to read with. */
  #refreshAsked = false;
  /** Aborted when the cluster is closed. */
  readonly #closing = new AbortController();

  constructor(settings: ClusterSettings, connector: Connector, observer: ControlObserver) {
    this.#settings = settings;
    this.#connector = connector;
    this.#observer = observer;
    this.#backoff = new Backoff(settings.reconnectionPolicy, observer.log);
  }

  get connection(): Connection | null {
    return this.#connection;
  }

  /** Where the contact points' names led to when they were last resolved. */
  get contactPoints(): readonly Address[] {
    return this.#contactPoints;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** One round over all that is known. Throws if none of them will do, and as soon as the cluster is closed. */
  async start(): Promise<void> {
    const errors = new Map<string, Error>();
    this.#searching = true;
    try {
      const { signal } = this.#closing;
      const found = await within(this.#round(errors), { signal });
      throwIfAborted(signal);
      if (!found) throw verdict(errors);
    } finally {
      this.#searching = false;
    }
  }

  /** Asks all that are known until one can be the control connection's host. */
  async #round(errors: Map<string, Error>): Promise<boolean> {
    const candidates = this.#candidates(errors);
    const goesOn = ({ address, port }: Address, error: Error): boolean => {
      errors.set(formatEndpoint(address, port), error);
      // What is wrong with our own options is wrong everywhere, and wrong passwords lock accounts.
      return !this.isClosed && !(error instanceof AuthenticationFailed || error instanceof ConfigurationError);
    };
    for (;;) {
      const found = await firstSuccess(candidates, (candidate) => this.#open(candidate), {
        patienceMs: PATIENCE_MS,
        most: MOST_ATTEMPTS,
        goesOn,
        discard: ({ connection }) => {
          connection.close();
        },
      });
      if (found === null) return false;
      try {
        await this.#adopt(found);
        return true;
      } catch (error) {
        found.connection.close();
        if (!goesOn(found.candidate, asError(error))) return false;
      }
    }
  }

  /** The hosts that are known, then where the contact points' names lead now. */
  async *#candidates(errors: Map<string, Error>): AsyncGenerator<Address, void, undefined> {
    const tried = new Set<string>();
    for (const known of this.#observer.candidates()) {
      tried.add(formatEndpoint(known.address, known.port));
      yield known;
    }
    this.#contactPoints = await resolveContactPoints(this.#settings.contactPoints, errors);
    for (const point of shuffle([...this.#contactPoints])) {
      if (!tried.has(formatEndpoint(point.address, point.port))) yield point;
    }
  }

  async #open(candidate: Address): Promise<Found> {
    const connection = await this.#connector.open(candidate, null, this);
    this.#pending.add(connection);
    try {
      throwIfAborted(this.#closing.signal);
      await connection.request(
        {
          opcode: Opcode.REGISTER,
          flags: 0,
          writeBody: (writer) => {
            writeRegister(writer, [EventType.TOPOLOGY_CHANGE, EventType.STATUS_CHANGE, EventType.SCHEMA_CHANGE]);
          },
        },
        this.#settings.controlConnectionTimeoutMs,
      );
      // Only now: of what changes after it was read an event tells.
      const snapshot = await readTopology(connection, this.#settings, this.#closing.signal);
      return { candidate, connection, snapshot };
    } catch (error) {
      this.#pending.delete(connection);
      connection.close();
      throw error;
    }
  }

  async #adopt({ connection, snapshot }: Found): Promise<void> {
    await this.#observer.onTopology(snapshot, connection);
    if (this.isClosed || !connection.isOpen) {
      throw new ConnectionError(`The control connection to ${connection.endpoint} was lost at once`);
    }
    this.#pending.delete(connection);
    this.#connection = connection;
    this.#backoff.reset();
    this.#observer.onControlConnection();
    if (this.#refreshAsked) void this.refresh();
  }

  /**
   * Reads the topology again, now or as soon as there is a connection to read it with. One read at a time: of two side by
   * side the older one could have the last word.
   */
  async refresh(): Promise<void> {
    this.#refreshAsked = true;
    if (this.#refreshing) return;
    this.#refreshing = true;
    while (this.#refreshAsked && this.#connection !== null) {
      this.#refreshAsked = false;
      await this.#readAgain(this.#connection);
    }
    this.#refreshing = false;
  }

  async #readAgain(connection: Connection): Promise<void> {
    try {
      const snapshot = await readTopology(connection, this.#settings, this.#closing.signal);
      if (connection === this.#connection) await this.#observer.onTopology(snapshot, connection);
    } catch (error) {
      if (this.isClosed) return;
      this.#observer.log({ level: 'warn', message: 'The topology could not be read again', error });
      connection.close();
    }
  }

  /** Now, not at the end of the back-off: a host was heard of. */
  retryNow(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    void this.#search();
  }

  async #search(): Promise<void> {
    if (this.#searching || this.#closing.signal.aborted || this.#connection !== null) return;
    this.#searching = true;
    const errors = new Map<string, Error>();
    const found = await this.#round(errors);
    this.#searching = false;
    if (found || this.isClosed) return;
    const delay = Math.min(this.#backoff.next(), withJitter(LONGEST_PAUSE_MS, 0.15));
    this.#observer.log({
      level: 'warn',
      message: `No host answers the control connection; next round in ${String(Math.round(delay))} ms`,
      error: new NoHostAvailable(errors),
    });
    this.#searchIn(delay);
  }

  #searchIn(delay: number): void {
    // Whoever read in the log that no host answers may have given up.
    if (this.isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#search();
    }, delay);
  }

  onConnectionClosed(connection: Connection, error: Error | null): void {
    this.#pending.delete(connection);
    if (connection !== this.#connection) return;
    this.#connection = null;
    if (this.isClosed) return;
    this.#observer.log({
      level: 'info',
      message: `The control connection to ${connection.endpoint} is lost`,
      host: connection.endpoint,
      ...(error === null ? {} : { error }),
    });
    void this.#search();
  }

  onConnectionDraining(): void {
    // It is closed as soon as nothing is under way, and then replaced.
  }

  onConnectionFree(): void {
    // Nobody waits in line for this connection.
  }

  onEvent(event: ServerEvent): void {
    this.#observer.onEvent(event);
  }

  close(): void {
    const reason = clusterIsClosed();
    this.#closing.abort(reason);
    for (const connection of [...this.#pending]) connection.close(reason);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#connection?.close();
    this.#connection = null;
  }
}

/** A host that could be the control connection's. */
interface Found {
  readonly candidate: Address;
  readonly connection: Connection;
  readonly snapshot: TopologySnapshot;
}

/** What a failed start-up throws: the one reason that no other attempt can cure, or all hosts' reasons. */
function verdict(errors: Map<string, Error>): Error {
  const all = new NoHostAvailable(errors);
  for (const error of errors.values()) {
    if (error instanceof ConfigurationError) return error;
    if (error instanceof AuthenticationFailed) return withAllCauses(error, all);
  }
  const causes = [...errors.values()];
  const [first] = causes;
  const areAll = (kind: typeof UnsupportedProtocol | typeof TlsRefused): boolean =>
    causes.every((error) => error instanceof kind);
  // One and the same refusal by every host is said in its own words.
  if (first !== undefined && (areAll(UnsupportedProtocol) || areAll(TlsRefused))) {
    return new ConnectionError(first.message, { cause: all });
  }
  return all;
}

/** The same refusal, with what every host said as its cause. */
function withAllCauses({ message, host, protocolCode, coordinator }: AuthenticationFailed, cause: Error): Error {
  return new AuthenticationFailed(message, { cause, host, protocolCode, coordinator });
}
