import type { Connection } from '../connection/connection.js';
import { ProtocolError } from '../errors.js';
import type { ByteReader } from '../protocol/byte-reader.js';
import { readApplied } from '../protocol/codec/applied.js';
import type { ColumnSpec } from '../protocol/codec/cql-type.js';
import { RowPlan } from '../protocol/codec/row-plan.js';
import { ResultKind } from '../protocol/constants.js';
import {
  EMPTY_PREFIX,
  joinPrefixes,
  readResultKind,
  readRowsHeader,
  readSchemaChange,
  readSetKeyspace,
  type ResponsePrefix,
  type RowsHeader,
  type SchemaChange,
} from '../protocol/messages/index.js';
import { PAGE_BYTES, PageSizer } from '../result/page-sizer.js';
import { AsyncResultSet } from '../result/result-set.js';
import type { Attempt } from './attempt.js';
import { PageDecoding } from './page-decoding.js';
import { Request } from './request.js';
import type { RequestContext } from './request-plan.js';
import { ResultInfo } from './result-info.js';
import type { StatementCall } from './statement-call.js';

const NO_COLUMNS: readonly ColumnSpec[] = [];

/** A request for rows, or for the confirmation of a change. */
export class StatementRequest extends Request<AsyncResultSet<unknown>> {
  protected readonly maxReprepares: number;
  private readonly call: StatementCall;
  private rows: unknown[] | null = null;
  /** What the pages before this one told beside their rows. */
  private told = EMPTY_PREFIX;
  /** From the second page on. */
  private sizer: PageSizer | null = null;
  /** Of a conditional statement, whether its condition held. */
  private wasApplied = true;

  constructor(context: RequestContext, call: StatementCall) {
    super(context, call, call);
    this.call = call;
    // Each statement of a batch may be forgotten once, and one more time by a node that was restarted meanwhile.
    this.maxReprepares = call.prepared.length + 1;
  }

  protected readResult(reader: ByteReader, prefix: ResponsePrefix, attempt: Attempt, owned: boolean): void {
    const kind = readResultKind(reader);
    if (kind === ResultKind.ROWS) {
      this.onRows(reader, prefix, attempt, owned);
      return;
    }
    // Taken for the end of the result it would lose rows.
    if (this.isFurtherPage) {
      throw new ProtocolError(
        `The server answered the request for a further page with a result of kind ${String(kind)}`,
      );
    }
    switch (kind) {
      case ResultKind.VOID:
        this.succeed(this.result([], NO_COLUMNS, null, prefix, attempt, true));
        return;
      case ResultKind.SCHEMA_CHANGE:
        this.onSchemaChange(readSchemaChange(reader), prefix, attempt);
        return;
      case ResultKind.SET_KEYSPACE:
        this.onKeyspace(readSetKeyspace(reader), prefix, attempt);
        return;
      default:
        throw new ProtocolError(`The server answered with a result of unknown kind ${String(kind)}`);
    }
  }

  private get isFurtherPage(): boolean {
    return this.rows !== null || (this.call.isSelect && this.call.pagingState !== null);
  }

  protected onIgnored(attempt: Attempt): void {
    this.succeed(this.result(this.rows ?? [], NO_COLUMNS, null, EMPTY_PREFIX, attempt, true));
  }

  protected pendingPreparation(connection: Connection): Promise<void> | null {
    const { preparer, prepared } = this.call;
    return prepared.length === 0 ? null : preparer.pendingOn(connection, prepared);
  }

  protected reprepare(id: Buffer, connection: Connection): Promise<void> | null {
    const statement = this.call.prepared.find((known) => known.id.equals(id));
    if (statement === undefined) return null;
    // As long as a connection may take to open: the work is shared, so no single request's deadline ends it.
    return this.call.preparer.reprepare(statement, connection, this.context.core.settings.connectTimeoutMs);
  }

  private result(
    rows: unknown[],
    columns: readonly ColumnSpec[],
    pagingState: Buffer | null,
    prefix: ResponsePrefix,
    attempt: Attempt,
    agreed: boolean,
    bytes = 0,
  ): AsyncResultSet<unknown> {
    const info = new ResultInfo(
      attempt.pool.host.endpoint,
      this.consistency,
      prefix,
      this.triedHosts,
      this.attempts,
      this.speculations,
      agreed,
    );
    return new AsyncResultSet(rows, columns, pagingState, info, bytes, this.wasApplied);
  }

  // ---- rows --------------------------------------------------------------------------------------------------------

  private onRows(reader: ByteReader, prefix: ResponsePrefix, attempt: Attempt, owned: boolean): void {
    const header = readRowsHeader(reader);
    const { columns, plan } = this.layoutOf(header);
    const rows = this.rows ?? [];
    const { buffer, offset, end } = reader;
    if (plan.isConditional) this.wasApplied = readApplied(buffer, offset, end);
    // What came in one segment is decoded before its bytes are overwritten: that takes a few milliseconds at most.
    if (!owned) {
      plan.decodeRows(buffer, offset, end, header.rowCount, rows);
      this.onPage(rows, columns, header, prefix, attempt, end - offset);
      return;
    }
    this.stopAttempts();
    const decoding = new PageDecoding(plan, { buffer, offset, end }, header.rowCount, rows, {
      isWaiting: () => !this.isSettled,
      onDecoded: () => {
        this.onPage(rows, columns, header, prefix, attempt, end - offset);
      },
      onUnreadable: (error) => {
        this.failReading(error);
      },
      onStopped: (reason) => {
        this.fail(reason);
      },
    });
    this.context.core.pageWork.run(decoding);
  }

  private onPage(
    rows: unknown[],
    columns: readonly ColumnSpec[],
    { pagingState, rowCount }: RowsHeader,
    prefix: ResponsePrefix,
    attempt: Attempt,
    bytes: number,
  ): void {
    const told = joinPrefixes(this.told, prefix);
    // One page is wanted if the caller said where it begins.
    if (pagingState === null || this.call.options.pagingState !== undefined) {
      this.succeed(this.result(rows, columns, pagingState, told, attempt, true, bytes));
      return;
    }
    this.rows = rows;
    this.told = told;
    const sizer = (this.sizer ??= new PageSizer(this.call.options.fetchSize, PAGE_BYTES));
    sizer.onPage(rowCount, bytes);
    this.call.turnTo(pagingState, sizer.rows, this.sent);
    this.sendAgain();
  }

  private layoutOf(header: RowsHeader): { readonly columns: readonly ColumnSpec[]; readonly plan: RowPlan } {
    const { shape, prepared } = this.call;
    const { rowMode, registry } = this.call.options;
    const { columns, newMetadataId } = header;
    if (columns === null) {
      if (shape?.columns.length !== header.columnCount) {
        throw new ProtocolError('The server left out the metadata of rows that this client has no other metadata of');
      }
      return { columns: shape.columns, plan: rowMode === 'object' ? shape.objects : shape.arrays };
    }
    const [statement] = prepared;
    if (newMetadataId !== null && statement !== undefined) {
      // The table was altered: columns and id change together, or the next answer would be read by the wrong ones.
      const fresh = this.call.preparer.shapes.of(newMetadataId, columns);
      statement.shape = fresh;
      return { columns, plan: rowMode === 'object' ? fresh.objects : fresh.arrays };
    }
    return { columns, plan: new RowPlan(columns, registry, rowMode) };
  }

  // ---- schema and keyspace -----------------------------------------------------------------------------------------

  private onSchemaChange(change: SchemaChange, prefix: ResponsePrefix, attempt: Attempt): void {
    const { core } = this.context;
    this.stopAttempts();
    void core.awaitSchemaAgreement(attempt.connection).then(async (agreed) => {
      // Only now is the node behind the control connection sure to know of it.
      core.onSchemaChange(change);
      if (change.target === 'KEYSPACE') await core.refreshReplication();
      this.succeed(this.result([], NO_COLUMNS, null, prefix, attempt, agreed));
    });
  }

  private onKeyspace(keyspace: string, prefix: ResponsePrefix, attempt: Attempt): void {
    this.stopAttempts();
    // This connection is in another keyspace than its pool now: it must not serve anybody else.
    attempt.connection?.drain();
    this.call.onKeyspace(keyspace).then(
      () => {
        this.succeed(this.result([], NO_COLUMNS, null, prefix, attempt, true));
      },
      (error: unknown) => {
        this.fail(error);
      },
    );
  }
}
