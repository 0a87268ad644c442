import { ConnectionError } from '../errors.js';
import { RingQueue } from '../util/ring-queue.js';

type Begin = () => void;

/** Somebody who waits while another tries to reach the same host. */
interface Follower {
  readonly begin: Begin;
  readonly giveUp: (error: ConnectionError) => void;
}

/**
 * Lets attempts to connect through: one for each host at a time, and so many in all. A client that knows a thousand
 * hosts would otherwise start a thousand handshakes in one turn, and every pool would try a host that is down.
 */
export class AttemptGate {
  readonly #most: number;
  readonly #line = new RingQueue<Begin>();
  readonly #followers = new Map<string, Follower[]>();
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Attempts under way now. */
  get running(): number {
    return this.#running;
  }

  /**
   * Runs the attempt when its turn comes. If somebody tries to reach the host already and cannot, that error is the
   * outcome: a second attempt would tell the same.
   */
  async run<T>(host: string, attempt: () => Promise<T>): Promise<T> {
    await this.#follow(host);
    await this.#standInLine();
    try {
      const outcome = await attempt();
      this.#leave(host, null);
      return outcome;
    } catch (error) {
      this.#leave(host, error instanceof ConnectionError ? error : null);
      throw error;
    }
  }

  /** Resolves when nobody else tries to reach the host. */
  async #follow(host: string): Promise<void> {
    const followers = this.#followers.get(host);
    if (followers === undefined) this.#followers.set(host, []);
    else {
      await new Promise<void>((begin, giveUp) => {
        followers.push({ begin, giveUp });
      });
    }
  }

  async #standInLine(): Promise<void> {
    if (this.#running >= this.#most) {
      await new Promise<void>((begin) => {
        this.#line.push(begin);
      });
    } else this.#running++;
  }

  /** An attempt has ended; `failure` says that the host cannot be reached. */
  #leave(host: string, failure: ConnectionError | null): void {
    const begin = this.#line.shift();
    // Its place goes to the next in line, if there is one.
    if (begin === undefined) this.#running--;
    else begin();
    const followers = this.#followers.get(host) ?? [];
    if (failure !== null) for (const follower of followers.splice(0)) follower.giveUp(failure);
    const next = followers.shift();
    if (next === undefined) this.#followers.delete(host);
    else next.begin();
  }
}
