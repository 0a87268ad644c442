// What a client may send. A body that is no user at all is a 400; one whose values make no sense is a 422.

export interface UserInput {
  readonly name: string;
  readonly email: string;
  readonly age: number | null;
}

export class BadInput extends Error {
  readonly statusCode: 400 | 404 | 422;

  constructor(statusCode: 400 | 404 | 422, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const FIELDS = new Set(['name', 'email', 'age']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const MOST_ROWS = 1000;

export function readUser(body: unknown): UserInput {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new BadInput(400, 'Send a JSON object.');
  const { name, email, age = null } = body as Record<string, unknown>;
  const unknown = Object.keys(body).filter((field) => !FIELDS.has(field));
  if (unknown.length > 0) throw new BadInput(400, 'A user has the fields name, email and age, and no others.');
  if (typeof name !== 'string' || typeof email !== 'string') throw new BadInput(400, 'name and email must be strings.');
  if (age !== null && typeof age !== 'number') throw new BadInput(400, 'age must be a number, or left out.');
  if (name.trim() === '' || name.length > 200) throw new BadInput(422, 'name must have 1 to 200 characters.');
  if (!EMAIL.test(email) || email.length > 200) throw new BadInput(422, 'email must be an e-mail address.');
  if (age !== null && !(Number.isInteger(age) && age >= 0 && age <= 150)) {
    throw new BadInput(422, 'age must be a whole number from 0 to 150.');
  }
  return { name, email, age };
}

export function readId(id: string | undefined): string {
  if (id === undefined || !UUID.test(id)) throw new BadInput(400, 'The id of a user is a UUID.');
  return id.toLowerCase();
}

export interface PageInput {
  readonly limit: number;
  readonly after: Buffer | null;
}

export function readPage(query: unknown): PageInput {
  const { limit = '50', cursor } = query as Readonly<Record<string, unknown>>;
  const rows = typeof limit === 'string' ? Number(limit) : Number.NaN;
  if (!Number.isInteger(rows) || rows < 1 || rows > MOST_ROWS) {
    throw new BadInput(400, `limit must be a whole number from 1 to ${String(MOST_ROWS)}.`);
  }
  if (cursor === undefined) return { limit: rows, after: null };
  const after = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url') : Buffer.alloc(0);
  if (after.length === 0) throw badCursor();
  return { limit: rows, after };
}

export function badCursor(): BadInput {
  return new BadInput(400, 'cursor must be the nextCursor of a former page.');
}
