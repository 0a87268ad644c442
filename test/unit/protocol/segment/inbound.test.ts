import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtocolError } from '../../../../src/errors.js';
import { splitIntoSegments } from '../../../../src/protocol/segment/segment-writer.js';
import { Collector, lz4Compressor, noise, response, segment, type Seen } from './support.js';

const READY = 0x02;
const AUTHENTICATE = 0x03;
const RESULT = 0x08;
const EVENT = 0x0c;

function collector(compressor: typeof lz4Compressor | null = null, framed = false): Collector {
  const made = new Collector();
  made.onDelivery = ({ opcode }) => {
    if (opcode === READY || opcode === AUTHENTICATE) made.framer.enterFramedMode(compressor);
  };
  if (framed) made.framer.enterFramedMode(compressor);
  return made;
}

function pushAll(bytes: Buffer, compressor: typeof lz4Compressor | null = null): Seen[] {
  const made = collector(compressor, true);
  made.framer.push(bytes, 0, bytes.length);
  return made.seen;
}

/** A handshake and then everything that may come: coalesced replies, events between, empty, split and raw segments. */
function session(opcode: number, compressor: typeof lz4Compressor | null): Buffer {
  const large = response(RESULT, noise(300_000), 7);
  const compressible = response(RESULT, Buffer.alloc(290_000, 'row '), 9);
  const event = response(EVENT, noise(30), -1);
  const [first, ...rest] = splitIntoSegments(large, 0, large.length, compressor);
  return Buffer.concat([
    response(0x06, noise(50), 0),
    response(opcode, opcode === READY ? Buffer.alloc(0) : noise(40), 0),
    segment(
      Buffer.concat([response(RESULT, noise(5), 1), response(RESULT, Buffer.alloc(400), 2, 0x08)]),
      true,
      compressor,
    ),
    segment(Buffer.alloc(0), true, compressor),
    segment(Buffer.alloc(0), false, compressor),
    segment(response(RESULT, noise(1000), 3), false, compressor),
    first ?? Buffer.alloc(0),
    segment(event, true, compressor),
    ...rest,
    segment(event, true, compressor),
    ...splitIntoSegments(compressible, 0, compressible.length, compressor),
    segment(response(RESULT, Buffer.alloc(0), 32767), true, compressor),
  ]);
}

for (const [name, compressor] of [
  ['no compression', null],
  ['LZ4', lz4Compressor],
] as const) {
  for (const opcode of [READY, AUTHENTICATE]) {
    describe(`a session with ${name}, framed after opcode ${String(opcode)}`, () => {
      const bytes = session(opcode, compressor);
      const whole = collector(compressor);
      whole.framer.push(bytes, 0, bytes.length);

      test('is understood in one chunk, its handshake included', () => {
        assert.deepEqual(
          whole.seen.map((seen) => seen.streamId),
          [0, 0, 1, 2, 3, -1, 7, -1, 9, 32767],
        );
        assert.equal(whole.seen[6]?.body, noise(300_000).toString('hex'));
        assert.deepEqual(
          whole.seen.filter((seen) => seen.owned).map((seen) => seen.streamId),
          [7, 9],
        );
      });

      test('is understood byte by byte', () => {
        const pieces = collector(compressor);
        pieces.pushPieces(bytes, new Array<number>(bytes.length).fill(1));
        assert.deepEqual(pieces.seen, whole.seen);
      });

      test('is understood in any pieces', () => {
        for (let seed = 1; seed <= 20; seed++) {
          const random = noise(60_000, seed);
          const scale = [3, 20, 300, 20_000][seed % 4] ?? 1;
          const pieces = collector(compressor);
          pieces.pushPieces(
            bytes,
            [...random].map((byte) => Math.ceil((byte / 256) * scale)),
          );
          assert.deepEqual(pieces.seen, whole.seen, `seed ${String(seed)}`);
        }
      });
    });
  }
}

describe('a bit flipped anywhere', () => {
  for (const [name, compressor] of [
    ['without compression', null],
    ['with LZ4', lz4Compressor],
  ] as const) {
    test(`is an error or changes nothing, ${name}`, () => {
      const large = response(RESULT, noise(131_200), 4);
      const parts = [
        segment(
          Buffer.concat([response(RESULT, noise(50), 1), response(RESULT, Buffer.alloc(90), 2)]),
          true,
          compressor,
        ),
        segment(response(RESULT, noise(300), 3), true, compressor),
      ];
      const bytes = Buffer.concat([...parts, ...splitIntoSegments(large, 0, large.length, compressor)]);
      const expected = pushAll(bytes, compressor);
      const small = parts.reduce((sum, part) => sum + part.length, 0);
      const positions = Array.from({ length: small + 20 }, (_, i) => i);
      for (let i = small + 20; i < bytes.length; i += 997) positions.push(i);
      let refused = 0;
      for (const at of positions) {
        const bit = at % 8;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        const made = collector(compressor, true);
        try {
          made.framer.push(bytes, 0, bytes.length);
          assert.deepEqual(made.seen, expected, `byte ${String(at)}`);
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
          refused++;
          assert.deepEqual(made.seen, expected.slice(0, made.seen.length), `byte ${String(at)}: delivered before`);
        }
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      }
      assert.equal(refused, positions.length);
    });
  }
});

describe('malformed input', () => {
  function refusal(bytes: Buffer, framed = true, made: Collector = collector(null, framed)): string {
    let message = '';
    assert.throws(
      () => {
        made.framer.push(bytes, 0, bytes.length);
      },
      (error) => {
        assert.ok(error instanceof ProtocolError);
        message = error.message;
        return true;
      },
    );
    return message;
  }

  test('a wrong header CRC is named', () => {
    assert.match(refusal(Buffer.from('090002a4c8c2050000010500000000b5557486', 'hex')), /header CRC is 0xc1c8a4 where/);
  });

  test('a wrong payload CRC is named', () => {
    assert.match(refusal(Buffer.from('090002a4c8c1050000010500000000b5557487', 'hex')), /payload CRC/);
  });

  test('a request instead of a response is named', () => {
    assert.match(refusal(segment(response(RESULT, noise(3), 1, 0, 0x05))), /version byte 0x05/);
    assert.match(refusal(segment(response(0, noise(3), 1, 0, 0x84))), /version byte 0x84/);
  });

  test('a truncated envelope in a self-contained segment is an error', () => {
    const envelope = response(RESULT, noise(30));
    assert.match(refusal(segment(envelope.subarray(0, 38))), /reaches past/);
    assert.match(refusal(segment(envelope.subarray(0, 8))), /reaches past/);
    assert.match(refusal(segment(Buffer.concat([envelope, envelope.subarray(0, 5)]))), /reaches past/);
  });

  test('a split envelope must begin with its whole header and end at the end of a segment', () => {
    const envelope = response(RESULT, noise(30));
    assert.match(refusal(segment(envelope.subarray(0, 8), false)), /less than its header/);
    assert.match(refusal(segment(Buffer.concat([envelope, noise(1)]), false)), /bytes of no envelope/);
    const tooLong = Buffer.concat([segment(envelope.subarray(0, 20), false), segment(noise(20), false)]);
    assert.match(refusal(tooLong), /bytes of no envelope/);
  });

  test('a negative or too great length is refused at its header', () => {
    for (const length of [-1, 1001]) {
      const envelope = response(RESULT, noise(30));
      envelope.writeInt32BE(length, 5);
      for (const bytes of [segment(envelope), segment(envelope, false)]) {
        const made = new Collector(1000);
        made.framer.enterFramedMode(null);
        assert.match(refusal(bytes, true, made), new RegExp(`announces ${String(length)} bytes`));
      }
      assert.match(refusal(envelope.subarray(0, 9), false, new Collector(1000)), /announces/);
    }
  });

  test('an LZ4 block that is broken, or unfolds to another length, is refused', () => {
    for (const [compressed, uncompressed] of [
      [noise(50), 200],
      [lz4Compressor.compress(Buffer.alloc(200)), 199],
      [lz4Compressor.compress(Buffer.alloc(200)), 201],
    ] as const) {
      const made = collector(lz4Compressor, true);
      const compressor = { compress: () => compressed, decompress: (input: Buffer) => input };
      const bytes = segment(Buffer.alloc(uncompressed), true, compressor);
      assert.match(refusal(bytes, true, made), /LZ4 block|bad length/);
    }
  });

  test('after an error every later push throws it again', () => {
    const made = collector(null, true);
    const bad = Buffer.from('090002a4c8c2050000010500000000b5557486', 'hex');
    const first = refusal(bad, true, made);
    assert.equal(refusal(segment(response(RESULT, noise(3))), true, made), first);
    assert.deepEqual(made.seen, []);
  });
});

describe('during the handshake', () => {
  test('an ERROR of an older version is delivered, with its version', () => {
    for (const version of [0x83, 0x84]) {
      const made = collector();
      const bytes = response(0, noise(10), 0, 0, version);
      made.pushPieces(bytes, [1, 3]);
      assert.equal(made.seen.length, 1);
      assert.equal(made.seen[0]?.version, version);
    }
  });

  test('another answer of an older version is refused', () => {
    const made = collector();
    assert.throws(() => {
      made.pushPieces(response(READY, Buffer.alloc(0), 0, 0, 0x84), [9]);
    }, /version byte 0x84/);
  });

  test('a peer that is no Cassandra is found out by its first byte', () => {
    for (const first of ['H', '\x05', '\x82']) {
      const made = collector();
      assert.throws(() => {
        made.pushPieces(Buffer.from(first, 'latin1'), [1]);
      }, /unexpected protocol version byte/);
    }
    const answeredByTls = collector();
    assert.throws(() => {
      answeredByTls.pushPieces(Buffer.from('\x15', 'latin1'), [1]);
    }, /speaks TLS on this port: set the option tls/);
  });

  test('framing holds from the very next byte of the same chunk', () => {
    const made = collector();
    const reply = response(RESULT, noise(20), 5);
    const bytes = Buffer.concat([response(READY, Buffer.alloc(0)), segment(reply)]);
    made.framer.push(bytes, 0, bytes.length);
    assert.deepEqual(
      made.seen.map((seen) => seen.streamId),
      [1, 5],
    );
  });
});

describe('closing', () => {
  test('inside a delivery stops in the middle of a segment and of a chunk', () => {
    const two = segment(Buffer.concat([response(RESULT, noise(1), 1), response(RESULT, noise(1), 2)]));
    const made = collector(null, true);
    made.onDelivery = () => {
      made.framer.close();
    };
    made.framer.push(Buffer.concat([two, two]), 0, two.length * 2);
    made.framer.push(two, 0, two.length);
    assert.equal(made.seen.length, 1);
  });
});

describe('memory', () => {
  test('is not given for an announced length alone', () => {
    const first = Buffer.from(response(RESULT, noise(6000)));
    first.writeInt32BE(250 * 1024 * 1024, 5);
    const before = process.memoryUsage().arrayBuffers;
    const made: Collector[] = [];
    for (let i = 0; i < 20; i++) {
      const framed = collector(null, true);
      framed.pushPieces(segment(first, false), [500]);
      const bare = collector();
      bare.pushPieces(first, [500, 4500]);
      made.push(framed, bare);
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024);
    assert.ok(made.every((one) => one.seen.length === 0));
  });
});
