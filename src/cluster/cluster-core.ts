import { clusterIsClosed } from '../connection/closed.js';
import type { Connection } from '../connection/connection.js';
import { ConfigurationError, ConnectionError, NoHostAvailable } from '../errors.js';
import type { ClusterView, HostDistance, LoadBalancingPolicy } from '../policies/load-balancing.js';
import type { SchemaChange, SchemaEvent, ServerEvent } from '../protocol/messages/index.js';
import { formatEndpoint, type Host, type HostFacts, type MutableHost, setHostUp } from '../topology/host.js';
import { isMurmur3Partitioner } from '../topology/token-ring.js';
import { onAbort, throwIfAborted } from '../util/abort.js';
import { callHook, watchOutcome } from '../util/hook-outcome.js';
import { LastWord } from '../util/last-word.js';
import { shuffle } from '../util/shuffle.js';
import { SliceQueue } from '../util/slice-queue.js';
import { AdaptiveLimit } from './adaptive-limit.js';
import { Connector, isKeyspaceRefusal, type Address } from './connector.js';
import { ControlConnection, type ControlObserver } from './control-connection.js';
import { ControlQueries } from './control-query.js';
import { EventWindow } from './event-window.js';
import type { HostPool, PoolObserver } from './host-pool.js';
import { KnownHost, statsOf } from './known-host.js';
import { localDatacenterOf } from './local-datacenter.js';
import { claimPolicies, releasePolicies } from './policy-owners.js';
import { PoolGroup } from './pool-group.js';
import { readReplication } from './replication-reader.js';
import { RoutingTable, type Routing, type RoutingNews } from './routing-table.js';
import { SchemaCache } from './schema-cache.js';
import { SchemaNews } from './schema-news.js';
import type { ClusterSettings, Log } from './settings.js';
import { schemaIsInAgreement, type TopologySnapshot } from './topology-reader.js';

/** What the cluster tells the public API. */
export interface ClusterListener {
  onHost(change: 'hostUp' | 'hostDown' | 'hostAdded' | 'hostRemoved', host: Host): void;
  onSchemaChanged(event: SchemaEvent): void;
  readonly log: Log;
}

const NEAREST_FIRST: readonly HostDistance[] = ['local', 'remote', 'ignored'];
const AGREEMENT_POLL_MS = 200;
const IDLE_LOOK_MS = 500;
/** How often a cluster that is closed looks whether its requests have ended. */
const DRAIN_LOOK_MS = 5;
/** Every client is told of a node that comes up in the same moment: they spread their first attempts over so long. */
const HINT_SPREAD_MS = 1000;
/** A translator may do better next time (a name that could not be resolved), and no event tells of it. */
const TRANSLATE_AGAIN_MS = 30_000;
/** Once one host can be used, so long does the start wait for the others: the first requests should find them all. */
const OTHERS_GRACE_MS = 500;

/** The cluster as this client knows it: its hosts, who holds which keys, the connections to them. */
export class ClusterCore implements ControlObserver, PoolObserver, ClusterView {
  readonly settings: ClusterSettings;
  readonly log: Log;
  clusterName = '';
  localDatacenter = '';
  /** Never changed, but replaced whole. */
  hosts: readonly KnownHost[] = [];

  /** Called when a host that was down has a connection again. */
  onPoolReady: ((pool: HostPool) => void) | null = null;
  /** Requests that have not come to their end, wherever they are: in line, on the wire, between two pages. */
  requestsUnderWay = 0;
  /** Types may be others since this change; null: changes may have been missed. */
  onTypesChange: ((change: SchemaChange | null) => void) | null = null;

  connectAsked = false;
  readonly queries: ControlQueries;
  readonly schema: SchemaCache;
  /** Who holds which keys. */
  readonly routing: Routing;
  /** Where large pages are decoded without blocking the event loop. */
  readonly pageWork: SliceQueue;

  readonly #listener: ClusterListener;
  readonly #connector: Connector;
  readonly #control: ControlConnection;
  readonly #policies: readonly LoadBalancingPolicy[];
  readonly #byId = new Map<string, KnownHost>();
  readonly #groups = new Map<string | null, PoolGroup>();
  readonly #topologyWindow: EventWindow;
  readonly #statusWindow: EventWindow;
  readonly #translationWindow: EventWindow;
  readonly #schemaNews: SchemaNews;
  readonly #routing = new RoutingTable();
  readonly #replicationReads = new LastWord();
  #syncing: NodeJS.Immediate | null = null;
  #started = false;
  #drainIsOver = false;
  /** Aborted when the cluster is closed. */
  readonly #closing = new AbortController();

  /** `policies` are all load balancing policies in use, those of profiles among them. */
  constructor(settings: ClusterSettings, policies: readonly LoadBalancingPolicy[], listener: ClusterListener) {
    this.settings = settings;
    this.log = listener.log;
    this.#listener = listener;
    this.#policies = policies;
    this.#connector = new Connector(settings);
    this.#control = new ControlConnection(settings, this.#connector, this);
    const { maxRequestsPerConnection } = settings.pooling;
    this.queries = new ControlQueries(this, settings.controlConnectionTimeoutMs, maxRequestsPerConnection);
    this.routing = this.#routing;
    this.schema = new SchemaCache((query, parameters) => this.queries.ask(query, parameters));
    this.pageWork = new SliceQueue((ms) => (settings.counters.decodeMs += ms));
    const refresh = (): void => void this.#control.refresh();
    this.#topologyWindow = new EventWindow(settings.topologyEventRefreshWindowMs, refresh);
    this.#statusWindow = new EventWindow(settings.statusEventRefreshWindowMs, refresh);
    this.#translationWindow = new EventWindow(TRANSLATE_AGAIN_MS, refresh);
    this.#schemaNews = new SchemaNews(settings.schemaEventRefreshWindowMs, {
      onTypesChange: (change) => this.onTypesChange?.(change),
      onSettled: (changes) => {
        if (changes.some(({ target }) => target === 'KEYSPACE')) void this.refreshReplication();
      },
    });
  }

  // ---- start and end -----------------------------------------------------------------------------------------------

  /** Connects to the cluster. Throws the reason if that fails; may be called again then. */
  async start(): Promise<void> {
    this.connectAsked = true;
    try {
      await this.#control.start();
    } catch (error) {
      releasePolicies(this.#policies, this);
      throw error;
    }
    this.#started = true;
    this.#connector.clusterName = this.clusterName;
    // The first requests should find who has their keys.
    await this.#routing.settled();
  }

  /** Aborted as soon as the cluster is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  async close(drainTimeoutMs: number): Promise<void> {
    const end = performance.now() + drainTimeoutMs;
    const left = (): number => (this.#drainIsOver ? 0 : Math.max(0, end - performance.now()));
    this.#closing.abort(clusterIsClosed());
    this.#topologyWindow.close();
    this.#statusWindow.close();
    this.#schemaNews.close();
    this.#translationWindow.close();
    if (this.#syncing !== null) clearImmediate(this.#syncing);
    this.#control.close();
    this.queries.close();
    await this.#drain(left);
    this.#connector.close();
    this.#routing.close();
    for (const group of this.#groups.values()) group.close();
    this.pageWork.close(clusterIsClosed());
    releasePolicies(this.#policies, this);
    this.#groups.clear();
  }

  /** What is under way is waited for no longer: a cluster that is being closed closes its connections within moments. */
  endDrain(): void {
    this.#drainIsOver = true;
  }

  /** The pools serve whatever is under way: what waits in line or for a preparation, and the pages that follow. */
  async #drain(left: () => number): Promise<void> {
    // A request whose statement was prepared just now is about to be made.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.requestsUnderWay > 0 && left() > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(DRAIN_LOOK_MS, left())));
    }
  }

  // ---- pools -------------------------------------------------------------------------------------------------------

  /** The pools for a keyspace, opened: throws if no host can be used in it. Release it when it is no longer used. */
  async acquire(keyspace: string | null): Promise<PoolGroup> {
    let group = this.#groups.get(keyspace);
    if (group === undefined) {
      group = new PoolGroup(keyspace, this.settings, this.#connector, this, this);
      this.#groups.set(keyspace, group);
    }
    group.users++;
    try {
      this.#sync(group);
      await this.#firstPool(group);
      return group;
    } catch (error) {
      this.release(group);
      throw error;
    }
  }

  /**
   * The nearest distance that any policy gives: a host that one policy uses needs connections. An invalid value ranks
   * before all others, so that the pools see and refuse it.
   */
  distance(host: Host): HostDistance {
    let nearest: HostDistance = 'ignored';
    for (const policy of this.#policies) {
      const distance = policy.distance(host);
      if (NEAREST_FIRST.indexOf(distance) < NEAREST_FIRST.indexOf(nearest)) nearest = distance;
    }
    return nearest;
  }

  #sync(group: PoolGroup): void {
    group.sync(this.hosts.filter((host) => host.isReachable));
  }

  #syncAll(): void {
    for (const group of this.#groups.values()) {
      callHook(() => {
        this.#sync(group);
      }, this.#onPolicyFailure);
    }
  }

  /** A host went up or down: the policies may use others now. Runs once a turn, however many hosts changed in it. */
  #syncSoon(): void {
    if (this.#closing.signal.aborted) return;
    this.#syncing ??= setImmediate(() => {
      this.#syncing = null;
      this.#syncAll();
    });
  }

  /** Waits until all hosts were tried; once one can be used, the others have a moment more, or may follow. */
  async #firstPool(group: PoolGroup): Promise<void> {
    const pools = [...group.pools];
    const usable = (): boolean => pools.some((pool) => pool.connections.length > 0);
    throwIfAborted(this.#closing.signal);
    if (usable()) return;
    await new Promise<void>((resolve) => {
      let left = pools.length;
      let grace: NodeJS.Timeout | null = null;
      const end = (): void => {
        if (grace !== null) clearTimeout(grace);
        stopListening();
        resolve();
      };
      const stopListening = onAbort(this.#closing.signal, end);
      if (left === 0) end();
      for (const pool of pools) {
        void pool.fill().then(() => {
          left--;
          if (left === 0) end();
          else if (pool.connections.length > 0) grace ??= setTimeout(end, OTHERS_GRACE_MS);
        });
      }
    });
    throwIfAborted(this.#closing.signal);
    if (usable()) return;
    const errors = new Map(
      pools.map((pool) => [pool.host.endpoint, pool.lastError ?? new ConnectionError('No connection')]),
    );
    // What is the caller's, not the hosts', is thrown as it is: a keyspace that does not exist, options that are wrong.
    const callers = [...errors.values()].find(
      (error) => isKeyspaceRefusal(error) || error instanceof ConfigurationError,
    );
    throw callers ?? new NoHostAvailable(errors);
  }

  /** A session leaves the group. The last one's connections are closed once they have been idle for a while. */
  release(group: PoolGroup): void {
    group.users--;
    if (group.users === 0) this.#closeWhenIdle(group, 0);
  }

  /** Requests that read page after page have short pauses: only two looks without any work mean that it is over. */
  #closeWhenIdle(group: PoolGroup, idleLooks: number): void {
    const timer = setTimeout(() => {
      if (group.users > 0 || this.#groups.get(group.keyspace) !== group) return;
      const looks = group.isIdle ? idleLooks + 1 : 0;
      if (looks < 2) {
        this.#closeWhenIdle(group, looks);
        return;
      }
      this.#groups.delete(group.keyspace);
      group.close();
    }, IDLE_LOOK_MS);
    timer.unref();
  }

  /** All pools of one host, whatever their keyspace. */
  *poolsOf(host: Host): Iterable<HostPool> {
    for (const group of this.#groups.values()) {
      const pool = group.poolOf(host);
      if (pool !== undefined) yield pool;
    }
  }

  // ---- the cluster as policies see it ------------------------------------------------------------------------------

  inFlight(host: Host): number {
    return statsOf(host)?.outstanding ?? 0;
  }

  latency(host: Host): number | null {
    return statsOf(host)?.latencyMs ?? null;
  }

  /** By 'address', 'address:port' or '[v6]:port'. */
  hostAt(endpoint: string): Host | undefined {
    return this.hosts.find((host) => host.endpoint === endpoint || host.address === endpoint);
  }

  /** True if requests for different keys may go to different hosts. */
  get isRouted(): boolean {
    return this.#routing.isKnown && this.hosts.length > 1;
  }

  // ---- topology ----------------------------------------------------------------------------------------------------

  candidates(): readonly Address[] {
    const rank = (host: Host): number => (host.isUp ? 2 : 0) + (host.datacenter === this.localDatacenter ? 1 : 0);
    // Not in one order for all: every client of a node that goes away looks for another in the same moment.
    const reachable = this.hosts.filter((host) => host.isReachable);
    const order = shuffle(reachable).sort((a, b) => rank(b) - rank(a));
    return order.map(({ address, port }) => ({ address, port }));
  }

  onControlConnection(): void {
    this.schema.clear();
    this.queries.wake();
    for (const host of this.hosts) {
      if (host.isUp || !host.isReachable) continue;
      const pools = [...this.poolsOf(host)];
      // Nobody has told whether it came back meanwhile.
      if (pools.length === 0) this.#markUp(host);
      for (const pool of pools) pool.retrySoon(HINT_SPREAD_MS);
    }
  }

  async onTopology(snapshot: TopologySnapshot, connection: Connection): Promise<void> {
    const replication = await this.#readReplication(connection);
    if (this.#closing.signal.aborted) return;
    if (!this.#started) {
      const { contactPoints } = this.#control;
      this.localDatacenter = localDatacenterOf(snapshot, contactPoints, this.settings.localDatacenter);
    }
    this.clusterName = snapshot.clusterName;
    this.#schemaNews.onTopology(snapshot, connection);
    const changes = this.#merge(snapshot);
    this.hosts = [...this.#byId.values()];
    const facts = { hosts: this.hosts, isRouted: isMurmur3Partitioner(snapshot.partitioner) };
    this.#routing.update(changes.moved ? { ...replication, facts } : replication);
    if (!this.#started) this.#initPolicies();
    this.#announce(changes);
    this.#onUntranslated(snapshot.untranslated);
    const local = this.#byId.get(snapshot.localHostId);
    if (local !== undefined) this.#onReached(local);
  }

  #initPolicies(): void {
    claimPolicies(this.#policies, this);
    for (const policy of this.#policies) {
      // What it throws fails the start; should it be async after all, nobody waits for it.
      const outcome = (policy as { init(view: ClusterView): unknown }).init(this);
      watchOutcome(outcome, this.#onPolicyFailure);
    }
  }

  #onUntranslated(untranslated: ReadonlyMap<string, Error>): void {
    if (untranslated.size > 0) this.#translationWindow.touch();
    for (const [id, error] of untranslated) {
      const host = this.#byId.get(id)?.endpoint;
      this.log({ level: 'warn', message: error.message, error, ...(host === undefined ? {} : { host }) });
    }
  }

  /**
   * The control connection leads to this host, or its address is news. Whether requests can go there is its pools' to
   * say: a host that takes no further connection would be up with each refresh, and down again with the next attempt.
   */
  #onReached(host: KnownHost): void {
    const pools = [...this.poolsOf(host)];
    if (pools.length === 0) this.#markUp(host);
    else if (!host.isUp) for (const pool of pools) pool.retryNow();
  }

  #merge(snapshot: TopologySnapshot): Changes {
    const changes: Changes = { added: [], removed: [], relocated: [], moved: !this.#started };
    for (const [id, facts] of snapshot.hosts) {
      const isTranslated = !snapshot.untranslated.has(id);
      const host = this.#byId.get(id);
      if (host === undefined) {
        changes.added.push(this.#add(id, facts, isTranslated));
        changes.moved = true;
        continue;
      }
      const { endpoint, isReachable, address, port } = host;
      // Where it was reached before is better than where only its peers reach it.
      if (host.update(isReachable && !isTranslated ? { ...facts, address, port } : facts)) changes.moved = true;
      host.isReachable ||= isTranslated;
      if (host.isReachable && (host.endpoint !== endpoint || !isReachable)) changes.relocated.push(host);
    }
    for (const [id, host] of this.#byId) {
      host.namedEndpoint = snapshot.named.get(id) ?? host.namedEndpoint;
      if (snapshot.hosts.has(id)) continue;
      this.#byId.delete(id);
      changes.removed.push(host);
      changes.moved = true;
    }
    return changes;
  }

  #add(id: string, facts: HostFacts, isReachable: boolean): KnownHost {
    const { connectionsPerLocalHost, maxRequestsPerConnection } = this.settings.pooling;
    const host = new KnownHost(id, facts, new AdaptiveLimit(connectionsPerLocalHost * maxRequestsPerConnection));
    host.isReachable = isReachable;
    setHostUp(host, isReachable);
    this.#byId.set(id, host);
    return host;
  }

  /** Tells policies, pools and the user what is new, once `hosts` shows it. */
  #announce(changes: Changes): void {
    for (const host of changes.removed) {
      setHostUp(host, false);
      this.settings.counters.connectionErrorsByHost.delete(host.endpoint);
      if (this.#started) this.#tellPolicies((policy) => policy.onRemove?.(host));
      this.#listener.onHost('hostRemoved', host);
    }
    for (const host of changes.added) {
      if (this.#started) this.#tellPolicies((policy) => policy.onAdd?.(host));
      this.#listener.onHost('hostAdded', host);
    }
    for (const group of this.#groups.values()) for (const host of changes.relocated) group.remove(host);
    this.#syncAll();
    for (const host of changes.relocated) this.#onReached(host);
  }

  #tellPolicies(tell: (policy: LoadBalancingPolicy) => unknown): void {
    for (const policy of this.#policies) callHook(tell, this.#onPolicyFailure, policy);
  }

  /** A policy may be the user's: its failure must not keep the others, or the pools, from hearing the news. */
  readonly #onPolicyFailure = (error: unknown): void => {
    this.log({ level: 'error', message: 'The load balancing policy threw', error });
  };

  onEvent(event: ServerEvent): void {
    const { counters } = this.settings;
    if (event.type === 'SCHEMA_CHANGE') {
      counters.schemaEvents++;
      this.schema.onEvent(event);
      this.#schemaNews.onEvent(event);
      this.#listener.onSchemaChanged(event);
    } else if (event.type === 'TOPOLOGY_CHANGE') {
      counters.topologyEvents++;
      this.#topologyWindow.touch();
    } else if (event.type === 'STATUS_CHANGE') {
      counters.statusEvents++;
      this.#onStatus(event.change, formatEndpoint(event.address, event.port));
    }
  }

  /** A change of this client's own, which all nodes know of: what was read and prepared before counts no more. */
  onSchemaChange(change: SchemaChange): void {
    this.schema.onEvent(change);
    this.onTypesChange?.(change);
  }

  /** An event is a hint: only a connection proves that a host is up, or down. Of hosts without one it is all there is. */
  #onStatus(change: string, endpoint: string): void {
    const host = this.hosts.find((known) => (known.namedEndpoint ?? known.endpoint) === endpoint);
    if (host?.isReachable !== true) {
      this.#statusWindow.touch();
      return;
    }
    const pools = [...this.poolsOf(host)];
    if (change === 'UP') {
      // It may be another one than before: upgraded, or a new node in the place of one that is gone.
      this.#topologyWindow.touch();
      if (pools.length === 0) this.#markUp(host);
      for (const pool of pools) pool.retrySoon(HINT_SPREAD_MS);
    } else if (change === 'DOWN') {
      if (pools.length === 0) this.#markDown(host, null);
      for (const pool of pools) pool.checkHealth();
    }
  }

  /** Keyspaces were created or altered: routing should know at once. */
  async refreshReplication(): Promise<void> {
    const { connection } = this.#control;
    if (connection === null) return;
    try {
      this.#routing.update(await this.#readReplication(connection));
    } catch (error) {
      this.log({ level: 'warn', message: "The keyspaces' replication could not be read again", error });
      // Once more, with the topology, and at another node should this one fail again: no further event would tell of it.
      void this.#control.refresh();
    }
  }

  /** Nothing if a read that was begun later has already told more. */
  async #readReplication(connection: Connection): Promise<RoutingNews> {
    const read = this.#replicationReads.begin();
    const replication = await readReplication(connection, this.settings);
    return this.#replicationReads.take(read) ? { replication } : {};
  }

  // ---- pools report ------------------------------------------------------------------------------------------------

  onPoolUp(pool: HostPool): void {
    const wasDown = !pool.host.isUp;
    this.#markUp(pool.host);
    if (wasDown) this.onPoolReady?.(pool);
  }

  #markUp(host: MutableHost): void {
    if (!setHostUp(host, true)) return;
    this.#tellPolicies((policy) => policy.onUp?.(host));
    this.#syncSoon();
    this.#listener.onHost('hostUp', host);
    for (const pool of this.poolsOf(host)) pool.retryNow();
    this.#control.retryNow();
  }

  onPoolDown(pool: HostPool, error: Error): void {
    if (isKeyspaceRefusal(error)) {
      // It took the connection before it refused the keyspace.
      this.#markUp(pool.host);
      return;
    }
    for (const other of this.poolsOf(pool.host)) if (other.connections.length > 0) return;
    this.#markDown(pool.host, error);
  }

  /** `reason` is null if the cluster said so, of a host that the client does not use. */
  #markDown(host: MutableHost, reason: Error | null): void {
    if (!setHostUp(host, false)) return;
    this.#tellPolicies((policy) => policy.onDown?.(host));
    this.#syncSoon();
    const entry = { message: `Host ${host.endpoint} is down`, host: host.endpoint };
    this.log(reason === null ? { level: 'info', ...entry } : { level: 'warn', ...entry, error: reason });
    this.#listener.onHost('hostDown', host);
  }

  onLimit(pool: HostPool): void {
    const { endpoint, limit } = pool.host;
    this.log({
      level: limit.isCut ? 'warn' : 'info',
      message: limit.isCut
        ? `${endpoint} is overloaded: it gets at most ${String(limit.value)} requests at a time until it does better`
        : `${endpoint} is no longer overloaded`,
      host: endpoint,
    });
  }

  onAttemptFailed(pool: HostPool, error: Error): void {
    this.log({
      level: 'info',
      message: `A connection to ${pool.host.endpoint} could not be opened: ${error.message}`,
      host: pool.host.endpoint,
      error,
    });
  }

  // ---- schema agreement --------------------------------------------------------------------------------------------

  /** One look at whether all live nodes have the same schema, as the node behind the connection sees it. */
  async checkSchemaAgreement(connection = this.#control.connection): Promise<boolean> {
    if (connection === null) return false;
    return schemaIsInAgreement(connection, this.settings, (id) => this.#byId.get(id)?.isUp ?? false);
  }

  /**
   * After a change of the schema: polls until all live nodes agree or maxSchemaAgreementWaitMs is over; says whether
   * they do. `coordinator` leads to the node that made the change: another may not have heard of it, and find that all
   * agree on the schema before.
   */
  async awaitSchemaAgreement(coordinator: Connection | null): Promise<boolean> {
    const giveUpAt = performance.now() + this.settings.maxSchemaAgreementWaitMs;
    while (!this.#closing.signal.aborted) {
      const asked = coordinator?.isOpen === true ? coordinator : this.#control.connection;
      const agreed = await this.checkSchemaAgreement(asked).catch(() => false);
      if (agreed) return true;
      if (performance.now() + AGREEMENT_POLL_MS > giveUpAt) return false;
      await new Promise((resolve) => setTimeout(resolve, AGREEMENT_POLL_MS));
    }
    return false;
  }

  /** For queries on system tables: the control connection, or none while it is being replaced. */
  get controlConnection(): Connection | null {
    return this.#control.connection;
  }
}

interface Changes {
  readonly added: KnownHost[];
  readonly removed: KnownHost[];
  /** Known hosts under a new address, or the first that can be reached. */
  readonly relocated: KnownHost[];
  /** Who owns which tokens is another than before. */
  moved: boolean;
}
