// A CQL server in a process of its own that gives the real node's answers as fast as it can. Its parent tells it what to
// listen on (`listen`) and asks for requests that it saw (`sample`).
import { Buffer } from 'node:buffer';
import net from 'node:net';
import { ENVELOPE_HEADER, Opcode, Scanner } from '../lib/wire.mjs';
import { Canned } from './canned.mjs';
import { Library } from './library.mjs';
import { Outbound } from './outbound.mjs';
import { systemRows } from './system-rows.mjs';

/** How many rows a page of a repeated stream has; clients ask for as many. */
const settings = { rowsAPage: 5000, streams: {} };
const libraries = new Map();
let target;

function libraryOf(version) {
  let library = libraries.get(version);
  if (library === undefined) libraries.set(version, (library = new Library(version, target, settings)));
  return library;
}

class Conversation {
  #place;
  #out;
  #scanner;
  #reading = false;

  constructor(socket, place) {
    this.#place = place;
    this.#out = new Outbound(socket);
    this.#scanner = new Scanner((buffer, start, end) => this.#onEnvelope(buffer, start, end));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#reading = true;
      this.#scanner.push(chunk);
      this.#reading = false;
      this.#out.flush();
    });
    // Clients go as they please.
    socket.on('error', () => socket.destroy());
  }

  #onEnvelope(buffer, start, end) {
    const version = buffer[start];
    const streamId = (buffer[start + 2] << 8) | buffer[start + 3];
    const opcode = buffer[start + 4];
    const reply = (canned, nextPage) => {
      this.#out.add(canned, streamId, nextPage);
      if (!this.#reading) this.#out.flush();
    };
    if (opcode === Opcode.STARTUP || opcode === Opcode.REGISTER) {
      reply(new Canned(version | 0x80, Opcode.READY, Buffer.alloc(0)), 0);
      if (opcode === Opcode.STARTUP && version >= 5) this.#enterFrames();
      return;
    }
    const rows = opcode === Opcode.QUERY ? this.#systemRows(buffer, start) : null;
    if (rows !== null) reply(new Canned(version | 0x80, Opcode.RESULT, rows), 0);
    else libraryOf(version).answer(opcode, buffer, start, end, reply);
  }

  #enterFrames() {
    this.#out.flush();
    this.#out.framed = true;
    this.#scanner.framed = true;
  }

  #systemRows(buffer, start) {
    const { nodes, own } = this.#place;
    if (nodes === null) return null;
    const at = start + ENVELOPE_HEADER;
    return systemRows(buffer.toString('utf8', at + 4, at + 4 + buffer.readInt32BE(at)), nodes, own);
  }
}

function openListener(address, port, place) {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => new Conversation(socket, place));
    server.once('error', reject);
    server.listen(port, address, 1024, () => resolve(server.address().port));
  });
}

/** One address that passes the real node's topology on, or several that are a cluster of their own. */
async function listen({ addresses, isCluster }) {
  const nodes = isCluster ? addresses.map((address) => ({ address, port: 0 })) : null;
  let port = 0;
  for (const [own, address] of addresses.entries()) {
    port = await openListener(address, port, { nodes, own });
    if (nodes !== null) nodes[own].port = port;
  }
  return port;
}

function sample({ query, isBatch }) {
  const library = libraryOf(5);
  const bytes = isBatch ? library.batchSample : library.sampleOf(query);
  return bytes === null ? null : bytes.toString('base64');
}

function setStream({ query, rows }) {
  settings.streams[query] = rows;
  for (const library of libraries.values()) library.resetPages(query, rows);
  return null;
}

const COMMANDS = {
  target: (message) => ((target = message.target), null),
  listen,
  sample,
  setStream,
};

process.on('message', (message) => {
  void (async () => {
    try {
      process.send({ id: message.id, value: await COMMANDS[message.command](message) });
    } catch (error) {
      process.send({ id: message.id, error: String(error?.stack ?? error) });
    }
  })();
});
// The parent's end is the server's end.
process.on('disconnect', () => process.exit());
