import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';
import { MAX_PAYLOAD, Opcode, Scanner } from '../lib/wire.mjs';
import { Canned, pageAsked, pagedAnswers, patch, preparedId, readExecute } from '../server/canned.mjs';
import { Outbound } from '../server/outbound.mjs';
import { systemRows } from '../server/system-rows.mjs';

/** What a client reads of what is answered. */
function conversation(framed) {
  const seen = [];
  const scanner = new Scanner((buffer, start, end) => seen.push(Buffer.from(buffer.subarray(start, end))), {
    checks: true,
  });
  scanner.framed = framed;
  const writes = [];
  const socket = { write: (bytes) => writes.push(Buffer.from(bytes)), cork() {}, uncork() {} };
  const out = new Outbound(socket);
  out.framed = framed;
  return {
    out,
    writes,
    read: () => {
      for (const bytes of writes) scanner.push(bytes);
      return seen;
    },
  };
}

for (const framed of [true, false]) {
  test(`each answer bears the stream id of its request, ${framed ? 'in segments' : 'bare'}`, () => {
    const { out, writes, read } = conversation(framed);
    const canned = new Canned(0x85, Opcode.RESULT, Buffer.alloc(400, 1));
    for (let id = 1; id <= 600; id++) out.add(canned, id, 0);
    out.flush();
    assert.ok(writes.length <= 2, `${writes.length} writes`);
    assert.deepEqual(
      read().map((whole) => whole.readInt16BE(2)),
      Array.from({ length: 600 }, (_, i) => i + 1),
    );
  });

  test(`a large answer is whole, and the next one too, ${framed ? 'in segments' : 'bare'}`, () => {
    const { out, read } = conversation(framed);
    const body = Buffer.alloc(5 * MAX_PAYLOAD, 'rows ');
    const large = new Canned(0x85, Opcode.RESULT, body);
    const small = new Canned(0x85, Opcode.RESULT, Buffer.from('small'));
    for (const [id, canned] of [small, large, large, small].entries()) out.add(canned, id + 1, 0);
    out.flush();
    const answers = read();
    assert.deepEqual(
      answers.map((whole) => whole.readInt16BE(2)),
      [1, 2, 3, 4],
    );
    assert.deepEqual(answers[2].subarray(9), body);
  });
}

function rowsBody(flags, state) {
  const head = Buffer.alloc(12);
  head.writeInt32BE(2, 0);
  head.writeInt32BE(flags, 4);
  head.writeInt32BE(10, 8);
  const length = Buffer.alloc(4);
  length.writeInt32BE(state.length);
  const paging = state.length > 0 ? [length, state] : [];
  return Buffer.concat([head, ...paging, Buffer.from('columns and rows')]);
}

test('a page is given as one of many and as the last', () => {
  for (const body of [rowsBody(0x04, Buffer.alloc(0)), rowsBody(0x06, Buffer.from('a state of the node'))]) {
    const { more, last } = pagedAnswers(5, body);
    const copy = Buffer.from(more.whole);
    patch(copy, 0, more, 77, 123);
    assert.equal(copy[0], 0x85);
    assert.equal(copy.readInt16BE(2), 77);
    assert.equal(copy.readInt32BE(9 + 4), 0x06);
    assert.deepEqual([copy.readInt32BE(9 + 12), copy.readInt32BE(9 + 16)], [4, 123]);
    assert.equal(copy.subarray(9 + 20).toString(), 'columns and rows');
    assert.equal(last.whole.readInt32BE(9 + 4), 0x04);
    assert.equal(last.whole.subarray(9 + 12).toString(), 'columns and rows');
  }
});

test('the page that an EXECUTE asks for is found behind its values', () => {
  const body = Buffer.from(
    '0004deadbeef' + // statement id
      '0002abcd' + // metadata id
      '0001' + // consistency
      '0000000f' + // values, without metadata, page size, paging state
      '0002' + // two values: four bytes, null
      '0000000411223344' +
      'ffffffff' +
      '00001388' + // page size
      '00000004' + // paging state
      '0000007b',
    'hex',
  );
  const asked = readExecute(body, 0, 5);
  assert.equal(body.toString('hex', asked.idStart, asked.idEnd), 'deadbeef');
  assert.equal(pageAsked(body, asked), 123);
});

test("a statement's id is found in the answer to its PREPARE", () => {
  assert.equal(preparedId(Opcode.RESULT, Buffer.from('000000040003abcdef0002', 'hex')).toString('hex'), 'abcdef');
  assert.equal(preparedId(Opcode.ERROR, Buffer.from('00002000', 'hex')), null);
});

test('each node of a canned cluster is local to itself and a peer to the others', () => {
  const nodes = ['127.91.0.1', '127.91.0.2', '127.91.0.3'].map((address) => ({ address, port: 9042 }));
  const rowCount = (query, own) => {
    const body = systemRows(query, nodes, own);
    // The count stands behind the one column's name and its type.
    return body.readInt32BE(body.indexOf('rack') + 6);
  };
  assert.equal(rowCount('SELECT rack FROM system.local', 1), 1);
  assert.equal(rowCount('SELECT rack FROM system.peers_v2', 1), 2);
  assert.equal(systemRows('SELECT * FROM system_schema.keyspaces', nodes, 1), null);
});
