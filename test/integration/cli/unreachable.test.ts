import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { drop, error, FakeNode, rows, warn } from '../../../src/testing/index.js';
import { selfSigned } from '../../support/certificates.js';
import { runCommand, type CommandOutcome } from '../../support/command-line.js';

const SECRET = 'geheim-4711';

async function ping(
  contactPoint: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<CommandOutcome> {
  const outcome = await runCommand(['ping', contactPoint, '--count', '1', '--timeout', '3', ...args], { env });
  assert.equal(outcome.stdout, '');
  assert.doesNotMatch(outcome.stderr, /\n\s+at /);
  assert.ok(!outcome.stderr.includes(SECRET));
  return outcome;
}

/** A port on which something other than Cassandra answers. */
async function withServer(greeting: string, work: (contactPoint: string) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(greeting));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work(`127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test('nothing listens there', async () => {
  const { code, stderr } = await ping('127.0.0.1:1');
  assert.equal(code, 2);
  assert.match(stderr, /127\.0\.0\.1:1.*ECONNREFUSED/);
  assert.match(
    stderr,
    /\n {2}Name the right place with --contact-points host:port \(or CASSANDRA_CONTACT_POINTS\); the usual port is 9042/,
  );
});

test('a name that does not resolve', async () => {
  const { code, stderr } = await ping('no-such-host.invalid');
  assert.equal(code, 2);
  assert.match(stderr, /Cannot resolve no-such-host\.invalid/);
});

test('something else listens there: a web server', async () => {
  await withServer('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', async (contactPoint) => {
    const { code, stderr } = await ping(contactPoint);
    assert.equal(code, 2);
    assert.match(stderr, /what the server sent cannot be read/);
    assert.match(stderr, /Name the right place with --contact-points/);
  });
});

test('a server of before 4.0', async () => {
  await using node = await FakeNode.start({ protocolVersions: [3, 4] });
  const { code, stderr } = await ping(node.contactPoint);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /Connected with protocol v4 but v5\+ is required.*upgrade your Cassandra cluster to version 4\.0 or newer\.\n$/,
  );
});

test('a password is wanted, and none is given', async () => {
  await using node = await FakeNode.start({ auth: { username: 'me', password: SECRET } });
  const { code, stderr } = await ping(node.contactPoint);
  assert.equal(code, 3);
  assert.match(stderr, /^error: \S+ asks for a user name and a password\n {2}Give --username .*CASSANDRA_PASSWORD/);
});

test('a refused password counts more than a node that is gone', async () => {
  await using node = await FakeNode.start({ auth: { username: 'me', password: SECRET } });
  const { code, stderr } = await ping(`127.0.0.1:1,${node.contactPoint}`);
  assert.equal(code, 3);
  assert.match(stderr, /asks for a user name and a password/);
});

test('the password is wrong, and right', async () => {
  await using node = await FakeNode.start({ auth: { username: 'me', password: SECRET } });
  const wrong = await ping(node.contactPoint, ['-u', 'me'], { CASSANDRA_PASSWORD: `${SECRET}-not` });
  assert.equal(wrong.code, 3);
  assert.match(wrong.stderr, /^error: .*username me.*\n {2}Check --username and the password/);
  const env = { CASSANDRA_USERNAME: 'me', CASSANDRA_PASSWORD: SECRET };
  const right = await runCommand(['query', 'SELECT key FROM system.local', '-c', node.contactPoint], { env });
  assert.deepEqual([right.code, right.stderr], [0, '']);
});

test('TLS where there is none', async () => {
  await using node = await FakeNode.start();
  const { code, stderr } = await ping(node.contactPoint, ['--tls']);
  assert.equal(code, 2);
  assert.match(stderr, /did not accept a connection within 1500 ms/);
  assert.match(stderr, /If no TLS is spoken there, leave the options of TLS out\.\n$/);
});

test('a certificate of an authority that nobody was told of', async () => {
  await using node = await FakeNode.start({ tls: selfSigned() });
  const { code, stderr } = await ping(node.contactPoint, ['--tls']);
  assert.equal(code, 2);
  assert.match(stderr, /TLS with .* failed: .*\n {2}See --tls, --ca, --cert, --key and --servername\.\n$/);
});

test('a query that is not answered in time', async () => {
  await using node = await FakeNode.start();
  node.on('SELECT slow FROM t', drop());
  const { code, stderr } = await runCommand(['query', 'SELECT slow FROM t', '-c', node.contactPoint, '--timeout', '1']);
  assert.equal(code, 5);
  assert.match(stderr, /Allow more time with --timeout <seconds>/);
});

test("a server's text cannot control the terminal", async () => {
  await using node = await FakeNode.start();
  node.on('SELECT v FROM t', warn('\u001b[2Jgone').rows([{ v: '\u001b[2J' }], { columns: { v: 'text' } }));
  const { code, stdout, stderr } = await runCommand(['query', 'SELECT v FROM t', '-c', node.contactPoint]);
  assert.deepEqual([code, stdout, stderr], [0, 'v\n-------\n\\x1b[2J\n(1 row)\n', 'warning: \\x1b[2Jgone\n']);
});

for (const flag of ['--json', '--ndjson']) {
  test(`nor can it with ${flag}, which is the same JSON`, async () => {
    await using node = await FakeNode.start();
    node.on('SELECT v FROM t', rows([{ v: 'a\u009b2J\u007f\u001b[2J' }], { columns: { v: 'text' } }));
    const { stdout } = await runCommand(['query', 'SELECT v FROM t', '-c', node.contactPoint, flag]);
    assert.match(stdout, /"a\\u009b2J\\u007f\\u001b\[2J"/);
    assert.deepEqual([JSON.parse(stdout)].flat(), [{ v: 'a\u009b2J\u007f\u001b[2J' }]);
  });
}

test('a role that may not', async () => {
  await using node = await FakeNode.start();
  node.on('SELECT v FROM t', error('UNAUTHORIZED', { message: 'User me has no SELECT permission' }));
  const { code, stderr } = await runCommand(['query', 'SELECT v FROM t', '-c', node.contactPoint]);
  assert.equal(code, 3);
  assert.match(stderr, /no SELECT permission\n {2}Log in as a role that may do this/);
});

test('pings that fail: the others are shown, and the exit code tells', async () => {
  await using node = await FakeNode.start();
  const probe = /SELECT release_version FROM system\.local/;
  node.on({ statement: probe, nth: 3 }, error('OVERLOADED', { message: 'busy' }));
  const { code, stdout, stderr } = await runCommand(['ping', node.contactPoint, '--interval', '0']);
  assert.equal(code, 2);
  assert.match(stdout, / 3\/4 /);
  assert.match(stderr, new RegExp(`^error: ${node.contactPoint}: 1 of 4 pings failed: .*busy`));
});

test('rows before an error are printed', async () => {
  await using node = await FakeNode.start();
  node.on({ statement: 'SELECT n FROM t' }, error('READ_FAILURE', { message: 'page 2' }));
  node.on({ statement: 'SELECT n FROM t', nth: 1 }, rows([{ n: 1 }], { columns: { n: 'int' }, pagingState: 'more' }));
  const { code, stdout, stderr } = await runCommand(['query', 'SELECT n FROM t', '-c', node.contactPoint, '--json']);
  assert.equal(code, 4);
  assert.equal(stdout, '[\n{"n":1}');
  assert.match(stderr, /page 2/);
});
