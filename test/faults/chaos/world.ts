import { setTimeout as sleep } from 'node:timers/promises';
import { FakeCluster, reactions, type FakeNode, type FakeRequest, type Reaction } from '../../../src/testing/index.js';
import { Dice } from './dice.js';

export const WRITE = 'INSERT INTO app.items (k, v) VALUES (?, ?)';
export const READ = 'SELECT k, v FROM app.items WHERE k = ?';
export const SERIES = 'SELECT k, n FROM app.series WHERE k = ?';
/** A write without parameters, sent as text; the key is what follows. */
export const PLAIN_WRITE = 'INSERT INTO app.items (k, v) VALUES (';
export const SERIES_LENGTH = 57;

const NODES = 3;
const TABLES = [
  { name: 'items', columns: { k: 'int', v: 'text' }, partitionKey: ['k'] },
  { name: 'series', columns: { k: 'int', n: 'int' }, partitionKey: ['k'] },
];

export function valueOf(key: number): string {
  return `value of ${String(key)}`;
}

/** What a node says when it has not done what it was asked; a client may ask another one. */
const REFUSED = ['OVERLOADED', 'IS_BOOTSTRAPPING', 'UNAVAILABLE'] as const;
/** What it says when it does not know whether it is done. */
const UNSURE = ['WRITE_TIMEOUT', 'WRITE_FAILURE', 'SERVER_ERROR'] as const;
const UNREAD = ['READ_TIMEOUT', 'READ_FAILURE', 'SERVER_ERROR', ...REFUSED] as const;

/**
 * Three fake nodes that keep what is written, answer late, in pieces, wrongly or never, and die and come back: whatever
 * happens to an answer, the world knows how often each write was applied.
 */
export class World implements AsyncDisposable {
  /** `faults` of a hundred answers are none. */
  static async start(seed: number, faults: number): Promise<World> {
    const cluster = await FakeCluster.start({ nodes: NODES, keyspaces: [{ name: 'app', tables: TABLES }] });
    return new World(cluster, new Dice(seed), faults);
  }

  /** How often each key was written. */
  readonly applied = new Map<number, number>();
  readonly #cluster: FakeCluster;
  readonly #dice: Dice;
  readonly #faults: number;
  #isCalm = true;
  #events: Promise<void> | null = null;

  private constructor(cluster: FakeCluster, dice: Dice, faults: number) {
    this.#cluster = cluster;
    this.#dice = dice;
    this.#faults = faults;
    cluster.prepared(READ, {
      parameters: [{ name: 'k', type: 'int' }],
      columns: [
        { name: 'k', type: 'int' },
        { name: 'v', type: 'text' },
      ],
    });
    cluster.prepared(SERIES, {
      parameters: [{ name: 'k', type: 'int' }],
      columns: [
        { name: 'k', type: 'int' },
        { name: 'n', type: 'int' },
      ],
    });
    cluster.on({ opcode: 'EXECUTE', statement: READ }, (request) => this.#read(request));
    cluster.on({ opcode: 'EXECUTE', statement: SERIES }, (request) => this.#readSeries(request));
    cluster.on({ opcode: 'EXECUTE', statement: WRITE }, (request) => this.#write([keyIn(request.values)]));
    cluster.on({ opcode: 'BATCH' }, (request) => this.#writeBatch(request));
    cluster.on({ opcode: 'QUERY', statement: /^INSERT INTO app\.items/ }, ({ query }) =>
      this.#write([Number((query ?? '').slice(PLAIN_WRITE.length).split(',')[0])]),
    );
    cluster.on({ opcode: 'PREPARE' }, () => this.#prepare());
  }

  get contactPoints(): string[] {
    return this.#cluster.nodes.map(({ contactPoint }) => contactPoint);
  }

  /** From now on answers are disturbed, and nodes fail. */
  begin(): void {
    this.#isCalm = false;
    this.#events = this.#letNodesFail();
  }

  /** Ends all faults: every node is up and answers. */
  async calm(): Promise<void> {
    this.#isCalm = true;
    await this.#events;
    for (const node of this.#cluster.nodes) {
      node.resume();
      node.release();
      await node.restart();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.calm();
    await this.#cluster.close();
  }

  // ---- answers -----------------------------------------------------------------------------------------------------

  #read({ values }: FakeRequest): Reaction {
    const k = keyIn(values);
    return this.#answerOf(UNREAD, (reaction) => reaction.rows([{ k, v: valueOf(k) }]));
  }

  #readSeries({ values }: FakeRequest): Reaction {
    const k = keyIn(values);
    return this.#answerOf(UNREAD, (reaction) => reaction.rows({ length: SERIES_LENGTH, row: (n) => ({ k, n }) }));
  }

  #prepare(): Reaction {
    return this.#answerOf(['OVERLOADED', 'SERVER_ERROR'], (reaction) => reaction);
  }

  #writeBatch({ batch, unknownId }: FakeRequest): Reaction {
    // The node's own answer: UNPREPARED.
    if (unknownId !== null) return reactions;
    return this.#write(batch.map(({ values }) => keyIn(values)));
  }

  #write(keys: readonly number[]): Reaction {
    if (!this.#isCalm && this.#dice.percent(this.#faults)) {
      if (this.#dice.percent(20)) return reactions.closeConnection();
      return this.#late().error(this.#dice.among(REFUSED));
    }
    for (const key of keys) this.applied.set(key, (this.applied.get(key) ?? 0) + 1);
    return this.#answerOf(UNSURE, (reaction) => reaction.void());
  }

  /** The answer, or what becomes of it. */
  #answerOf(errors: readonly [string, ...string[]], answer: (reaction: Reaction) => Reaction): Reaction {
    const dice = this.#dice;
    if (this.#isCalm) return answer(reactions);
    const late = this.#late();
    if (!dice.percent(this.#faults)) return answer(dice.percent(10) ? late.chunk(1 + dice.below(9)) : late);
    switch (dice.below(8)) {
      case 0:
        return reactions.drop();
      case 1:
        return late.closeConnection({ reset: dice.percent(50) });
      case 2:
        return answer(late).closeConnection();
      case 3:
        return answer(late.corruptCrc());
      case 4:
        return answer(reactions.delay(dice.below(400)));
      case 5:
        return answer(late.warn('a warning'));
      default:
        return late.error(dice.among(errors) as 'SERVER_ERROR');
    }
  }

  #late(): Reaction {
    return this.#dice.percent(50) ? reactions : reactions.delay(this.#dice.below(20));
  }

  // ---- nodes -------------------------------------------------------------------------------------------------------

  async #letNodesFail(): Promise<void> {
    while (!this.#isCalm) {
      await sleep(this.#dice.below(1000 / this.#faults));
      await this.#letFail(this.#cluster.node(this.#dice.below(NODES)));
    }
  }

  async #letFail(node: FakeNode): Promise<void> {
    const dice = this.#dice;
    switch (dice.below(8)) {
      case 0:
        node.closeConnections({ reset: dice.percent(50) });
        break;
      case 1:
        node.pause();
        await sleep(dice.below(150));
        node.resume();
        break;
      case 2:
        await node.stop();
        if (dice.percent(50)) this.#cluster.pushStatus('DOWN', node);
        await sleep(dice.below(150));
        await node.restart();
        if (dice.percent(50)) this.#cluster.pushStatus('UP', node);
        break;
      case 3:
        this.#cluster.pushStatus(dice.among(['UP', 'DOWN']), node);
        break;
      case 4:
        node.closeOnConnect = true;
        await sleep(dice.below(50));
        node.closeOnConnect = false;
        break;
      case 5:
        node.pushSchema({ change: 'UPDATED', target: 'TABLE', keyspace: 'app', name: dice.among(['items', 'series']) });
        break;
      default:
        node.forgetPrepared();
    }
  }
}

function keyIn(values: readonly (Buffer | null | undefined)[]): number {
  return values[0]?.readInt32BE() ?? -1;
}
