// Everything that this service does with its table. Statements are prepared once, when the service starts.
import {
  InvalidRequest,
  ProtocolError,
  ServerError,
  uuid,
  type AsyncCassandraSession,
  type PreparedStatement,
} from 'async-cassandra';
import { BadInput, badCursor, type PageInput, type UserInput } from './user-input.js';

export interface User extends UserInput {
  readonly id: string;
  readonly created_at: Date;
}

export interface UserPage {
  readonly users: readonly User[];
  readonly nextCursor: string | null;
}

export const KEYSPACE = 'rest_example';
const ROWS_A_PAGE = 1000;

/** Makes keyspace and table, unless they are there. */
export async function createSchema(session: AsyncCassandraSession): Promise<void> {
  await session.execute(
    `CREATE KEYSPACE IF NOT EXISTS ${KEYSPACE} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
    undefined,
    { timeoutMs: 30_000 },
  );
  await session.execute(
    `CREATE TABLE IF NOT EXISTS ${KEYSPACE}.users (id uuid PRIMARY KEY, name text, email text, age int, created_at timestamp)`,
    undefined,
    { timeoutMs: 30_000 },
  );
}

type Statements = Readonly<Record<'insert' | 'update' | 'one' | 'all' | 'remove', PreparedStatement>>;

export class Users {
  readonly #session: AsyncCassandraSession;
  readonly #statements: Statements;

  private constructor(session: AsyncCassandraSession, statements: Statements) {
    this.#session = session;
    this.#statements = statements;
  }

  static async open(session: AsyncCassandraSession): Promise<Users> {
    const prepare = async (query: string): Promise<PreparedStatement> => {
      const statement = await session.prepare(query);
      // Each of these has the same outcome when it is executed twice: it may be sent again after a lost connection.
      statement.isIdempotent = true;
      return statement;
    };
    const table = `${KEYSPACE}.users`;
    const [insert, update, one, all, remove] = await Promise.all([
      prepare(`INSERT INTO ${table} (id, name, email, age, created_at) VALUES (?, ?, ?, ?, ?)`),
      prepare(`UPDATE ${table} SET name = ?, email = ?, age = ? WHERE id = ?`),
      prepare(`SELECT id, name, email, age, created_at FROM ${table} WHERE id = ?`),
      prepare(`SELECT id, name, email, age, created_at FROM ${table}`),
      prepare(`DELETE FROM ${table} WHERE id = ?`),
    ]);
    return new Users(session, { insert, update, one, all, remove });
  }

  async create({ name, email, age }: UserInput): Promise<User> {
    const user = { id: uuid(), name, email, age, created_at: new Date() };
    await this.#session.execute(this.#statements.insert, [user.id, name, email, age, user.created_at]);
    return user;
  }

  async get(id: string): Promise<User> {
    const user = (await this.#session.execute<User>(this.#statements.one, [id])).one();
    if (user === null) throw new BadInput(404, 'There is no such user.');
    return user;
  }

  async replace(id: string, { name, email, age }: UserInput): Promise<User> {
    const { created_at } = await this.get(id);
    await this.#session.execute(this.#statements.update, [name, email, age, id]);
    return { id, name, email, age, created_at };
  }

  async remove(id: string): Promise<void> {
    await this.get(id);
    await this.#session.execute(this.#statements.remove, [id]);
  }

  /** One page; the cursor of the next is Cassandra's own paging state. */
  async list({ limit, after }: PageInput): Promise<UserPage> {
    const asked = this.#session.execute<User>(this.#statements.all, [], { fetchSize: limit, pagingState: after });
    const page = await asked.catch((error: unknown) => {
      throw after !== null && isRefusal(error) ? badCursor() : error;
    });
    return { users: page.rows, nextCursor: page.pagingState?.toString('base64url') ?? null };
  }

  /** All users as text, a line of JSON each, a page at a time: no more than two pages are ever held. */
  async *export(): AsyncGenerator<string> {
    await using stream = await this.#session.executeStream<User>(this.#statements.all, [], { fetchSize: ROWS_A_PAGE });
    for await (const rows of stream.pages()) yield rows.map((row) => JSON.stringify(row) + '\n').join('');
  }
}

/** How nodes answer a paging state that is not one of theirs. */
function isRefusal(error: unknown): boolean {
  return error instanceof ProtocolError || error instanceof InvalidRequest || error instanceof ServerError;
}
