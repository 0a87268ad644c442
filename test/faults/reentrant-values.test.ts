import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchStatement, type AsyncCassandraSession } from '../../src/index.js';
import { error, reactions, type FakeNode, type FakeRequest } from '../../src/testing/index.js';
import { bench, failure } from './support.js';

const OUTER = 'INSERT INTO outer (a, b) VALUES (:a, :b)';
const INNER = 'INSERT INTO inner (x) VALUES (?)';

function scripted(node: FakeNode): void {
  const parameters = [
    { name: 'a', type: 'int' },
    { name: 'b', type: 'text' },
  ] as const;
  node.prepared(OUTER, { parameters });
  node.prepared(INNER, { parameters: [{ name: 'x', type: 'int' }] });
}

/** What arrived: the statement and its values' bytes. */
function arrived(node: FakeNode): string[] {
  const shown = ({ statement, values }: FakeRequest): string =>
    `${String(statement)}: ${values.map((value) => value?.toString('hex') ?? 'null').join(' ')}`;
  return node.requests.filter(({ opcodeName }) => opcodeName === 'EXECUTE').map(shown);
}

const BOTH = [`${OUTER}: 00000001 74657874`, `${INNER}: 00000007`];

/** Parameters of OUTER: reading `b` executes INNER, once. */
function reentrant(session: AsyncCassandraSession): {
  values: { a: number; b: string };
  inner: () => Promise<unknown>;
} {
  let inner: Promise<unknown> | null = null;
  const values = {
    a: 1,
    get b(): string {
      inner ??= session.execute(INNER, [7]);
      return 'text';
    },
  };
  return { values, inner: () => inner ?? Promise.reject(new Error('b was not read')) };
}

test('a getter among the parameters that executes another statement: both arrive, each with its own values', async () => {
  await using one = await bench();
  scripted(one.node);
  await Promise.all([one.session.prepare(OUTER), one.session.prepare(INNER)]);
  const { values, inner } = reentrant(one.session);
  await one.session.execute(OUTER, values);
  await inner();
  assert.deepEqual(arrived(one.node), BOTH);
});

test('the same on a node that has forgotten both statements: each is sent again with its own bytes', async () => {
  await using one = await bench();
  scripted(one.node);
  await Promise.all([one.session.prepare(OUTER), one.session.prepare(INNER)]);
  for (const statement of [OUTER, INNER]) {
    let isKnown = false;
    one.node.on(statement, () => {
      const reaction = isKnown ? reactions.rows([]) : error('UNPREPARED');
      isKnown = true;
      return reaction;
    });
  }
  const { values, inner } = reentrant(one.session);
  await one.session.execute(OUTER, values);
  await inner();
  assert.deepEqual(arrived(one.node).sort(), [...BOTH, ...BOTH].sort());
});

test('a value that is refused after a getter has sent something: that arrives nonetheless', async () => {
  await using one = await bench();
  scripted(one.node);
  await Promise.all([one.session.prepare(OUTER), one.session.prepare(INNER)]);
  const sent: Promise<unknown>[] = [];
  const values = {
    a: 1,
    get b(): unknown {
      sent.push(one.session.execute(INNER, [7]));
      return Symbol('no text');
    },
  };
  assert.match((await failure(one.session.execute(OUTER, values))).message, /Parameter 'b' \(text\)/);
  await Promise.all(sent);
  await one.session.execute(OUTER, { a: 1, b: 'text' });
  assert.deepEqual(arrived(one.node), [...BOTH].reverse());
});

test('a batch whose values add to it while they are read: refused, and the batch is as before', async () => {
  await using one = await bench();
  scripted(one.node);
  const outer = await one.session.prepare(OUTER);
  const batch = new BatchStatement();
  const values = {
    a: 1,
    get b(): string {
      batch.add(outer, { a: 2, b: 'within' });
      return 'text';
    },
  };
  const refused = { name: 'ConfigurationError', message: /just reading the values of another statement/ };
  assert.throws(() => batch.add(outer, values), refused);
  assert.equal(batch.length, 0);
  batch.add(outer, { a: 1, b: 'text' });
  assert.equal(batch.length, 1);
  await one.session.executeBatch(batch);
});
