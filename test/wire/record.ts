/**
 * Records what real nodes say, into test/wire/golden/. For when a version of Cassandra is added, or a conversation:
 *   ASYNC_CASSANDRA_TEST_NODES='{"5.0":{"contactPoints":["127.0.0.1"],"port":9042,"localDatacenter":"dc1"}}' \
 *     node --import tsx test/wire/record.ts
 */
import { testNodes } from '../support/node-table.js';
import { query, RawConnection } from '../support/raw-connection.js';
import { CONVERSATIONS } from './support/conversations.js';
import { rowsOf } from './support/exchanges.js';
import { saveRecording, type Recorded } from './support/recording.js';
import { converse } from './support/run.js';

for (const [version, node] of testNodes) {
  await using connection = await RawConnection.ready(node);
  const answer = await connection.ask(query('SELECT release_version FROM system.local'));
  const server = String(rowsOf(answer).rows[0]?.[0]);
  for (const conversation of CONVERSATIONS) {
    const exchanges: Recorded[] = [];
    await converse(conversation, node, version, ({ exchange, request, response, answers }, before) => {
      // What is not as it should be must not become the measure of what is right.
      exchange.check(answers, before, version);
      exchanges.push({ name: exchange.name, request, response });
    });
    const compression = conversation.compression ?? null;
    saveRecording(version, conversation.name, {
      server,
      compression,
      framed: conversation.startUp !== false,
      exchanges,
    });
    process.stdout.write(`${version} ${conversation.name}: ${exchanges.length} exchanges\n`);
  }
}
