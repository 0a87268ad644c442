import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rows, warn, type FakeRow, type RowsOptions } from '../../src/testing/index.js';
import { bench } from './support.js';

const QUERY = 'SELECT n FROM t WHERE k = ?';

test('what the caller does to its parameters once the request is made does not show in later pages', async () => {
  await using one = await bench();
  one.node.prepared(QUERY, { columns: [{ name: 'n', type: 'int' }], parameters: [{ name: 'k', type: 'text' }] });
  one.node.on(QUERY, rows({ length: 9, row: (n) => [n] }, { columns: { n: 'int' } }));
  const statement = await one.session.prepare(QUERY);
  const parameters = ['mine'];
  const running = one.session.execute(statement, parameters, { fetchSize: 3 });
  parameters[0] = 'changed';
  assert.deepEqual(
    (await running).rows.map((row) => row['n']),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  );
  const sent = one.node.requests.filter(({ opcodeName }) => opcodeName === 'EXECUTE');
  assert.deepEqual(
    sent.map(({ values }) => values.map(String)),
    [['mine'], ['mine'], ['mine']],
  );
});

test('a result of several pages has the warnings of them all, each once', async () => {
  await using one = await bench();
  const page = (name: string | null): [FakeRow[], RowsOptions] => [
    [{ n: 1 }],
    { columns: { n: 'int' }, pagingState: name === null ? null : Buffer.from(name) },
  ];
  const answers = [
    warn('tombstones').rows(...page('a')),
    rows(...page('b')),
    warn('tombstones', 'slow').rows(...page('c')),
    rows(...page(null)),
  ];
  for (const [i, answer] of answers.entries()) one.node.on({ statement: 'SELECT n FROM w', nth: i + 1 }, answer);
  const result = await one.session.execute('SELECT n FROM w');
  assert.equal(result.length, 4);
  assert.deepEqual(result.info.warnings, ['tombstones', 'slow']);
});
