import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { expectTypeOf } from 'expect-type';
import '../../src/fastify/index.js';
import {
  AsyncCluster,
  BatchStatement,
  BatchType,
  ConsistencyLevel,
  NoHostAvailable,
  OperationTimedOut,
  ReadTimeout,
  SimpleStatement,
  WriteTimeout,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
  type BoundStatement,
  type ClusterHandle,
  type Host,
  type LoadBalancingPolicy,
  type LogEntry,
  type PreparedStatement,
  type RetryPolicy,
  type SchemaChangedEvent,
  type StatementOptions,
  type UserTypeClass,
} from '../../src/index.js';

test('options are checked by name and type, and undefined is as good as absent', () => {
  expectTypeOf<AsyncClusterOptions['contactPoints']>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<{ readonly requestTimeoutMs: undefined }>().toExtend<AsyncClusterOptions>();
  expectTypeOf<{ readonly requestTimeoutMs: string }>().not.toExtend<AsyncClusterOptions>();
  expectTypeOf<AsyncClusterOptions['compression']>().toEqualTypeOf<'lz4' | undefined>();
  // @ts-expect-error a name that is not an option is a mistake to the type checker, and to the constructor
  assert.throws(() => new AsyncCluster({ requestTimeout: 3 }), { name: 'ConfigurationError' });
});

test('the options of statements are properties too', () => {
  const statement = new SimpleStatement('SELECT 1', { consistencyLevel: ConsistencyLevel.ONE });
  expectTypeOf(statement).toExtend<StatementOptions>();
  expectTypeOf<PreparedStatement>().toExtend<StatementOptions>();
  expectTypeOf(statement.isIdempotent).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(statement.consistencyLevel).toEqualTypeOf<ConsistencyLevel | undefined>();
  expectTypeOf<ReturnType<PreparedStatement['bind']>>().toEqualTypeOf<BoundStatement>();
  assert.equal(statement.consistencyLevel, ConsistencyLevel.ONE);
});

test('levels and batch types are numbers with names, not any number', () => {
  expectTypeOf(ConsistencyLevel.LOCAL_QUORUM).toEqualTypeOf<6>();
  expectTypeOf<number>().not.toExtend<ConsistencyLevel>();
  expectTypeOf<'LOGGED' | 'UNLOGGED' | 'COUNTER'>().toEqualTypeOf<keyof typeof BatchType>();
});

test('a batch takes statements one after the other', () => {
  const batch = new BatchStatement({ type: BatchType.UNLOGGED });
  expectTypeOf(batch.add('INSERT INTO t (k) VALUES (?)', [1])).toEqualTypeOf<BatchStatement>();
  expectTypeOf<Parameters<AsyncCassandraSession['executeBatch']>[0]>().toEqualTypeOf<BatchStatement>();
  assert.equal(batch.length, 1);
});

test('errors narrow to what they know', () => {
  const facts = (error: unknown): void => {
    if (error instanceof NoHostAvailable) expectTypeOf(error.errors).toEqualTypeOf<Map<string, Error>>();
    else if (error instanceof ReadTimeout) expectTypeOf(error.dataRetrieved).toEqualTypeOf<boolean>();
    else if (error instanceof WriteTimeout) expectTypeOf(error.writeType).toEqualTypeOf<string>();
    else if (error instanceof OperationTimedOut) expectTypeOf(error.timeoutMs).toEqualTypeOf<number>();
    else expectTypeOf(error).toEqualTypeOf<unknown>();
  };
  facts(new NoHostAvailable(new Map()));
});

test('each event gives its listener what belongs to it', () => {
  const cluster = new AsyncCluster();
  cluster.on('hostUp', (host) => {
    expectTypeOf(host).toEqualTypeOf<Host>();
  });
  cluster.on('schemaChanged', (event) => {
    expectTypeOf(event).toEqualTypeOf<SchemaChangedEvent>();
  });
  cluster.on('log', (entry) => {
    expectTypeOf(entry).toEqualTypeOf<LogEntry>();
  });
  // @ts-expect-error there is no such event
  const on = (): AsyncCluster => cluster.on('connected', () => undefined);
  expectTypeOf(on).toBeFunction();
});

test('a policy of the user needs only what the interface says', () => {
  const never: LoadBalancingPolicy = {
    init: () => undefined,
    distance: () => 'ignored',
    newQueryPlan: () => ({ next: () => null }),
  };
  expectTypeOf<AsyncClusterOptions['loadBalancingPolicy']>().toEqualTypeOf<LoadBalancingPolicy | undefined>();
  expectTypeOf<AsyncClusterOptions['retryPolicy']>().toEqualTypeOf<RetryPolicy | undefined>();
  assert.equal(never.newQueryPlan({} as never).next(), null);
});

test('the plugin tells TypeScript of app.cassandra', () => {
  expectTypeOf<FastifyInstance['cassandra']>().toEqualTypeOf<AsyncCassandraSession>();
});

test('a class for a user type takes its fields, or has fromCassandra; only then may its constructor be private', () => {
  class Plain {
    street = '';
  }
  class OfFields {
    readonly street: string;
    constructor(fields: { readonly street: string }) {
      this.street = fields.street;
    }
  }
  class OfValues {
    readonly street: string;
    readonly zip: number;
    constructor(street: string, zip: number) {
      this.street = street;
      this.zip = zip;
    }
  }
  class Private {
    readonly street: string;
    private constructor(street: string) {
      this.street = street;
    }
    static fromCassandra(fields: Record<string, unknown>): Private {
      return new Private(String(fields['street']));
    }
  }
  class Closed {
    readonly street: string;
    private constructor(street: string) {
      this.street = street;
    }
    static make(): Closed {
      return new Closed('');
    }
  }
  const cluster = new AsyncCluster();
  for (const cls of [Plain, OfFields, OfValues, Private]) cluster.registerUserType('ks', 'address', cls);
  expectTypeOf<typeof OfFields>().toExtend<UserTypeClass<OfFields>>();
  expectTypeOf<typeof Private>().toExtend<UserTypeClass<Private>>();
  expectTypeOf<typeof Closed>().not.toExtend<UserTypeClass>();
  expectTypeOf<Plain>().not.toExtend<UserTypeClass>();
  expectTypeOf<Parameters<AsyncCluster['registerUserType']>[2]>().toEqualTypeOf<UserTypeClass>();
  expectTypeOf<Parameters<ClusterHandle<unknown>['registerUserType']>[2]>().toEqualTypeOf<UserTypeClass>();
  assert.deepEqual(Closed.make(), Closed.make());
});
