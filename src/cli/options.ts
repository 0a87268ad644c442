import { InvalidArgumentError, Option, type Command } from 'commander';
import { ConsistencyLevel } from '../index.js';

/** How to reach the cluster, as the command line and the environment say it. */
export interface ConnectionFlags {
  readonly contactPoints?: readonly string[];
  readonly port?: number;
  readonly localDatacenter?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly password?: boolean;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly timeout: number;
  readonly keyspace?: string;
  readonly debug?: boolean;
}

const GROUP = 'Connection:';

function connectionOption(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup(GROUP);
}

/** Adds the options that every command which connects has. */
export function addConnectionOptions(command: Command): Command {
  const options = [
    connectionOption(
      '-c, --contact-points <host[:port],...>',
      'nodes to begin with; repeatable (env: CASSANDRA_CONTACT_POINTS) (default: 127.0.0.1)',
    ).argParser(collectList),
    connectionOption(
      '--port <number>',
      'for contact points that name none (env: CASSANDRA_PORT) (default: 9042)',
    ).argParser((text) => wholeNumber(text, 1, 65_535)),
    connectionOption(
      '--local-datacenter <name>',
      'the datacenter to work with (env: CASSANDRA_LOCAL_DC) (default: that of the first contact point that answers)',
    ),
    connectionOption('-k, --keyspace <name>', 'the keyspace that unqualified names mean'),
    connectionOption(
      '-u, --username <name>',
      'log in; the password comes from CASSANDRA_PASSWORD, from --password-file or from a prompt, never from an argument, which everybody on the machine can read (env: CASSANDRA_USERNAME)',
    ),
    connectionOption('--password-file <path>', 'a file whose first line is the password'),
    // Not for use: it is there to be refused with a word on what to do, and without its value in the error.
    connectionOption('-p, --password [value]', 'refused')
      .argParser(() => true)
      .hideHelp(),
    connectionOption('--tls', 'speak TLS; the certificate and its name are verified'),
    connectionOption('--ca <path>', "the authority of the cluster's certificates, as PEM; implies --tls"),
    connectionOption('--cert <path>', "the client's certificate, as PEM; implies --tls"),
    connectionOption('--key <path>', "the client's key, as PEM; implies --tls"),
    connectionOption('--servername <name>', 'the name that the certificate must carry; implies --tls'),
    connectionOption('--timeout <seconds>', 'for connecting, and for each request').default(12).argParser(timeout),
    connectionOption('--debug', 'print stack traces, and what the driver logs'),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/** `a,b` and repeated options both make lists. */
function collectList(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...splitList(text)];
}

export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

export function wholeNumber(text: string, least: number, most: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${String(least)}` : `from ${String(least)} to ${String(most)}`;
  throw new InvalidArgumentError(`It must be a whole number ${range}.`);
}

function positiveNumber(text: string): number {
  const number = /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (number > 0) return number;
  throw new InvalidArgumentError('It must be a number such as 10 or 0.5.');
}

/** What a timer of Node.js can wait for; a connection gets half of it. */
function timeout(text: string): number {
  const seconds = positiveNumber(text);
  if (seconds >= 0.01 && seconds <= 2_147_483) return seconds;
  throw new InvalidArgumentError('It must be a number of seconds from 0.01 to 2147483.');
}

export function nonNegativeNumber(text: string): number {
  return text === '0' ? 0 : positiveNumber(text);
}

/** `local-quorum`, `LOCAL_QUORUM` ... */
export function consistencyLevel(text: string): ConsistencyLevel {
  const name = text.toUpperCase().replaceAll('-', '_');
  const found = Object.entries(ConsistencyLevel).find(([known]) => known === name);
  if (found !== undefined) return found[1];
  throw new InvalidArgumentError(`The levels are ${Object.keys(ConsistencyLevel).join(', ')}.`);
}
