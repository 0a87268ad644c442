import { CommanderError } from 'commander';
import { CommandContext } from './commands/context.js';
import { ExitCode } from './exit-codes.js';
import { describeFailure, failureText } from './failure.js';
import { BrokenPipe, type Io } from './io.js';
import { createProgram } from './program.js';
import { visibleLines } from './text/display-width.js';

/** Runs one command line, without the program's own name in front, and gives the exit code. Never rejects. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const context = new CommandContext(io);
  const program = createProgram(context);
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return ExitCode.USAGE;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return ExitCode.OK;
  } catch (error) {
    // What commander throws it has told already: help, a version, wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
    if (error instanceof BrokenPipe) return ExitCode.OK;
    return report(error, context, args.includes('--debug'));
  }
}

function report(error: unknown, context: CommandContext, isDebugging: boolean): ExitCode {
  const { io, isUserNamed, isTls, statement } = context;
  const failure = describeFailure(error, { signal: io.signal, isUserNamed, isTls, statement });
  io.stderr.write(failureText(failure));
  if (isDebugging && error instanceof Error) io.stderr.write(`${visibleLines(stackOf(error))}\n`);
  return failure.code;
}

/** The stacks of an error and of what lies behind it. */
function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackOf(error.cause)}` : own;
}
