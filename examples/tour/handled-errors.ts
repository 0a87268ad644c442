import {
  AlreadyExists,
  AsyncCluster,
  ConfigurationError,
  ConnectionError,
  InvalidParameter,
  InvalidRequest,
  OperationTimedOut,
  SyntaxException,
  Unavailable,
  ConsistencyLevel,
  type AsyncCassandraError,
  type AsyncCassandraSession,
} from 'async-cassandra';
import type { Ledger } from './ledger.js';
import { line } from './screen.js';

type ErrorClass = abstract new (...args: never[]) => AsyncCassandraError;

export async function handledErrors(session: AsyncCassandraSession, ledger: Ledger): Promise<void> {
  const families: readonly [ErrorClass, () => Promise<unknown>][] = [
    [ConfigurationError, async () => new AsyncCluster({ protocolVersion: 4 })],
    [ConnectionError, () => new AsyncCluster({ contactPoints: ['127.0.0.1:1'], localDatacenter: 'dc1' }).connect()],
    [SyntaxException, () => session.execute('SELEKT * FROM users')],
    [InvalidRequest, () => session.execute('SELECT * FROM no_such_table')],
    [AlreadyExists, () => session.execute('CREATE TABLE users (id int PRIMARY KEY)')],
    [InvalidParameter, () => session.execute('SELECT * FROM users WHERE id = ?', [42])],
    [OperationTimedOut, () => session.execute('SELECT * FROM readings', undefined, { timeoutMs: 1 })],
    [
      Unavailable,
      () => session.execute('SELECT * FROM users LIMIT 1', undefined, { consistencyLevel: ConsistencyLevel.THREE }),
    ],
  ];
  await ledger.step('handled error', async (operation) => {
    for (const [family, provoke] of families) {
      try {
        await operation(provoke);
        throw new Error(`${family.name} did not come`);
      } catch (error) {
        if (!(error instanceof family)) throw error;
        line(`${family.name} (${error.code}): ${error.message.slice(0, 90)}`);
      }
    }
  });
}
