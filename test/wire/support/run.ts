import { Opcode } from '../../../src/protocol/constants.js';
import type { TestNode } from '../../support/node-table.js';
import { isAtLeast } from '../../support/node-table.js';
import { RawConnection, type Envelope } from '../../support/raw-connection.js';
import type { Before, Conversation, Exchange } from './exchanges.js';

/** One exchange as it went over the wire. */
export interface Heard {
  readonly exchange: Exchange;
  readonly request: Buffer;
  readonly response: Buffer;
  readonly answers: readonly [Envelope, ...Envelope[]];
}

/** What was answered so far, by the exchange's name. */
export class Answers implements Before {
  readonly #byName = new Map<string, Envelope>();

  add(name: string, answer: Envelope): void {
    this.#byName.set(name, answer);
  }

  answer(name: string): Envelope {
    const answer = this.#byName.get(name);
    if (answer === undefined) throw new Error(`There was no exchange '${name}' yet`);
    return answer;
  }
}

export function exchangesOf(conversation: Conversation, version: string): readonly Exchange[] {
  return conversation.exchanges.filter(({ since }) => since === undefined || isAtLeast(version, since));
}

export function atLeastOne(envelopes: readonly Envelope[]): readonly [Envelope, ...Envelope[]] {
  const [first, ...others] = envelopes;
  if (first === undefined) throw new Error('Nothing was answered');
  return [first, ...others];
}

/** Holds a conversation with a node, and hands each exchange to `hear` as soon as it is over. */
export async function converse(
  conversation: Conversation,
  node: TestNode,
  version: string,
  hear: (heard: Heard, before: Before) => void,
): Promise<void> {
  await using helper = await RawConnection.ready(node);
  for (const cql of conversation.given?.(version) ?? []) await helper.run(cql);
  try {
    const compression = conversation.compression ?? null;
    const begun = conversation.startUp !== false;
    await using connection = await (begun
      ? RawConnection.ready(node, compression)
      : RawConnection.open(node, compression));
    connection.takeReceived();
    const before = new Answers();
    for (const exchange of exchangesOf(conversation, version)) {
      for (const cql of exchange.given ?? []) await helper.run(cql);
      const request = connection.send(exchange.request(before));
      const answers = atLeastOne(await connection.take(exchange.answers ?? 1));
      before.add(exchange.name, answers.find(({ opcode }) => opcode !== Opcode.EVENT) ?? answers[0]);
      hear({ exchange, request, response: connection.takeReceived(), answers }, before);
    }
  } finally {
    for (const cql of conversation.finally ?? []) await helper.run(cql);
  }
}
