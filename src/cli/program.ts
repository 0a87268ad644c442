import { Command, Option } from 'commander';
import { DRIVER_VERSION } from '../version.js';
import type { CommandContext } from './commands/context.js';
import { describe, type DescribeFlags } from './commands/describe.js';
import { ping, type PingFlags } from './commands/ping.js';
import { query, type QueryFlags } from './commands/query.js';
import { version, type VersionFlags } from './commands/version.js';
import { EXIT_CODES_HELP } from './exit-codes.js';
import { addConnectionOptions, collect, consistencyLevel, nonNegativeNumber, wholeNumber } from './options.js';

/** Help is as wide everywhere: the documentation holds it as it is. */
const HELP_WIDTH = 100;
const MANY = Number.MAX_SAFE_INTEGER;

/** The command line: its commands, options and help. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('async-cassandra')
    .description('Looks at an Apache Cassandra cluster and runs CQL on it. Needs Cassandra 4.0 or newer.')
    .version(DRIVER_VERSION, '-V, --version', 'print the version of this package')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ helpWidth: HELP_WIDTH })
    .configureOutput({
      writeOut: (text) => context.io.stdout.write(text),
      writeErr: (text) => context.io.stderr.write(text),
    })
    .showHelpAfterError('(async-cassandra <command> --help tells how it is used)')
    .addHelpText('after', `\n${examples(PROGRAM_EXAMPLES)}\n\n${EXIT_CODES_HELP}`)
    .exitOverride();
  addPing(program, context);
  addDescribe(program, context);
  addQuery(program, context);
  addVersion(program, context);
  return program;
}

function examples(list: readonly string[]): string {
  return ['Examples:', ...list.map((line) => `  ${line}`)].join('\n');
}

const PROGRAM_EXAMPLES = [
  'async-cassandra ping 10.0.0.1',
  'async-cassandra describe shop > schema.cql',
  "async-cassandra query 'SELECT * FROM shop.orders' --limit-rows 10",
  'CASSANDRA_CONTACT_POINTS=10.0.0.1,10.0.0.2 async-cassandra query --file schema.cql',
];

function addPing(program: Command, context: CommandContext): void {
  const command = program
    .command('ping')
    .summary('ask every node, and tell how long it took')
    .description('Connects, asks every node of the cluster, and prints what it is and how long its answers took.')
    .argument('[contactPoints...]', 'host or host:port')
    .option('-n, --count <number>', 'pings to each node', (text) => wholeNumber(text, 1, 1_000_000), 4)
    .option('-i, --interval <seconds>', 'pause between two pings to a node', nonNegativeNumber, 0.2)
    .option('--json', 'print JSON')
    .action((contactPoints: string[], flags: PingFlags) => ping(context, contactPoints, flags));
  addConnectionOptions(command).addHelpText(
    'after',
    `\n${examples([
      'async-cassandra ping',
      'async-cassandra ping 10.0.0.1 10.0.0.2:9142 --count 10',
      "async-cassandra ping 10.0.0.1 --json | jq '.nodes[].medianMs'",
      'async-cassandra ping db.example.com --tls --ca ca.pem --username app --password-file secret.txt',
    ])}`,
  );
}

function addDescribe(program: Command, context: CommandContext): void {
  const command = program
    .command('describe')
    .summary('print the schema as CQL')
    .description(
      'Prints the schema as CQL that can be run: of all keyspaces but those of the server, of one keyspace, or of what ' +
        'has that name in it: a table with its indexes, triggers and views, a type, a function, an aggregate, an index, ' +
        'a trigger, a view.',
    )
    .argument('[keyspace]', 'its name, or keyspace.name')
    .argument('[name]', 'what is in the keyspace')
    .option('--cluster', "print the cluster's name, partitioner and nodes instead")
    .option('--json', 'print JSON: for each statement its keyspace, kind, name and CQL')
    .action((keyspace: string | undefined, name: string | undefined, flags: DescribeFlags) =>
      describe(
        context,
        [keyspace, name].filter((one) => one !== undefined),
        flags,
      ),
    );
  addConnectionOptions(command).addHelpText(
    'after',
    `\n${examples([
      'async-cassandra describe',
      'async-cassandra describe shop > schema.cql',
      'async-cassandra describe shop orders',
      'async-cassandra describe \'"Shop"."Orders"\'',
      'async-cassandra describe --cluster --contact-points 10.0.0.1',
    ])}`,
  );
}

function addQuery(program: Command, context: CommandContext): void {
  const command = program
    .command('query')
    .summary('run CQL and print its rows')
    .description(
      'Runs CQL and prints the rows while they come, page by page, in constant memory. Statements of a file or of stdin ' +
        'end with a semicolon; they run one after another until one fails.',
    )
    .argument('[cql]', 'the statement; - for stdin')
    .option('-f, --file <path>', 'read the CQL from a file; - for stdin')
    .option('--json', 'print a JSON array, a row a line')
    .option('--ndjson', 'print a JSON object a line')
    .option(
      '--param <value>',
      'the value of a ? or :name, as its column type wants it; repeatable, all by position or all as name=value',
      collect,
    )
    .addOption(new Option('--consistency <level>', 'such as ONE, QUORUM or LOCAL_QUORUM').argParser(consistencyLevel))
    .option('--fetch-size <rows>', 'rows a page', (text) => wholeNumber(text, 1, 2 ** 31 - 1), 1000)
    .option('--limit-rows <rows>', 'stop after so many rows', (text) => wholeNumber(text, 1, MANY))
    .option('--max-width <columns>', 'cut longer cells of the table', (text) => wholeNumber(text, 2, MANY))
    .option('--tracing', 'print to stderr what the servers did for the first page')
    .action((cql: string | undefined, flags: QueryFlags) => query(context, cql, flags));
  addConnectionOptions(command).addHelpText('after', `\n${QUERY_VALUES}\n\n${examples(QUERY_EXAMPLES)}`);
}

const QUERY_VALUES = `Values of --param are bound, never put into the text. They are written by the type of their column:
  text, ascii                 as it is
  int, bigint, varint ...     42
  float, double, decimal      1.5
  boolean                     true, false
  timestamp                   2026-01-31T12:00:00Z, or milliseconds since 1970
  date, time, duration        2026-01-31, 12:30:00.5, 1h30m
  uuid, inet                  5132b130-ae79-11e4-ab27-0800200c9a66, 10.0.0.1
  blob                        0xcafe
  list, set, tuple, vector    a JSON array: '["a", "b"]'
  map, user-defined type      a JSON object: '{"key": 1}'
  null                        null, for all types but text and ascii`;

const QUERY_EXAMPLES = [
  "async-cassandra query 'SELECT * FROM shop.orders' --limit-rows 10",
  "async-cassandra query 'SELECT * FROM orders WHERE id = ?' --keyspace shop --param 42",
  "async-cassandra query 'UPDATE orders SET tags = :tags WHERE id = :id' -k shop \\",
  '    --param id=42 --param \'tags=["new", "paid"]\'',
  "async-cassandra query 'SELECT * FROM shop.orders' --ndjson | jq -r '[.id, .state] | @csv'",
  'async-cassandra query --file schema.cql',
  "echo 'SELECT now() FROM system.local' | async-cassandra query -",
];

function addVersion(program: Command, context: CommandContext): void {
  const command = program
    .command('version')
    .summary('print the versions of this package, Node.js and the servers')
    .description('Prints the version of this package and of Node.js; with contact points, of each server too.')
    .argument('[contactPoints...]', 'host or host:port')
    .option('--json', 'print JSON')
    .action((contactPoints: string[], flags: VersionFlags) => version(context, contactPoints, flags));
  addConnectionOptions(command).addHelpText(
    'after',
    `\n${examples(['async-cassandra version', 'async-cassandra version 10.0.0.1'])}`,
  );
}
