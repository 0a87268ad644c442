import { addAbortSignal } from 'node:stream';
import { buffer as readAll } from 'node:stream/consumers';
import type { AsyncStreamingResultSet, ConsistencyLevel, ExecuteOptions, StreamConfig } from '../../index.js';
import type { Connected } from '../connection.js';
import { decodeText, readTextFile } from '../credentials.js';
import { BrokenPipe } from '../io.js';
import type { ConnectionFlags } from '../options.js';
import { bindParameters } from '../parameters.js';
import { resultPrinter, type Format, type RowValues } from '../result-printer.js';
import { splitStatements } from '../statements.js';
import { visible } from '../text/display-width.js';
import { traceLines } from '../trace-text.js';
import { UsageError } from '../usage-error.js';
import { connected } from './connect.js';
import type { CommandContext } from './context.js';

export interface QueryFlags extends ConnectionFlags {
  readonly file?: string;
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly param?: readonly string[];
  readonly consistency?: ConsistencyLevel;
  readonly fetchSize: number;
  readonly limitRows?: number;
  readonly maxWidth?: number;
  readonly tracing?: boolean;
}

type Rows = AsyncStreamingResultSet<RowValues>;

export async function query(context: CommandContext, cql: string | undefined, flags: QueryFlags): Promise<void> {
  const statements = splitStatements(await readText(context, cql, flags));
  const format = formatOf(flags);
  if (statements.length === 0) throw new UsageError('There is no statement in the text given');
  if (statements.length > 1 && (format !== 'table' || flags.param !== undefined)) {
    throw new UsageError(
      `${String(statements.length)} statements are given; --json, --ndjson and --param take one`,
      'Run them one by one.',
    );
  }
  await connected(context, flags, async (connection) => {
    for (const statement of statements) {
      context.statement = statement;
      try {
        await run(context, connection, statement, flags, format);
      } catch (error) {
        // Its rows have no reader any more; the statements behind it are to be run all the same.
        if (!(error instanceof BrokenPipe)) throw error;
      }
    }
  });
}

function formatOf({ json, ndjson }: QueryFlags): Format {
  if (json === true && ndjson === true) throw new UsageError('--json and --ndjson exclude each other');
  return json === true ? 'json' : ndjson === true ? 'ndjson' : 'table';
}

async function readText({ io }: CommandContext, cql: string | undefined, { file }: QueryFlags): Promise<string> {
  if (cql !== undefined && file !== undefined) throw new UsageError('Give the statement or --file, not both');
  if (file !== undefined && file !== '-') return readTextFile('--file', file);
  if (file === '-' || cql === '-')
    return decodeText(await readAll(addAbortSignal(io.signal, io.stdin)), 'What stdin gives');
  if (cql === undefined) {
    throw new UsageError(
      'No statement is given',
      'Write it behind `query`, in quotes, or give --file <path>, or - for stdin.',
    );
  }
  return cql;
}

async function run(
  context: CommandContext,
  connection: Connected,
  statement: string,
  flags: QueryFlags,
  format: Format,
): Promise<void> {
  const rows = await open(context, connection, statement, flags);
  // Asked for before the rows are read, it is that of the first page; they do not wait for it.
  const trace = flags.tracing === true ? rows.getQueryTrace() : null;
  trace?.catch(() => undefined);
  if (rows.columns.length > 0) await print(context, rows, flags, format);
  else await finish(context, rows, format);
  if (trace !== null) for (const line of traceLines(await trace)) context.note(line);
}

async function open(
  context: CommandContext,
  { session }: Connected,
  statement: string,
  flags: QueryFlags,
): Promise<Rows> {
  const { limitRows = Infinity, consistency, param } = flags;
  const { signal } = context.io;
  const fetchSize = Math.min(flags.fetchSize, limitRows);
  const options: ExecuteOptions & StreamConfig<RowValues> = {
    rowMode: 'array',
    fetchSize,
    trace: flags.tracing === true,
    signal,
    ...(consistency === undefined ? {} : { consistencyLevel: consistency }),
    pageCallback: () => {
      for (const warning of stream.info.warnings) context.note(`warning: ${visible(warning)}`);
    },
  };
  const stream: Rows = await start();
  return stream;

  async function start(): Promise<Rows> {
    if (param === undefined) return session.executeStream<RowValues>(statement, undefined, options);
    const prepared = await session.prepare(statement, { signal });
    return session.executeStream<RowValues>(prepared, bindParameters(param, prepared.parameters), options);
  }
}

async function print(context: CommandContext, rows: Rows, flags: QueryFlags, format: Format): Promise<void> {
  const printer = resultPrinter(rows.columns, context.output, { format, maxWidth: flags.maxWidth });
  let left = flags.limitRows ?? Infinity;
  let isCut = false;
  for await (const page of rows.pages()) {
    await printer.page(page.length > left ? page.slice(0, left) : page);
    isCut = page.length > left;
    left -= page.length;
    if (left > 0) continue;
    isCut ||= rows.pagingState !== null;
    break;
  }
  await printer.end(isCut);
}

/** A statement without rows: all that is to say is that it was done. */
async function finish(context: CommandContext, rows: Rows, format: Format): Promise<void> {
  for await (const page of rows.pages()) if (page.length > 0) throw new Error('Rows without columns');
  if (format === 'table') await context.printLines(['ok']);
  else if (format === 'json') await context.printLines(['[]']);
}
