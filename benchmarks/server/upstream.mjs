// A plain connection to the real node, over which what has no recorded answer yet is asked.
import { Buffer } from 'node:buffer';
import net from 'node:net';
import { envelope, ENVELOPE_HEADER, Opcode, Scanner, segmentsOf } from '../lib/wire.mjs';

const STARTUP_BODY = Buffer.from('0001000b43514c5f56455253494f4e0005332e302e30', 'hex');

export class Upstream {
  #version;
  #socket;
  #scanner;
  #waiting = new Map();
  #nextId = 1;

  static async open(version, { address, port }) {
    const upstream = new Upstream(version, net.connect({ host: address, port, noDelay: true }));
    const answer = await upstream.ask(Opcode.STARTUP, STARTUP_BODY);
    if (answer.opcode !== Opcode.READY) throw new Error(`The node answered STARTUP with opcode ${answer.opcode}`);
    upstream.#scanner.framed = version >= 5;
    return upstream;
  }

  constructor(version, socket) {
    this.#version = version;
    this.#socket = socket;
    this.#scanner = new Scanner((buffer, start, end) => this.#onEnvelope(buffer, start, end));
    socket.on('data', (chunk) => this.#scanner.push(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The node closed the connection')));
  }

  /** Resolves to `{ opcode, flags, body }`, the body being a copy. */
  ask(opcode, body) {
    const id = this.#nextId++ & 0x7fff;
    const whole = envelope(this.#version, opcode, id, body);
    for (const piece of this.#scanner.framed ? segmentsOf(whole) : [whole]) this.#socket.write(piece);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #onEnvelope(buffer, start, end) {
    const id = buffer.readInt16BE(start + 2);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    const body = Buffer.from(buffer.subarray(start + ENVELOPE_HEADER, end));
    waiting?.resolve({ opcode: buffer[start + 4], flags: buffer[start + 1], body });
  }

  #fail(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  close() {
    this.#socket.destroy();
  }
}
