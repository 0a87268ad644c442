import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { clusterOptions } from '../../../src/cli/connection.js';
import { promptForPassword, readCredentials } from '../../../src/cli/credentials.js';
import type { Io } from '../../../src/cli/io.js';
import type { ConnectionFlags } from '../../../src/cli/options.js';
import { run } from '../../../src/cli/run.js';
import { UsageError } from '../../../src/cli/usage-error.js';
import { PlainTextAuthProvider, type AsyncClusterOptions } from '../../../src/index.js';
import { commandIo, Kept, runCommand, Terminal } from '../../support/command-line.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'async-cassandra-cli-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const SECRET = 'geheim-4711';
const AUTHORITY = '-----BEGIN CERTIFICATE-----\n';

function options(
  flags: Partial<ConnectionFlags>,
  env: Record<string, string> = {},
  positional: string[] = [],
): Promise<AsyncClusterOptions> {
  return clusterOptions({ timeout: 12, ...flags }, commandIo({ env }), positional);
}

test('without anything: the local node', async () => {
  const { contactPoints, port, localDatacenter, authProvider, tls, requestTimeoutMs, connectTimeoutMs } = await options(
    {},
  );
  assert.deepEqual(
    [contactPoints, port, localDatacenter, authProvider, tls, requestTimeoutMs, connectTimeoutMs],
    [['127.0.0.1'], undefined, undefined, undefined, undefined, 12_000, 5000],
  );
});

test('the environment is the default, the command line goes before', async () => {
  const env = { CASSANDRA_CONTACT_POINTS: 'a, b:1', CASSANDRA_LOCAL_DC: 'dc1', CASSANDRA_PORT: '9999' };
  const fromEnv = await options({}, env);
  assert.deepEqual([fromEnv.contactPoints, fromEnv.localDatacenter, fromEnv.port], [['a', 'b:1'], 'dc1', 9999]);
  const given = await options({ contactPoints: ['c'], localDatacenter: 'dc2', port: 1 }, env, ['d,e']);
  assert.deepEqual([given.contactPoints, given.localDatacenter, given.port], [['d', 'e', 'c'], 'dc2', 1]);
  assert.equal((await options({ timeout: 0.5 })).connectTimeoutMs, 250);
  await assert.rejects(options({}, { CASSANDRA_PORT: 'x' }), /CASSANDRA_PORT must be/);
});

test('a contact point with credentials is refused without being shown', async () => {
  await assert.rejects(options({ contactPoints: [`me:${SECRET}@host`] }), (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.ok(!error.message.includes(SECRET));
    return true;
  });
});

test('TLS: files are read; a certificate and its key go together', async () => {
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, AUTHORITY);
  assert.deepEqual((await options({ tls: true })).tls, {});
  assert.deepEqual((await options({ ca, servername: 'db' })).tls, { ca: AUTHORITY, servername: 'db' });
  await assert.rejects(options({ cert: ca }), /--cert and --key belong together/);
  await assert.rejects(options({ ca: join(folder, 'none') }), /--ca: cannot read .*none: there is no such file/);
});

test('the password: a file before the environment, its first line alone', async () => {
  const passwordFile = join(folder, 'secret');
  await writeFile(passwordFile, `${SECRET}\r\nmore`);
  const read = (
    flags: Partial<ConnectionFlags>,
    env: Record<string, string> = {},
  ): ReturnType<typeof readCredentials> => readCredentials({ timeout: 12, ...flags }, commandIo({ env }));
  assert.equal(await read({}, { CASSANDRA_PASSWORD: 'x' }), null);
  assert.deepEqual(await read({ username: 'me', passwordFile }, { CASSANDRA_PASSWORD: 'x' }), {
    username: 'me',
    password: SECRET,
  });
  const env = { CASSANDRA_USERNAME: 'env', CASSANDRA_PASSWORD: 'x' };
  assert.deepEqual(await read({}, env), { username: 'env', password: 'x' });
  assert.deepEqual(await read({}, { CASSANDRA_USER: 'old', CASSANDRA_PASSWORD: '' }), {
    username: 'old',
    password: '',
  });
  assert.ok((await options({ username: 'me' }, env)).authProvider instanceof PlainTextAuthProvider);
  await assert.rejects(read({ username: 'me' }), /No password is given for the user me/);
  await assert.rejects(read({ passwordFile }), /--password-file needs --username/);
});

function terminal(): { io: Io; keys: Terminal; shown: Kept } {
  const keys = new Terminal();
  const shown = Object.assign(new Kept(), { isTTY: true });
  return { io: { ...commandIo(), stdin: keys, stderr: shown }, keys, shown };
}

test('at a terminal the password is asked for, and not shown', async () => {
  const { io, keys, shown } = terminal();
  const asked = readCredentials({ timeout: 12, username: 'me' }, io);
  keys.write(`${SECRET}\r`);
  assert.deepEqual(await asked, { username: 'me', password: SECRET });
  assert.equal(shown.text, 'Password for me: \n');
});

test('Ctrl-C and the end of the input end the question', async () => {
  const stopped = terminal();
  const first = promptForPassword('me', stopped.io);
  stopped.keys.write('\u0003');
  await assert.rejects(first, { name: 'AbortError' });
  const ended = terminal();
  const second = promptForPassword('me', ended.io);
  ended.keys.end();
  await assert.rejects(second, /No password was typed/);
});

/** Wrong command lines, none of which opens anything. */
const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /Usage: async-cassandra \[options\] \[command\]/],
  [['pnig'], /unknown command 'pnig'\n\(Did you mean ping\?\)/],
  [['ping', '--prot', '1'], /unknown option '--prot'\n\(Did you mean --port\?\)/],
  [
    ['ping', '--port', '99999'],
    /'--port <number>' argument '99999' is invalid. It must be a whole number from 1 to 65535/,
  ],
  [['ping', '--count', '0'], /It must be a whole number from 1 to/],
  [['ping', '--timeout', '0'], /It must be a number such as 10 or 0\.5/],
  [['query'], /No statement is given\n {2}Write it behind `query`, in quotes/],
  [['query', 'a', '--file', 'b'], /Give the statement or --file, not both/],
  [['query', ' -- nothing\n;'], /There is no statement in the text given/],
  [['query', 'a', '--json', '--ndjson'], /exclude each other/],
  [['query', 'a; b', '--json'], /2 statements are given; --json, --ndjson and --param take one/],
  [['query', 'a', '--consistency', 'many'], /The levels are ANY, ONE, .*LOCAL_QUORUM/],
  [['query', 'a', '--csv'], /unknown option '--csv'/],
  [['describe', 'a', 'b', 'c'], /too many arguments/],
  [['describe', 'a', 'b', '-k', 'c'], /takes a keyspace and a name in it/],
  [['describe', 'a', '--cluster'], /--cluster takes no names/],
];

test('a wrong command line says what is wrong, on stderr, with exit code 1', async () => {
  for (const [args, told] of WRONG) {
    const { code, stdout, stderr } = await runCommand(args);
    assert.equal(code, 1, args.join(' '));
    assert.equal(stdout, '', args.join(' '));
    assert.match(stderr, told);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test('a password on the command line is refused, and not repeated', async () => {
  for (const args of [['--password', SECRET], [`--password=${SECRET}`], [`-p${SECRET}`], ['-p', SECRET]]) {
    const { code, stdout, stderr } = await runCommand(['ping', '-u', 'me', ...args]);
    assert.equal(code, 1);
    assert.match(stderr, /can be read by everybody on this machine/);
    assert.match(stderr, /Set CASSANDRA_PASSWORD/);
    assert.ok(!(stdout + stderr).includes(SECRET));
  }
});

test('a byte order mark is no part of a password or a statement; what is no UTF-8 is refused', async () => {
  const file = join(folder, 'encoded');
  await writeFile(file, `\ufeff${SECRET}\n`);
  const io = commandIo();
  assert.equal((await readCredentials({ timeout: 12, username: 'app', passwordFile: file }, io))?.password, SECRET);

  const latin = Buffer.from("INSERT INTO t (v) VALUES ('caf\u00e9')", 'latin1');
  await writeFile(file, latin);
  const isRefused = (outcome: { code: number; stderr: string }, name: string): void => {
    assert.equal(outcome.code, 1);
    assert.ok(outcome.stderr.startsWith(`error: ${name} is not text in UTF-8\n`), outcome.stderr);
  };
  isRefused(await runCommand(['query', '--file', file]), `--file: ${file}`);
  const stdin = { ...commandIo(), stdin: Readable.from([latin]) };
  isRefused({ code: await run(['query', '-'], stdin), stderr: stdin.stderr.text }, 'What stdin gives');
  await assert.rejects(
    readCredentials({ timeout: 12, username: 'app', passwordFile: file }, io),
    /^Error: --password-file: .* is not text in UTF-8$/,
  );
});

test('an authority without a certificate is refused: nothing would be trusted', async () => {
  const ca = join(folder, 'key.pem');
  await writeFile(ca, '-----BEGIN PRIVATE KEY-----\n');
  await assert.rejects(options({ ca }), new UsageError(`--ca: ${ca} holds no certificate as PEM`));
  for (const kind of ['', 'TRUSTED ', 'X509 ']) {
    const pem = `with words before\n-----BEGIN ${kind}CERTIFICATE-----\n`;
    await writeFile(ca, pem);
    const { tls } = await options({ ca });
    assert.equal(String(typeof tls === 'object' && tls.ca), pem);
  }
});

test('a time-out that no timer can wait for is told by the name of its option', async () => {
  for (const seconds of ['2147484', '0.001', '0']) {
    const { code, stderr } = await runCommand(['ping', '--timeout', seconds]);
    assert.equal(code, 1);
    assert.match(stderr, /^error: option '--timeout <seconds>' argument '[\d.]+' is invalid\. It must be a number/);
  }
});
