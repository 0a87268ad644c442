import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rows } from '../../src/testing/index.js';
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
