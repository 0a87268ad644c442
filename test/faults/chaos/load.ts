import assert from 'node:assert/strict';
import {
  AsyncCassandraError,
  BatchStatement,
  SimpleStatement,
  type AsyncCassandraSession,
  type ExecuteOptions,
  type PreparedStatement,
} from '../../../src/index.js';
import { Dice } from './dice.js';
import { PLAIN_WRITE, READ, SERIES, SERIES_LENGTH, valueOf, WRITE, type World } from './world.js';

/** Beyond a request's own time; a machine may be busy for that long. */
const PATIENCE_MS = 10_000;

/** Requests of all kinds, several at a time, each of which checks what it was told against what the world knows. */
export class Load {
  readonly #session: AsyncCassandraSession;
  readonly #world: World;
  readonly #dice: Dice;
  readonly #write: PreparedStatement;
  #nextKey = 0;
  #underWay = 0;
  /** What was not as it must be. */
  readonly wrong: string[] = [];
  /** How many requests came to what end, for those who read the test's output. */
  readonly outcomes = new Map<string, number>();
  /** Keys that must not have been written more than once, and how their writes ended. */
  readonly #once = new Map<number, 'acknowledged' | 'failed' | 'not executed'>();
  readonly #acknowledged: number[] = [];

  static async of(session: AsyncCassandraSession, world: World, seed: number): Promise<Load> {
    return new Load(session, world, new Dice(seed), await session.prepare(WRITE, { timeoutMs: PATIENCE_MS }));
  }

  private constructor(session: AsyncCassandraSession, world: World, dice: Dice, write: PreparedStatement) {
    this.#session = session;
    this.#world = world;
    this.#dice = dice;
    this.#write = write;
  }

  /** So many requests at a time, for so long, or until the session is closed. */
  async run(inFlight: number, ms: number): Promise<void> {
    const end = performance.now() + ms;
    const worker = async (): Promise<void> => {
      while (performance.now() < end && !this.#session.isClosed) await this.#sendOne();
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  }

  /** What the world has of each write, against what its caller was told. */
  verify(): void {
    const { applied } = this.#world;
    for (const [key, outcome] of this.#once) {
      const times = applied.get(key) ?? 0;
      const most = outcome === 'not executed' ? 0 : 1;
      if (times > most) this.wrong.push(`the write of ${String(key)}, ${outcome}, was applied ${String(times)} times`);
    }
    const lost = this.#acknowledged.filter((key) => !applied.has(key));
    if (lost.length > 0) this.wrong.push(`acknowledged, but not applied: ${lost.join(', ')}`);
    assert.deepEqual(this.wrong, []);
    assert.equal(this.#underWay, 0);
  }

  async #sendOne(): Promise<void> {
    const dice = this.#dice;
    const timeoutMs = dice.among([20, 100, 300, 1000]);
    const options: ExecuteOptions = { timeoutMs, isIdempotent: dice.percent(50) };
    const kind = dice.among(['read', 'read', 'write', 'write', 'plain write', 'batch', 'series', 'stream']);
    const abort = dice.percent(5) ? AbortSignal.timeout(dice.below(50)) : null;
    const late = setTimeout(() => {
      this.wrong.push(`a ${kind} with ${String(timeoutMs)} ms was not settled`);
    }, timeoutMs + PATIENCE_MS);
    this.#underWay++;
    try {
      await this.#send(kind, abort === null ? options : { ...options, signal: abort });
      this.#count(`${kind}: done`);
    } catch (error) {
      this.#count(`${kind}: ${error instanceof Error ? error.name : String(error)}`);
      const isExpected = error instanceof AsyncCassandraError || (abort?.aborted === true && error === abort.reason);
      if (!isExpected) this.wrong.push(`a ${kind} failed by ${String(error)}`);
    } finally {
      this.#underWay--;
      clearTimeout(late);
    }
  }

  #send(kind: string, options: ExecuteOptions): Promise<void> {
    switch (kind) {
      case 'read':
        return this.#read(options);
      case 'series':
        return this.#readSeries(options);
      case 'stream':
        return this.#stream(options);
      case 'batch':
        return this.#writeKeys([this.#nextKey++, this.#nextKey++], options, ([first, second]) => {
          const batch = new BatchStatement();
          batch.add(this.#write, [first, valueOf(first ?? 0)]).add(WRITE, [second, valueOf(second ?? 0)]);
          return this.#session.executeBatch(batch, options);
        });
      case 'plain write':
        return this.#writeKeys([this.#nextKey++], options, ([key]) =>
          this.#session.execute(new SimpleStatement(`${PLAIN_WRITE}${String(key)}, 'v')`), undefined, options),
        );
      default:
        return this.#writeKeys([this.#nextKey++], options, ([key]) =>
          this.#session.execute(this.#dice.percent(50) ? this.#write : WRITE, [key, valueOf(key ?? 0)], options),
        );
    }
  }

  async #writeKeys(
    keys: readonly number[],
    { isIdempotent }: ExecuteOptions,
    send: (keys: readonly number[]) => Promise<unknown>,
  ): Promise<void> {
    const note = (outcome: 'acknowledged' | 'failed' | 'not executed'): void => {
      if (isIdempotent !== true) for (const key of keys) this.#once.set(key, outcome);
    };
    note('failed');
    try {
      await send(keys);
      note('acknowledged');
      this.#acknowledged.push(...keys);
    } catch (error) {
      if (error instanceof AsyncCassandraError && 'notExecuted' in error && error.notExecuted === true) {
        note('not executed');
      }
      throw error;
    }
  }

  async #read(options: ExecuteOptions): Promise<void> {
    const key = this.#dice.below(1000);
    const { rows } = await this.#session.execute(READ, [key], options);
    if (rows.length !== 1 || rows[0]?.['k'] !== key || rows[0]['v'] !== valueOf(key)) {
      this.wrong.push(`asked for ${String(key)}, got ${JSON.stringify(rows)}`);
    }
  }

  async #readSeries(options: ExecuteOptions): Promise<void> {
    const key = this.#dice.below(1000);
    const { rows } = await this.#session.execute(SERIES, [key], { ...options, fetchSize: 1 + this.#dice.below(30) });
    this.#checkSeries(key, rows);
  }

  async #stream(options: ExecuteOptions): Promise<void> {
    const key = this.#dice.below(1000);
    const rows: Record<string, unknown>[] = [];
    const stream = await this.#session.executeStream(SERIES, [key], {
      ...options,
      fetchSize: 1 + this.#dice.below(30),
      prefetchPages: this.#dice.below(3),
    });
    for await (const row of stream) rows.push(row);
    this.#checkSeries(key, rows);
  }

  #checkSeries(key: number, rows: readonly Record<string, unknown>[]): void {
    if (rows.length !== SERIES_LENGTH || rows.some(({ k, n }, index) => k !== key || n !== index)) {
      this.wrong.push(`the series ${String(key)} came as ${JSON.stringify(rows)}`);
    }
  }

  #count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }
}
