import { Output, type Io } from '../io.js';
import { harmlessJson } from '../text/harmless-json.js';

/** What the parts of a command share while it runs. */
export class CommandContext {
  readonly io: Io;
  readonly output: Output;
  /** Somebody logs in: a refusal then means another thing. */
  isUserNamed = false;
  isTls = false;
  /** The statement under way. */
  statement: string | null = null;

  constructor(io: Io) {
    this.io = io;
    this.output = new Output(io.stdout);
    // Nobody reads it any more: what is told is lost, and the work goes on.
    io.stderr.on('error', () => undefined);
  }

  /** Prints what is no result: warnings, traces. */
  note(text: string): void {
    this.io.stderr.write(`${text}\n`);
  }

  async printLines(lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.output.line(line);
    await this.output.flush();
  }

  printJson(value: unknown): Promise<void> {
    return this.printLines([harmlessJson(JSON.stringify(value, null, 2))]);
  }
}
