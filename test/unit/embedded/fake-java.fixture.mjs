/**
 * Stands in for `java` and a whole Cassandra: answers what a start asks of a node. A node whose folder is named as the
 * first argument makes its data folder and never answers.
 */
import { Buffer } from 'node:buffer';
import { mkdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setInterval } from 'node:timers';

const [hanging] = process.argv.slice(2);
const yaml = readFileSync('conf/cassandra.yaml', 'utf8');
const setting = (name) => JSON.parse(new RegExp(`^${name}: (.*)$`, 'm').exec(yaml)[1]);

mkdirSync('data', { recursive: true });
process.stdout.write('begun\n');

const address = setting('rpc_address');

/** Rows without metadata: an address, and what else is asked for in one byte each, for more nodes than any test has. */
function manyPeers() {
  const fact = Buffer.from([0, 0, 0, 1, 1]);
  const peers = Array.from({ length: 9 }, (_, i) => {
    const peer = Buffer.from([0, 0, 0, 4, ...address.split('.').slice(0, 3).map(Number), i + 1]);
    return Buffer.concat([peer, fact, fact, fact, fact, fact]);
  });
  return Buffer.concat([Buffer.from([0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 9]), ...peers]);
}

/** By the opcode of the request: that of the answer, and its body. */
const ANSWERS = new Map([
  [1, [2, Buffer.alloc(0)]],
  [5, [6, Buffer.from([0, 0])]],
  [7, [8, manyPeers()]],
]);

if (path.basename(process.cwd()) === hanging) setInterval(() => undefined, 60_000);
else {
  net
    .createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (request) => {
        const [opcode, body] = ANSWERS.get(request[4]);
        const header = Buffer.from([0x84, 0, 0, 0, opcode, 0, 0, 0, 0]);
        header.writeInt32BE(body.length, 5);
        socket.write(Buffer.concat([header, body]));
      });
    })
    .listen(setting('native_transport_port'), address);
}
