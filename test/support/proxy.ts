import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a proxy does to the bytes that a server sends; changed at any time, for all connections. */
export interface ProxyFaults {
  /** Milliseconds that each piece from the server waits. */
  delayMs: number;
  /** Sizes of the pieces that the server's bytes are handed on in, one a turn; null: as they come. */
  chunk: (() => number) | null;
  /** Nothing goes through, either way, and nothing is closed: what comes is kept until `resume`. */
  blackhole: boolean;
  /** New connections are accepted and go nowhere. */
  halfOpen: boolean;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket | null;
}

/** A TCP proxy in this process that does to a connection what networks do. */
export class Proxy implements AsyncDisposable {
  static async start(target: { readonly address: string; readonly port: number }): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#listener.once('error', reject);
      proxy.#listener.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  readonly faults: ProxyFaults = { delayMs: 0, chunk: null, blackhole: false, halfOpen: false };
  /** Connections accepted so far. */
  accepted = 0;
  /** Bytes from the server since the start or the last `flipBit`. */
  serverBytes = 0;
  /** The flipped bit has gone by. */
  flipped = false;

  /** Where new connections lead. */
  target: { readonly address: string; readonly port: number };
  readonly #listener: Server;
  readonly #links = new Set<Link>();
  #waiting: (() => void)[] = [];
  #flipAt = -1;
  #flipMask = 0;

  private constructor(target: { readonly address: string; readonly port: number }) {
    this.target = target;
    this.#listener = createServer((client) => {
      this.#accept(client);
    });
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get contactPoint(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  get open(): number {
    return this.#links.size;
  }

  #accept(client: Socket): void {
    this.accepted++;
    client.on('error', () => undefined);
    client.setNoDelay(true);
    if (this.faults.halfOpen) {
      const link = { client, server: null };
      this.#links.add(link);
      client.on('close', () => this.#links.delete(link));
      return;
    }
    const server = connect({ host: this.target.address, port: this.target.port, noDelay: true });
    const link: Link = { client, server };
    this.#links.add(link);
    server.on('error', () => undefined);
    client.on('data', (bytes: Buffer) => {
      this.#later(() => server.write(bytes));
    });
    let turn: Promise<void> = Promise.resolve();
    server.on('data', (bytes: Buffer) => {
      const passed = this.#flip(bytes);
      turn = turn.then(() => this.#forward(passed, client));
    });
    server.on('end', () => {
      turn = turn.then(() => {
        client.end();
      });
    });
    // A server that resets the connection sends no end.
    server.on('close', () => {
      turn = turn.then(() => {
        this.#later(() => {
          client.destroySoon();
        });
      });
    });
    client.on('close', () => {
      server.destroy();
      this.#links.delete(link);
    });
  }

  #flip(bytes: Buffer): Buffer {
    const at = this.#flipAt - this.serverBytes;
    this.serverBytes += bytes.length;
    if (at < 0 || at >= bytes.length) return bytes;
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ this.#flipMask;
    this.flipped = true;
    this.#flipAt = -1;
    return copy;
  }

  async #forward(bytes: Buffer, client: Socket): Promise<void> {
    const { delayMs, chunk } = this.faults;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    for (let at = 0; at < bytes.length;) {
      const size = chunk === null ? bytes.length : Math.max(1, chunk());
      const piece = bytes.subarray(at, at + size);
      at += size;
      this.#later(() => client.write(piece));
      if (chunk !== null) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #later(act: () => void): void {
    if (this.faults.blackhole) this.#waiting.push(act);
    else act();
  }

  /** Flips one bit of the server's bytes: the `position`th byte from now on. */
  flipBit(position: number, bit: number): void {
    this.serverBytes = 0;
    this.flipped = false;
    this.#flipAt = position;
    this.#flipMask = 1 << bit;
  }

  /** Ends a blackhole; what was kept goes through. */
  resume(): void {
    this.faults.blackhole = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const write of waiting) write();
  }

  /** Cuts all connections. */
  cut({ reset = false }: { readonly reset?: boolean } = {}): void {
    for (const { client, server } of this.#links) {
      server?.destroy();
      if (reset) client.resetAndDestroy();
      else client.destroy();
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    this.cut();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
