// The least that a client can do and still ask and be answered: requests encoded beforehand, one connection, one promise
// a request, checksums verified, rows not looked at.
import { Buffer } from 'node:buffer';
import net from 'node:net';
import { setImmediate } from 'node:timers';
import { envelope, MAX_PAYLOAD, Opcode, Scanner, SEGMENT_HEADER, sealSegment } from '../lib/wire.mjs';
import { PAGE_ROWS } from '../lib/schema.mjs';

const STARTUP_BODY = Buffer.from('0001000b43514c5f56455253494f4e0005332e302e30', 'hex');
const SLAB = 256 * 1024;

class Floor {
  #socket;
  #scanner;
  #waiting = new Array(32_768).fill(null);
  #free = Int16Array.from({ length: 32_767 }, (_, i) => 32_767 - i);
  #freeCount = 32_767;
  #slab = Buffer.allocUnsafeSlow(SLAB);
  #start = 0;
  #end = SEGMENT_HEADER;
  #scheduled = false;

  static async open({ contactPoint, port }) {
    const floor = new Floor();
    const opened = floor.#slot(1);
    floor.#connect(contactPoint, port);
    await opened;
    floor.#scanner.framed = true;
    return floor;
  }

  #slot(id) {
    return new Promise((resolve) => {
      this.#waiting[id] = resolve;
    });
  }

  #connect(host, port) {
    this.#scanner = new Scanner((buffer, start) => this.#onEnvelope(buffer, start), { checks: true, joins: false });
    const callback = (size, buffer) => {
      this.#scanner.push(buffer.subarray(0, size));
      return true;
    };
    const onread = { buffer: Buffer.allocUnsafeSlow(128 * 1024), callback };
    this.#socket = net.connect({ host, port, noDelay: true, onread });
    this.#socket.write(envelope(5, Opcode.STARTUP, 1, STARTUP_BODY));
    this.#freeCount--;
  }

  #onEnvelope(buffer, start) {
    const id = (buffer[start + 2] << 8) | buffer[start + 3];
    if (buffer[start + 4] === Opcode.ERROR)
      throw new Error(`The server answered with an error: ${buffer.latin1Slice()}`);
    const resolve = this.#waiting[id];
    this.#waiting[id] = null;
    this.#free[this.#freeCount++] = id;
    resolve();
  }

  /** Sends the bytes of a request under a stream id of its own. */
  ask(request) {
    const id = this.#free[--this.#freeCount];
    this.#makeRoom(request.length);
    const at = this.#end;
    request.copy(this.#slab, at);
    this.#slab[at + 2] = id >>> 8;
    this.#slab[at + 3] = id & 0xff;
    this.#end = at + request.length;
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
    return this.#slot(id);
  }

  #makeRoom(size) {
    if (this.#end - this.#start + size > MAX_PAYLOAD) this.#flush(false);
  }

  #flush(isTurnsEnd = true) {
    if (isTurnsEnd) this.#scheduled = false;
    if (this.#end === this.#start + SEGMENT_HEADER) return;
    const end = sealSegment(this.#slab, this.#start, this.#end, true);
    this.#socket.write(this.#slab.subarray(this.#start, end));
    this.#start = end;
    if (SLAB - end < MAX_PAYLOAD + 64) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#start = 0;
    }
    this.#end = this.#start + SEGMENT_HEADER;
  }

  close() {
    this.#socket.destroy();
  }
}

/** `sample`: the bytes of a request that the driver sent. Statements are prepared on the server, not on a connection. */
export async function open({ contactPoint, port, sample }) {
  const floor = await Floor.open({ contactPoint, port });
  const request = Buffer.from(sample, 'base64');
  const one = () => floor.ask(request);
  return {
    operation: async (name, rows) => {
      if (name !== 'stream1M') return one;
      return async () => {
        for (let i = 0; i < rows / PAGE_ROWS; i++) await one();
        return rows;
      };
    },
    close: () => floor.close(),
  };
}
