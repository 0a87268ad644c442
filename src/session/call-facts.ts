import { tracedText, type StatementText } from '../execution/statement-text.js';
import type { QueryType } from '../observe/metrics/types.js';
import { batchMembersOf, BatchStatement } from '../statement/batch-statement.js';
import { BoundStatement, boundPartsOf } from '../statement/bound-statement.js';
import type { Parameters } from '../protocol/codec/bind-plan.js';
import { PreparedStatement } from '../statement/prepared-statement.js';
import { SimpleStatement } from '../statement/simple-statement.js';
import type { StreamedText } from '../statement/streamed-text.js';
import type { StatementOptions } from '../statement/statement-options.js';

/** What can be executed. */
export type Statement = string | SimpleStatement | PreparedStatement | BoundStatement;

const NO_SETTINGS: StatementOptions = {};

/** One call of a session, as metrics, traces and logs describe it. Made only if one of them wants to know. */
export class CallFacts {
  readonly queryType: QueryType;
  /** Values bound: how many, never which. */
  readonly parametersCount: number;
  /** Settings of the statement itself. */
  readonly settings: StatementOptions;
  readonly batchSize: number | null;
  /** Of a stream's page, from 1. */
  readonly pageNumber: number | null;
  readonly #text: StatementText;

  private constructor(
    queryType: QueryType,
    text: StatementText,
    parametersCount: number,
    settings: StatementOptions,
    batchSize: number | null,
    pageNumber: number | null,
  ) {
    this.queryType = queryType;
    this.#text = text;
    this.parametersCount = parametersCount;
    this.settings = settings;
    this.batchSize = batchSize;
    this.pageNumber = pageNumber;
  }

  /** Without passwords. Of a batch, its distinct texts. */
  get text(): string {
    return tracedText(this.#text);
  }

  /** What tells the statement from others, within this process. */
  get key(): string {
    return typeof this.#text === 'string' ? this.#text : `BATCH ${this.text}`;
  }

  static ofStatement(
    statement: Statement | StreamedText,
    parameters: Parameters | undefined,
    pageNumber?: number,
  ): CallFacts {
    // A caller without types can pass anything; the call is refused after this.
    const given: unknown = statement;
    const text = typeof given === 'string' ? given : given instanceof Object ? queryOf(given) : '';
    const bound = boundCount(statement, parameters);
    const type = typeof bound === 'number' ? 'prepared' : 'simple';
    const settings = typeof statement === 'string' ? NO_SETTINGS : (statement as StatementOptions);
    return new CallFacts(
      pageNumber === undefined ? type : 'stream',
      text,
      bound ?? 0,
      settings,
      null,
      pageNumber ?? null,
    );
  }

  static ofBatch(batch: BatchStatement): CallFacts {
    const given: unknown = batch;
    if (!(given instanceof BatchStatement)) return new CallFacts('batch', '', 0, NO_SETTINGS, 0, null);
    const members = batchMembersOf(batch);
    const texts = members.map((member) => member.prepared ?? member);
    let values = 0;
    for (const member of members) {
      values += member.prepared === null ? countOf(member.parameters ?? []) : member.prepared.bindPlan.count;
    }
    return new CallFacts('batch', texts, values, batch, members.length, null);
  }

  static ofPreparation(query: string): CallFacts {
    const given: unknown = query;
    return new CallFacts('prepare', typeof given === 'string' ? given : '', 0, NO_SETTINGS, null, null);
  }
}

function queryOf(statement: object): string {
  return 'query' in statement && typeof statement.query === 'string' ? statement.query : '';
}

/** How many values are bound; null for a text without any, which is not prepared. */
function boundCount(statement: Statement | StreamedText, parameters: Parameters | undefined): number | null {
  if (statement instanceof BoundStatement) return boundPartsOf(statement).prepared.bindPlan.count;
  if (statement instanceof PreparedStatement) return countOf(parameters ?? []);
  const values = parameters ?? (statement instanceof SimpleStatement ? statement.parameters : undefined);
  return values === undefined ? null : countOf(values);
}

function countOf(parameters: Parameters): number {
  const given: unknown = parameters;
  if (Array.isArray(given)) return given.length;
  return typeof given === 'object' && given !== null ? Object.keys(given).length : 0;
}
