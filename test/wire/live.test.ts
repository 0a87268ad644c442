/** The conversations of the golden recordings, held with the nodes of this run: a server that changes is noticed. */
import { describe, test } from 'node:test';
import { testNodes } from '../support/node-table.js';
import { CONVERSATIONS } from './support/conversations.js';
import { converse } from './support/run.js';

for (const [version, node] of testNodes) {
  describe(`on the wire with Cassandra ${version}`, () => {
    for (const conversation of CONVERSATIONS) {
      test(conversation.name, async (context) => {
        const checks: Promise<void>[] = [];
        await converse(conversation, node, version, ({ exchange, answers }, before) => {
          checks.push(
            context.test(exchange.name, () => {
              exchange.check(answers, before, version);
            }),
          );
        });
        await Promise.all(checks);
      });
    }
  });
}
