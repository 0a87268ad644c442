import { test } from 'node:test';
import { expectTypeOf } from 'expect-type';
import type {
  AsyncCassandraSession,
  AsyncResultSet,
  AsyncStreamingResultSet,
  ColumnDefinition,
  ExecuteOptions,
  Parameters,
  RateLimitedSession,
  Row,
  Statement,
  StreamConfig,
} from '../../src/index.js';

// These are claims about types: `npm run typecheck` proves them, and running them proves nothing.

interface User {
  readonly id: string;
  readonly name: string | null;
}

type Session = AsyncCassandraSession;

/** A value that is only looked at by the type checker. */
declare const session: Session;

test('rows are records of anything unless the caller says what they are', () => {
  const plain = () => session.execute('SELECT * FROM users');
  expectTypeOf(plain).returns.resolves.toEqualTypeOf<AsyncResultSet>();
  expectTypeOf<AsyncResultSet['rows']>().toEqualTypeOf<Row[]>();
  expectTypeOf<Row[string]>().not.toBeNever();
});

test('the type of rows goes through every way to read them', () => {
  type Users = AsyncResultSet<User>;
  expectTypeOf<Users['rows']>().toEqualTypeOf<User[]>();
  expectTypeOf<ReturnType<Users['one']>>().toEqualTypeOf<User | null>();
  expectTypeOf<ReturnType<Users['all']>>().toEqualTypeOf<User[]>();
  expectTypeOf<ReturnType<Users['at']>>().toEqualTypeOf<User | undefined>();
  expectTypeOf<Users>().toExtend<Iterable<User>>();
  expectTypeOf<Users>().toExtend<AsyncIterable<User>>();
  expectTypeOf<Users['columns']>().toEqualTypeOf<readonly ColumnDefinition[]>();
  expectTypeOf<Users['pagingState']>().toEqualTypeOf<Buffer | null>();
  expectTypeOf<Users['wasApplied']>().toEqualTypeOf<boolean>();
});

test('execute, cql and executeStream take the type of rows', () => {
  const execute = () => session.execute<User>('SELECT * FROM users');
  const tag = (id: string) => session.cql<User>`SELECT * FROM users WHERE id = ${id}`;
  const stream = () => session.executeStream<User>('SELECT * FROM users');
  expectTypeOf(execute).returns.resolves.toEqualTypeOf<AsyncResultSet<User>>();
  expectTypeOf(tag).returns.resolves.toEqualTypeOf<AsyncResultSet<User>>();
  expectTypeOf(stream).returns.resolves.toEqualTypeOf<AsyncStreamingResultSet<User>>();
  expectTypeOf<AsyncStreamingResultSet<User>>().toExtend<AsyncIterable<User>>();
  expectTypeOf<AsyncStreamingResultSet<User>>().toExtend<AsyncDisposable>();
  expectTypeOf<ReturnType<AsyncStreamingResultSet<User>['pages']>>().toExtend<AsyncIterable<User[]>>();
});

test('a stream knows its pages by the type of its rows', () => {
  expectTypeOf<StreamConfig['prefetchPages']>().extract<number>().toEqualTypeOf<number>();
  expectTypeOf<ExecuteOptions['pagingState']>().toExtend<Buffer | null | undefined>();
  expectTypeOf<ExecuteOptions['signal']>().toEqualTypeOf<AbortSignal | undefined>();
  expectTypeOf<ExecuteOptions['timestamp']>().toEqualTypeOf<bigint | undefined>();
});

test('statements and parameters are what the contract says, and nothing else', () => {
  expectTypeOf<string>().toExtend<Statement>();
  expectTypeOf<number>().not.toExtend<Statement>();
  expectTypeOf<readonly unknown[]>().toExtend<Parameters>();
  expectTypeOf<{ readonly id: string }>().toExtend<Parameters>();
  expectTypeOf<string>().not.toExtend<Parameters>();
});

test('a session with limits has the face of a session', () => {
  expectTypeOf<RateLimitedSession['execute']>().toExtend<Session['execute']>();
  expectTypeOf<RateLimitedSession['executeBatch']>().toExtend<Session['executeBatch']>();
  expectTypeOf<RateLimitedSession['prepare']>().toExtend<Session['prepare']>();
});
