/**
 * Small talk with a node while it starts: does it answer, does its first role exist, which datacenter is it in?
 * One question a connection, in protocol v4 where a login is needed: that has no segments, and every server speaks it.
 */

import net from 'node:net';
import tls from 'node:tls';

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  readonly tls?: tls.ConnectionOptions | undefined;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const OPCODE = {
  ERROR: 0,
  STARTUP: 1,
  READY: 2,
  AUTHENTICATE: 3,
  OPTIONS: 5,
  SUPPORTED: 6,
  QUERY: 7,
  RESULT: 8,
} as const;
const AUTH_RESPONSE = 0x0f;
const AUTH_SUCCESS = 0x10;
const HEADER_BYTES = 9;
const BODY_LIMIT = 1 << 20;

interface Reply {
  readonly opcode: number;
  readonly body: Buffer;
}

/** A connection that sends one envelope at a time and waits for its reply. */
class Dialogue {
  readonly #socket: net.Socket;
  #received = Buffer.alloc(0);
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#deliver();
    });
    socket.on('close', () => {
      this.#fail(new Error('the node closed the connection'));
    });
    socket.on('error', (error) => {
      this.#fail(error);
    });
  }

  ask(version: number, opcode: number, body: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting = { resolve, reject };
      const header = Buffer.alloc(HEADER_BYTES);
      header[0] = version;
      header[4] = opcode;
      header.writeInt32BE(body.length, 5);
      this.#socket.write(Buffer.concat([header, body]));
    });
  }

  #deliver(): void {
    if (this.#received.length < HEADER_BYTES) return;
    const length = this.#received.readInt32BE(5);
    if (((this.#received[0] ?? 0) & 0x80) === 0 || length < 0 || length > BODY_LIMIT) {
      this.#fail(new Error('what listens there is no Cassandra'));
      this.#socket.destroy();
      return;
    }
    if (this.#received.length < HEADER_BYTES + length) return;
    const opcode = this.#received[4] ?? 0;
    const body = this.#received.subarray(HEADER_BYTES, HEADER_BYTES + length);
    this.#received = this.#received.subarray(HEADER_BYTES + length);
    this.#waiting?.resolve({ opcode, body });
    this.#waiting = undefined;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

/** Resolves when the node answers OPTIONS with SUPPORTED; rejects otherwise. */
export async function askOptions(target: ProbeTarget, timeoutMs: number): Promise<void> {
  await talk(target, timeoutMs, async (dialogue) => {
    const { opcode } = await dialogue.ask(5, OPCODE.OPTIONS, Buffer.alloc(0));
    if (opcode !== OPCODE.SUPPORTED) throw new Error(`OPTIONS was answered with opcode ${String(opcode)}`);
  });
}

/** Resolves when the node takes these credentials. */
export async function tryLogin(target: ProbeTarget, credentials: Credentials, timeoutMs: number): Promise<void> {
  await talk(target, timeoutMs, (dialogue) => login(dialogue, credentials));
}

/** The datacenter of the node, as its system.local tells. */
export async function readDatacenter(
  target: ProbeTarget,
  credentials: Credentials | undefined,
  timeoutMs: number,
): Promise<string> {
  const rows = await ask(target, credentials, "SELECT data_center FROM system.local WHERE key = 'local'", timeoutMs);
  const datacenter = rows[0]?.[0];
  if (datacenter === undefined || datacenter === null) throw new Error('the node does not tell its datacenter');
  return datacenter.toString();
}

/** What the node must know of another one before that one shows up in anybody's topology. */
const PEER_FACTS = 'host_id, data_center, rack, tokens, native_address';

/** The addresses of the other nodes that this node knows all about: it learns of them bit by bit. */
export async function readPeers(
  target: ProbeTarget,
  credentials: Credentials | undefined,
  timeoutMs: number,
): Promise<readonly string[]> {
  const rows = await ask(target, credentials, `SELECT peer, ${PEER_FACTS} FROM system.peers_v2`, timeoutMs);
  return rows.filter((row) => !row.includes(null)).map(([peer]) => [...(peer ?? [])].join('.'));
}

/** One value for each column. */
type Row = readonly (Buffer | null)[];

/** Consistency level ONE; the flag says that nobody needs the columns' names and types. */
const QUERY_SETTINGS = Buffer.from([0, 1, 0x02]);

/** The rows that answer a query without values. */
function ask(
  target: ProbeTarget,
  credentials: Credentials | undefined,
  text: string,
  timeoutMs: number,
): Promise<readonly Row[]> {
  return talk(target, timeoutMs, async (dialogue) => {
    await login(dialogue, credentials);
    const query = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeInt32BE(query.length);
    const reply = await dialogue.ask(4, OPCODE.QUERY, Buffer.concat([length, query, QUERY_SETTINGS]));
    if (reply.opcode !== OPCODE.RESULT) throw refusal(reply);
    return readRows(reply.body);
  });
}

/** A result without metadata: kind, flags, how many columns, how many rows, then each value behind its length. */
function readRows(body: Buffer): readonly Row[] {
  const columns = body.readInt32BE(8);
  const rows = body.readInt32BE(12);
  let offset = 16;
  const next = (): Buffer | null => {
    const length = body.readInt32BE(offset);
    offset += 4 + Math.max(length, 0);
    return length < 0 ? null : body.subarray(offset - length, offset);
  };
  return Array.from({ length: rows }, () => Array.from({ length: columns }, next));
}

async function login(dialogue: Dialogue, credentials: Credentials | undefined): Promise<void> {
  const startup = Buffer.concat([Buffer.from([0, 1]), notation('CQL_VERSION'), notation('3.0.0')]);
  const reply = await dialogue.ask(4, OPCODE.STARTUP, startup);
  if (reply.opcode === OPCODE.READY) return;
  if (reply.opcode !== OPCODE.AUTHENTICATE) throw refusal(reply);
  if (credentials === undefined) throw new Error('the node asks for a user name and a password');
  const token = Buffer.from(`\0${credentials.username}\0${credentials.password}`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(token.length);
  const answer = await dialogue.ask(4, AUTH_RESPONSE, Buffer.concat([length, token]));
  if (answer.opcode !== AUTH_SUCCESS) throw refusal(answer);
}

function refusal(reply: Reply): Error {
  if (reply.opcode !== OPCODE.ERROR) return new Error(`unexpected opcode ${String(reply.opcode)}`);
  return new Error(reply.body.subarray(6, 6 + reply.body.readUInt16BE(4)).toString());
}

function notation(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

async function talk<T>(target: ProbeTarget, timeoutMs: number, work: (dialogue: Dialogue) => Promise<T>): Promise<T> {
  const place = { host: target.address, port: target.port };
  const socket = target.tls === undefined ? net.connect(place) : tls.connect({ ...place, ...target.tls });
  // Sockets report their inactivity themselves, a connection attempt that hangs included.
  socket.setTimeout(timeoutMs, () => {
    socket.destroy(new Error(`no answer within ${String(timeoutMs)} ms`));
  });
  try {
    return await work(new Dialogue(socket));
  } finally {
    socket.destroy();
  }
}
