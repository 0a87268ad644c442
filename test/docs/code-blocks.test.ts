/** How blocks of a page become a program: without a node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksOf } from '../../scripts/docs/blocks.js';
import { formProblems } from '../../scripts/docs/check-form.js';
import { typeProblems } from '../../scripts/docs/check-types.js';
import { cqlStatements } from '../../scripts/docs/cql-statements.js';
import { namesInTypeScript } from '../../scripts/docs/example-names.js';
import { assertOutput } from '../../scripts/docs/output.js';
import { PageFolder } from '../../scripts/docs/page-files.js';
import { pageProgram } from '../../scripts/docs/page-program.js';
import { parsePage } from '../../scripts/docs/pages.js';

const names = { contactPoint: '127.0.0.9:9999', localDatacenter: 'here', keyspace: 'docs_page' };

function page(...lines: string[]): ReturnType<typeof parsePage> {
  return parsePage('docs/page.md', `${lines.join('\n')}\n`);
}

test('blocks: languages, words, lines, and set-ups that readers do not see', () => {
  const blocks = blocksOf(
    page(
      '# Page',
      '',
      '<!-- setup: cql',
      'CREATE TABLE a;',
      '-->',
      '',
      '```ts check',
      'a();',
      '',
      'b();',
      '```',
      '',
      '    indented',
    ),
  );
  assert.deepEqual(blocks, [
    { language: 'cql', words: [], hidden: true, line: 3, text: 'CREATE TABLE a;' },
    { language: 'ts', words: ['check'], hidden: false, line: 7, text: 'a();\n\nb();' },
  ]);
});

test('every line of a block has the same number in the program as on the page', () => {
  const source = page(
    '# Page',
    '',
    '```ts',
    'first();',
    '```',
    '',
    'Text',
    '',
    '```ts',
    "import x from 'y';",
    'second();',
    '```',
  );
  const lines = pageProgram(source, names).main.text.split('\n');
  assert.match(lines[3] ?? '', /first\(\);/);
  assert.match(lines[10] ?? '', /second\(\);/);
  // Imports stand at the top.
  assert.match(lines[0] ?? '', /import x from 'y';/);
  assert.doesNotMatch(lines[9] ?? '', /import/);
});

test('a block that is only checked is not run, nor is its set-up; a whole program is a module of its own', () => {
  const { main, typed, programs } = pageProgram(
    page(
      ...['<!-- setup: ts', 'hidden();', '-->', '', '```ts check', 'shown();', '```', ''],
      ...['```ts', "import { AsyncCluster } from 'async-cassandra';", 'whole();', '```'],
    ),
    names,
  );
  assert.doesNotMatch(main.text, /hidden|shown|whole/);
  assert.match(main.text, /page\.program\(9, \(\) => import\('\.\/program-9\.js'\)\)/);
  assert.match(typed.text, /hidden[^]*shown/);
  assert.deepEqual(
    programs.map(({ name, text }) => [name, text.includes('whole();')]),
    [['program-9', true]],
  );
});

test('example hosts, the datacenter and the keyspace become those of the run; values do not', () => {
  const code = [
    "new AsyncCluster({ contactPoints: ['127.0.0.1', 'node1.example.com:9042'], localDatacenter: 'dc1' });",
    "execute(`SELECT * FROM shop.users WHERE ip = '127.0.0.1'`, ['127.0.0.1', shop, 'workshop']);",
  ];
  assert.equal(
    namesInTypeScript(code.join('\n'), names),
    [
      "new AsyncCluster({ contactPoints: ['127.0.0.9:9999', '127.0.0.9:9999'], localDatacenter: 'here' });",
      "execute(`SELECT * FROM docs_page.users WHERE ip = '127.0.0.1'`, ['127.0.0.1', shop, 'workshop']);",
    ].join('\n'),
  );
});

test('CQL texts are taken apart at semicolons that end statements', () => {
  assert.deepEqual(
    cqlStatements('INSERT \'a;b\'; -- c;\nBEGIN BATCH\n INSERT 1;\n INSERT 2;\nAPPLY BATCH;\nSELECT "x;"'),
    ["INSERT 'a;b'", 'BEGIN BATCH\n INSERT 1;\n INSERT 2;\nAPPLY BATCH', 'SELECT "x;"'],
  );
});

test('outputs: … stands for anything in a line, and alone for any lines', () => {
  assertOutput('id 12 (new)\na\nb\nend\n', 'id … (new)\n…\nend');
  assert.throws(() => {
    assertOutput('one\n', 'two');
  }, /something else than its page says/);
  assert.throws(() => {
    assertOutput('a\nb\n', 'a');
  }, /something else/);
});

test('what is not well-formed is found, with its line', () => {
  const problems = formProblems(
    page(
      ...[
        '```ts chekc',
        '```',
        '```sh',
        'npm run nothing',
        '```',
        '```json',
        '{',
        '```',
        '```js',
        'let let = 1 1',
        '```',
      ],
      ...['', '<!-- setup: python', '-->', '', '```rust', '```'],
    ),
  );
  assert.deepEqual(
    problems.map((problem) => problem.slice(0, 'docs/page.md:13'.length)),
    ['docs/page.md:1:', 'docs/page.md:3:', 'docs/page.md:6:', 'docs/page.md:9:', 'docs/page.md:16', 'docs/page.md:13'],
  );
});

test('errors of types are told with page, line and column', () => {
  using folder = new PageFolder();
  const files = folder.write(page('# Page', '', '```ts', "session.execut('SELECT');", '```'), names);
  assert.deepEqual(typeProblems([files]), [
    "docs/page.md:4:9: Property 'execut' does not exist on type 'AsyncCassandraSession'. Did you mean 'execute'?",
  ]);
});
