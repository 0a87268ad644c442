import { NO_HOSTS, type Host } from './host.js';
import type { Replication, ReplicationFactor } from './replication.js';

/** What is asked of a token ring here. */
export interface TokenRanges {
  /** The host of each token, in token order. */
  readonly owners: readonly Host[];
  indexOf(bytes: Uint8Array, start: number, end: number): number;
  indexOfToken(token: bigint): number;
}

/** The replicas of every token range under one replication setting. Never changed: users' policies are handed its lists. */
export class ReplicaMap {
  readonly #ring: TokenRanges;
  readonly #lists: readonly (readonly Host[])[];

  constructor(ring: TokenRanges, lists: readonly (readonly Host[])[]) {
    this.#ring = ring;
    this.#lists = lists;
  }

  /** The hosts that hold the partition key bytes[start, end), of all datacenters, in ring order: the primary first. */
  replicasFor(bytes: Uint8Array, start = 0, end: number = bytes.length): readonly Host[] {
    const lists = this.#lists;
    return lists.length === 0 ? NO_HOSTS : (lists[this.#ring.indexOf(bytes, start, end)] ?? NO_HOSTS);
  }

  /** The hosts that hold the keys with this token. */
  replicasForToken(token: bigint): readonly Host[] {
    return this.#lists[this.#ring.indexOfToken(token)] ?? NO_HOSTS;
  }

  /** The hosts that hold the range that ends at the ring's token of this index. */
  replicasAt(index: number): readonly Host[] {
    return this.#lists[index] ?? NO_HOSTS;
  }
}

/** An item that can be taken out of its list and put to the front in a few steps. */
interface Linked<T> {
  before: T | null;
  after: T | null;
}

interface List<T> {
  first: T | null;
  length: number;
}

/** A host in one group's walk around the ring. */
interface Place extends Linked<Place> {
  readonly host: Host;
  readonly group: Group;
  readonly rack: Rack;
  /** The next position on the ring, from where the walk stands, at which this host has a token. */
  next: number;
}

interface Rack extends Linked<Rack> {
  /** The rack's host that comes next on the ring. */
  first: Place | null;
}

/** The hosts among which one replication factor is dealt out: a datacenter, or the whole ring for SimpleStrategy. */
interface Group {
  readonly factor: ReplicationFactor;
  /** All hosts met, the one that comes next on the ring first. */
  readonly places: List<Place>;
  /** All racks met, the one that comes next on the ring first. */
  readonly racks: List<Rack>;
  /** The full replicas of the position where the walk stands, in ring order. */
  chosen: readonly Place[];
}

/**
 * Works out the replicas of every range in one walk around the ring, backwards. Going backwards, the host of the
 * current token moves to the front of its group's list, so that each list always holds the hosts in the order in which
 * a walk forwards would meet them. Each position so costs about its number of replicas, however far a forward walk to a
 * rare rack or a small datacenter would be.
 */
export class ReplicaMapBuilder {
  readonly #ring: TokenRanges;
  readonly #onFinish: (map: ReplicaMap) => void;
  readonly #layout: Layout;
  /** The walk's place for each token; found in the first round. */
  readonly #places: (Place | null)[];
  #lists: (readonly Host[])[];
  /** Positions count down from twice the ring's length: the first round only learns what comes after the last token. */
  #position: number;
  #map: ReplicaMap | null = null;

  constructor(ring: TokenRanges, replication: Replication, onFinish: (map: ReplicaMap) => void) {
    this.#ring = ring;
    this.#onFinish = onFinish;
    this.#layout = new Layout(replication);
    const length = replication.kind === 'none' ? 0 : ring.owners.length;
    this.#places = new Array<Place | null>(length).fill(null);
    this.#lists = new Array<readonly Host[]>(length).fill(NO_HOSTS);
    this.#position = 2 * length;
  }

  /** Works on at most so many tokens; true once all are done. */
  buildSome(tokens: number): boolean {
    const length = this.#places.length;
    for (let left = tokens; this.#position > 0 && left > 0; left--) {
      const position = --this.#position;
      if (position >= length) this.#learn(position, position - length);
      else this.#record(position);
      if (position === length) this.#endLearning();
    }
    return this.#position === 0;
  }

  #learn(position: number, index: number): void {
    const owner = this.#ring.owners[index];
    const place = owner === undefined ? null : this.#layout.placeOf(owner);
    if (place === null) return;
    this.#places[index] = place;
    moveToFront(place, position);
  }

  #endLearning(): void {
    const { groups } = this.#layout;
    for (const group of groups) group.chosen = choose(group);
    if (groups.length > 0) return;
    // The setting names no datacenter that there is.
    this.#lists = [];
    this.#position = 0;
  }

  #record(position: number): void {
    const place = this.#places[position] ?? null;
    if (place !== null) {
      moveToFront(place, position);
      place.group.chosen = choose(place.group);
    }
    this.#lists[position] = this.#merge();
  }

  /** The finished map; does whatever is still to do. */
  finish(): ReplicaMap {
    if (this.#map === null) {
      this.buildSome(Infinity);
      this.#map = new ReplicaMap(this.#ring, this.#lists);
      this.#onFinish(this.#map);
    }
    return this.#map;
  }

  /** Every group's choice in one list, in ring order. */
  #merge(): readonly Host[] {
    const { groups } = this.#layout;
    const [first] = groups;
    if (groups.length === 1 && first !== undefined) return hostsOf(first.chosen);
    const merged: Place[] = [];
    for (const group of groups) merged.push(...group.chosen);
    return hostsOf(merged.sort(byNext));
  }
}

function hostsOf(places: readonly Place[]): readonly Host[] {
  return Object.freeze(places.map(({ host }) => host));
}

function byNext(a: Place, b: Place): number {
  return a.next - b.next;
}

/** Sorts hosts, as they are met, into the groups and racks of one replication setting. */
class Layout {
  readonly groups: Group[] = [];
  readonly #replication: Replication;
  readonly #groups = new Map<string, Group>();
  readonly #racks = new Map<string, Rack>();
  readonly #places = new Map<Host, Place | null>();

  constructor(replication: Replication) {
    this.#replication = replication;
  }

  /** Null for a host that takes no part. */
  placeOf(host: Host): Place | null {
    let place = this.#places.get(host);
    if (place === undefined) {
      place = this.#newPlace(host);
      this.#places.set(host, place);
    }
    return place;
  }

  #newPlace(host: Host): Place | null {
    const replication = this.#replication;
    if (replication.kind === 'none') return null;
    const simple = replication.kind === 'simple';
    const factor = simple ? replication.factor : replication.factors.get(host.datacenter);
    if (factor === undefined) return null;
    const groupKey = simple ? '' : host.datacenter;
    let group = this.#groups.get(groupKey);
    if (group === undefined) {
      group = { factor, places: { first: null, length: 0 }, racks: { first: null, length: 0 }, chosen: [] };
      this.#groups.set(groupKey, group);
      this.groups.push(group);
    }
    // SimpleStrategy knows no racks: all hosts are in one.
    const rackKey = simple ? '' : JSON.stringify([host.datacenter, host.rack]);
    let rack = this.#racks.get(rackKey);
    if (rack === undefined) {
      rack = { first: null, before: null, after: null };
      this.#racks.set(rackKey, rack);
    }
    return { host, group, rack, next: -1, before: null, after: null };
  }
}

function moveToFront(place: Place, position: number): void {
  toFront(place.group.places, place);
  toFront(place.group.racks, place.rack);
  place.rack.first = place;
  place.next = position;
}

function toFront<T extends Linked<T>>(list: List<T>, item: T): void {
  if (list.first === item) return;
  const { before, after } = item;
  if (before === null) {
    // Only the first item has none before it, so this one is new.
    list.length++;
  } else {
    before.after = after;
    if (after !== null) after.before = before;
  }
  item.before = null;
  item.after = list.first;
  if (list.first !== null) list.first.before = item;
  list.first = item;
}

/**
 * NetworkTopologyStrategy in one datacenter: walking forwards, the first host of each rack is taken, and hosts of racks
 * already met only as far as there are fewer racks than replicas. The last ones are the transient replicas; they lack
 * repaired data, so a request is not routed to them.
 */
function choose(group: Group): Place[] {
  const { places, racks, factor } = group;
  const repeats = factor.all - racks.length;
  const wanted = Math.min(factor.all, places.length);
  const chosen: Place[] = [];
  for (let rack = racks.first; rack !== null && chosen.length < wanted; rack = rack.after) {
    if (rack.first !== null) chosen.push(rack.first);
  }
  let repeated = 0;
  for (let place = places.first; place !== null && repeated < repeats && chosen.length < wanted; place = place.after) {
    if (place.rack.first === place) continue;
    chosen.push(place);
    repeated++;
  }
  chosen.sort(byNext);
  const missing = factor.all - wanted;
  const transient = Math.max(factor.transient - missing, 0);
  return transient === 0 ? chosen : chosen.slice(0, wanted - transient);
}
