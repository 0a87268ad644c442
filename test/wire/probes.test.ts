/** What a conversation of requests and answers cannot show: closed connections, bytes of segments, answers out of turn. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidRequest, ProtocolError, WriteFailure } from '../../src/errors.js';
import { Opcode } from '../../src/protocol/constants.js';
import { isAtLeast, testNodes } from '../support/node-table.js';
import { envelopeBytes, query, RawConnection, requestBytes, startup, type Request } from '../support/raw-connection.js';
import { errorOf, rowsOf, supportedOf } from './support/exchanges.js';
import { int, OPTIONS } from './support/requests.js';

const SELECT = query('SELECT key FROM system.local');

/** The segment around `bytes`, said to hold a part of an envelope only. */
function notSelfContained(request: Request): Buffer {
  const whole = requestBytes(request, true, null);
  // The same payload in a header without bit 17: made by splitting a payload that is too long would be 128 KiB.
  const header = Buffer.from([whole[0] ?? 0, whole[1] ?? 0, (whole[2] ?? 0) & ~0x02]);
  let crc = 0x875060;
  for (const byte of header) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1974f0b;
    }
  }
  const check = Buffer.from([crc & 0xff, (crc >> 8) & 0xff, (crc >> 16) & 0xff]);
  return Buffer.concat([header, check, whole.subarray(6)]);
}

for (const [version, node] of testNodes) {
  describe(`probes of Cassandra ${version}`, () => {
    test('an unknown version of the protocol: named in the error, and the connection stays open', async () => {
      await using connection = await RawConnection.open(node);
      const bytes = envelopeBytes(OPTIONS);
      bytes[0] = 0x09;
      connection.socket.write(bytes);
      const [answer] = await connection.take(1);
      assert.ok(answer !== undefined);
      const error = errorOf(answer);
      assert.ok(error instanceof ProtocolError);
      assert.match(error.message, /^Invalid or unsupported protocol version \(9\); supported versions are \(.*5\/v5/);
      assert.equal(connection.isClosed, false);
    });

    test('a segment whose payload is broken: PROTOCOL_ERROR on stream 0, then the connection is closed', async () => {
      for (const at of [2, 10]) {
        await using connection = await RawConnection.ready(node);
        const bytes = requestBytes({ ...SELECT, stream: 5 }, true, null);
        bytes[at] = (bytes[at] ?? 0) ^ 0x01;
        connection.socket.write(bytes);
        const [answer] = await connection.take(1);
        assert.ok(answer !== undefined);
        assert.ok(errorOf(answer) instanceof ProtocolError);
        assert.equal(answer.stream, 0);
        await connection.closed();
      }
    });

    test('the golden bytes of a framed OPTIONS, and of an empty segment', async () => {
      assert.equal(requestBytes(OPTIONS, true, null).toString('hex'), '090002a4c8c1050000010500000000b5557486');
      await using connection = await RawConnection.ready(node);
      connection.socket.write(Buffer.from('0000026a36c4d37e7744', 'hex'));
      supportedOf(await connection.ask(OPTIONS));
    });

    test('many envelopes in one write, each answered on its own stream', async () => {
      await using connection = await RawConnection.ready(node);
      const streams = Array.from({ length: 100 }, (_, n) => n * 300 + 1);
      connection.socket.write(Buffer.concat(streams.map((stream) => requestBytes({ ...SELECT, stream }, true, null))));
      const answers = await connection.take(streams.length);
      assert.deepEqual(
        answers.map(({ stream }) => stream).sort((a, b) => a - b),
        streams,
      );
      for (const answer of answers) assert.deepEqual(rowsOf(answer).rows, [['local']]);
    });

    test('one whole envelope in a segment that is not self-contained is taken', async () => {
      await using connection = await RawConnection.ready(node);
      connection.socket.write(notSelfContained(SELECT));
      const [answer] = await connection.take(1);
      assert.ok(answer !== undefined);
      assert.deepEqual(rowsOf(answer).rows, [['local']]);
    });

    test('negative stream ids are taken without complaint: who is unique is ours to see to', async () => {
      await using connection = await RawConnection.ready(node);
      const answer = await connection.ask({ ...SELECT, stream: -7 });
      assert.equal(answer.stream, -7);
    });

    test('a refused STARTUP does not close the connection: that is ours to do', async () => {
      await using connection = await RawConnection.open(node);
      const answer = await connection.ask(startup({ COMPRESSION: 'nonsense' }));
      assert.ok(errorOf(answer) instanceof ProtocolError);
      assert.equal(connection.isClosed, false);
    });

    test('what STARTUP says is seen in system_views.clients', async () => {
      await using connection = await RawConnection.open(node);
      const name = `probe ${version}`;
      const answer = await connection.ask(
        startup({ DRIVER_NAME: name, DRIVER_VERSION: '1.2.3', APPLICATION_NAME: 'app' }),
      );
      assert.equal(answer.opcode, Opcode.READY);
      const columns = isAtLeast(version, '4.1')
        ? 'driver_name, driver_version, protocol_version, client_options'
        : 'driver_name, driver_version, protocol_version';
      const { rows } = rowsOf(await connection.ask(query(`SELECT ${columns} FROM system_views.clients`)));
      const mine = rows.find(([driver]) => driver === name);
      assert.deepEqual(mine?.slice(0, 3), [name, '1.2.3', 5]);
      if (mine.length > 3) assert.equal((mine[3] as Map<string, string>).get('APPLICATION_NAME'), 'app');
    });

    test('a request that is too large: refused as invalid from 4.1 on, a failed write on 4.0', async () => {
      await using connection = await RawConnection.ready(node);
      const keyspace = 'wire_probe';
      await connection.run(`DROP KEYSPACE IF EXISTS ${keyspace}`);
      await connection.run(
        `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
      );
      await connection.run(`CREATE TABLE ${keyspace}.t (id int PRIMARY KEY, v blob)`);
      const answer = await connection.ask({
        opcode: Opcode.QUERY,
        write: (writer) => {
          writer.writeLongString(`INSERT INTO ${keyspace}.t (id, v) VALUES (?, ?)`);
          writer.writeUint16(1);
          writer.writeInt32(1);
          writer.writeUint16(2);
          writer.writeBytes(int(1));
          writer.writeBytes(Buffer.alloc(17 * 1024 * 1024));
        },
      });
      const error = errorOf(answer);
      if (isAtLeast(version, '4.1')) {
        // Which of two limits is hit first is a matter of native_transport_max_message_size.
        assert.ok(error instanceof InvalidRequest, String(error));
        assert.match(error.message, /exceeds allowed maximum|oversized mutation/);
      } else {
        assert.ok(error instanceof WriteFailure, String(error));
        assert.equal(error.writeType, 'SIMPLE');
        assert.equal(error.failures.size, 1);
      }
      assert.deepEqual(rowsOf(await connection.ask(SELECT)).rows, [['local']]);
      await connection.run(`DROP KEYSPACE ${keyspace}`);
    });
  });
}
