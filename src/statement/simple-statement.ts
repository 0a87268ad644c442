import { ConfigurationError } from '../errors.js';
import type { Parameters } from '../protocol/codec/bind-plan.js';
import { optionProblems, showValue, type OptionCheck } from '../util/option-checks.js';
import { StatementBase } from './statement-base.js';
import { FOREIGN_STATEMENT_OPTIONS, STATEMENT_OPTION_CHECKS, type StatementOptions } from './statement-options.js';

/** Options of a statement, and its parameters. */
export interface SimpleStatementOptions extends StatementOptions {
  /** By position or by name. A statement with parameters is prepared when it is executed: they never become text. */
  parameters?: Parameters | undefined;
}

/** The kind of a refused value alone is told: it may be a bound one. */
const someParameters: OptionCheck = (value) =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
    ? null
    : `must be an array by position or an object by name; got ${value === null ? 'null' : `a ${kindOf(value)}`}`;

function kindOf(value: unknown): string {
  return value instanceof Uint8Array ? 'Buffer' : typeof value;
}

const CHECKS = { ...STATEMENT_OPTION_CHECKS, parameters: someParameters };

/** A statement as text, with its settings. */
export class SimpleStatement extends StatementBase {
  /** The CQL text. */
  readonly query: string;
  /** Values for its bind markers; with some, the text is prepared. */
  readonly parameters: Parameters | undefined;

  /** Throws ConfigurationError. */
  constructor(query: string, options: SimpleStatementOptions = {}) {
    super(options);
    checkQueryText(query, 'SimpleStatement');
    const problems = optionProblems(options, CHECKS, FOREIGN_STATEMENT_OPTIONS);
    if (problems.length > 0) throw new ConfigurationError(`SimpleStatement: ${problems.join('; ')}`);
    this.query = query;
    this.parameters = options.parameters;
  }
}

/** The statement as it is now, with these parameters in place of its own. For the session layer alone. */
export function simpleCopyOf(statement: SimpleStatement, parameters: Parameters | undefined): SimpleStatement {
  return Object.assign(new SimpleStatement(statement.query), statement, { parameters });
}

/** Throws ConfigurationError unless `query` is a text with something in it. */
export function checkQueryText(query: unknown, where: string): void {
  if (typeof query === 'string' && query.trim() !== '') return;
  throw new ConfigurationError(`${where}: a query must be a string that is not empty; got ${showValue(query)}`);
}

/** Throws ConfigurationError unless `parameters` are an array or an object that can name its values. */
export function checkParameters(parameters: unknown, where: string): void {
  const problem = someParameters(parameters);
  if (problem !== null) throw new ConfigurationError(`${where}: parameters ${problem}`);
}
