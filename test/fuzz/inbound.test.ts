import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCassandraError, ProtocolError } from '../../src/errors.js';
import { ByteReader } from '../../src/protocol/byte-reader.js';
import { Opcode, ResultKind } from '../../src/protocol/constants.js';
import {
  readAuthChallenge,
  readAuthenticate,
  readEvent,
  readPrefix,
  readPrepared,
  readResultKind,
  readRowsHeader,
  readSchemaChange,
  readSetKeyspace,
} from '../../src/protocol/messages/index.js';
import { InboundFramer, type EnvelopeSink } from '../../src/protocol/segment/inbound.js';
import { readServerError } from '../../src/protocol/server-errors.js';
import { lz4Compressor, response, segment } from '../unit/protocol/segment/support.js';

/** Whatever a peer sends, the framer and the readers answer with a ProtocolError or a result: never another exception. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_000_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121);

let state = SEED | 0;
/** xorshift32 */
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

/** Reads every response to its end, as a client would. */
class ReadingSink implements EnvelopeSink {
  readonly framer: InboundFramer = new InboundFramer(this, 1024 * 1024);
  readonly #reader = new ByteReader(Buffer.alloc(0));
  readonly #compressed: boolean;
  delivered = 0;

  constructor(compressed: boolean) {
    this.#compressed = compressed;
  }

  onEnvelope(flags: number, _streamId: number, opcode: number, buffer: Buffer, start: number, end: number): void {
    this.delivered++;
    const reader = this.#reader;
    reader.reset(buffer, start, end);
    readPrefix(reader, flags);
    switch (opcode) {
      case Opcode.READY:
        this.framer.enterFramedMode(this.#compressed ? lz4Compressor : null);
        break;
      case Opcode.AUTHENTICATE:
        readAuthenticate(reader);
        this.framer.enterFramedMode(this.#compressed ? lz4Compressor : null);
        break;
      case Opcode.AUTH_CHALLENGE:
      case Opcode.AUTH_SUCCESS:
        readAuthChallenge(reader);
        break;
      case Opcode.ERROR:
        assert.ok(readServerError(reader, 'here:9042') instanceof AsyncCassandraError);
        break;
      case Opcode.EVENT:
        readEvent(reader);
        break;
      case Opcode.RESULT:
        readResult(reader);
        break;
    }
    assert.ok(reader.offset <= end);
  }
}

function readResult(reader: ByteReader): void {
  switch (readResultKind(reader)) {
    case ResultKind.ROWS: {
      const header = readRowsHeader(reader);
      for (let cell = header.rowCount * header.columnCount; cell > 0; cell--) reader.readBytes();
      break;
    }
    case ResultKind.PREPARED:
      readPrepared(reader);
      break;
    case ResultKind.SET_KEYSPACE:
      readSetKeyspace(reader);
      break;
    case ResultKind.SCHEMA_CHANGE:
      readSchemaChange(reader);
      break;
  }
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/'([^']*)'/g, (_, word: string) => string(word)).replaceAll(' ', ''), 'hex');
}

function string(text: string): string {
  return text.length.toString(16).padStart(4, '0') + Buffer.from(text).toString('hex');
}

const replicas = '0006 00000001 00000002';
const responses: readonly Buffer[] = [
  response(Opcode.SUPPORTED, hex(`0002 'COMPRESSION' 0002 'snappy' 'lz4' 'CQL_VERSION' 0001 '3.4.7'`)),
  response(Opcode.EVENT, hex(`'STATUS_CHANGE' 'UP' 04 7f000001 00002352`), -1),
  response(Opcode.EVENT, hex(`'SCHEMA_CHANGE' 'CREATED' 'FUNCTION' 'ks' 'f' 0001 'int'`), -1),
  response(Opcode.RESULT, hex(`00000001`), 1, 0x08 | 0x02),
  response(Opcode.RESULT, hex(`00000001`)),
  response(Opcode.RESULT, hex(`0001 'a warning' 0001 'k' 00000001 ff 00000003 'ks'`), 1, 0x0c),
  response(
    Opcode.RESULT,
    hex(
      `00000002 0000000b 00000002 00000002 abcd 0002 beef 'ks' 't' 'a' 0009 'b' 0021 000d 0031 0002 0009 0020 0009
      00000002 00000004 00000001 ffffffff 00000000 00000001 61`.replaceAll('\n', ''),
    ),
  ),
  response(
    Opcode.RESULT,
    hex(
      `00000002 00000001 00000001 'ks' 't' 'u' 0030 'ks' 'udt' 0002 'x' 0009 'y' 0000 'org.x.Vector(y , 3)' 00000000`,
    ),
  ),
  response(Opcode.RESULT, hex(`00000002 00000005 00000001 00000001 00000004 00000007`)),
  response(
    Opcode.RESULT,
    hex(`00000004 0002 beef 0002 cafe 00000001 00000002 00000001 0000 'ks' 't' 'a' 0009 'b' 000d 00000004 00000000`),
  ),
  response(Opcode.RESULT, hex(`00000005 'UPDATED' 'TABLE' 'ks' 't'`)),
  response(Opcode.AUTH_SUCCESS, hex('ffffffff')),
  response(Opcode.ERROR, hex(`00001100 'm' ${replicas} 'CAS' 0003`)),
  response(Opcode.ERROR, hex(`00001300 'm' ${replicas} 00000001 04 7f000001 0001 00`)),
  response(Opcode.ERROR, hex(`00001400 'm' 'ks' 'f' 0001 'int'`)),
  response(Opcode.ERROR, hex(`00002500 'm' 0002 beef`)),
];
const ready = response(Opcode.READY, Buffer.alloc(0));
const authenticate = response(Opcode.AUTHENTICATE, hex(`'PasswordAuthenticator'`));

const BOLD = [0x00, 0x01, 0x7f, 0x80, 0xff] as const;

function mutate(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let left = 1 + random(3); left > 0; left--) {
    const at = random(copy.length);
    const how = random(4);
    if (how === 0) copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
    else if (how === 1) copy[at] = random(256);
    else copy[at] = BOLD[random(BOLD.length)] ?? 0;
  }
  return random(8) === 0 ? copy.subarray(0, random(copy.length + 1)) : copy;
}

function pick(): Buffer {
  return responses[random(responses.length)] ?? ready;
}

/** Several envelopes inside one segment, or one split over some. */
function sealed(payload: Buffer, compressed: boolean): Buffer {
  const compressor = compressed ? lz4Compressor : null;
  if (random(4) !== 0) return segment(payload, random(16) !== 0, compressor);
  const cut = Math.min(payload.length, 1 + random(60));
  return Buffer.concat([
    segment(payload.subarray(0, cut), false, compressor),
    segment(payload.subarray(cut), false, compressor),
  ]);
}

function input(compressed: boolean): Buffer {
  switch (random(8)) {
    case 0: {
      const noise = Buffer.alloc(1 + random(60));
      for (let i = 0; i < noise.length; i++) noise[i] = random(256);
      // Random bytes behind a valid beginning go deeper.
      return random(2) === 0 ? noise : Buffer.concat([ready, noise]);
    }
    case 1:
      return mutate(Buffer.concat([pick(), random(2) === 0 ? ready : authenticate, sealed(pick(), compressed)]));
    case 2:
      return Buffer.concat([ready, mutate(sealed(pick(), compressed)), sealed(pick(), compressed)]);
    case 3:
      return Buffer.concat([ready, sealed(Buffer.concat([pick(), mutate(pick())]), compressed)]);
    default:
      // The checksums are right, so that the readers have to cope.
      return random(3) === 0 ? mutate(pick()) : Buffer.concat([ready, sealed(mutate(pick()), compressed)]);
  }
}

test(`${String(RUNS)} malformed sessions (FUZZ_SEED=${String(SEED)})`, () => {
  const floor = process.memoryUsage().arrayBuffers;
  let refused = 0;
  let delivered = 0;
  for (let run = 0; run < RUNS; run++) {
    const compressed = random(8) === 0;
    const bytes = input(compressed);
    const sink = new ReadingSink(compressed);
    const cut = random(2) === 0 ? bytes.length : random(bytes.length + 1);
    try {
      sink.framer.push(bytes, 0, cut);
      sink.framer.push(bytes, cut, bytes.length);
    } catch (error) {
      refused++;
      if (!(error instanceof ProtocolError)) {
        throw new Error(`run ${String(run)}, compressed ${String(compressed)}: ${bytes.toString('hex')}`, {
          cause: error,
        });
      }
    }
    delivered += sink.delivered;
    if (run % 20_000 === 0) {
      const held = process.memoryUsage().arrayBuffers - floor;
      assert.ok(held < 128 * 1024 * 1024, `run ${String(run)}: ${String(held)} bytes are held`);
    }
  }
  // The inputs must neither all be refused at the door nor all pass.
  assert.ok(refused > RUNS * 0.2 && refused < RUNS * 0.95, `refused ${String(refused)}`);
  assert.ok(delivered > RUNS * 0.3, `delivered ${String(delivered)}`);
});
