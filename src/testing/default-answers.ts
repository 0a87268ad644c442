import { EventType } from '../protocol/messages/register.js';
import { Opcode } from '../protocol/constants.js';
import { answerToToken, type FakeAuthenticator } from './authentication.js';
import type { PreparedEntry } from './prepared.js';
import type { FakeRequest } from './request.js';
import { answerRowsTo } from './rows.js';
import type { SystemView } from './schema.js';
import { selectSystem, type SystemSelect } from './system-tables.js';
import {
  answerAuthenticate,
  answerError,
  answerPrepared,
  answerReady,
  answerSetKeyspace,
  answerSupported,
  answerVoid,
  type Answer,
} from './wire/answers.js';
import { encodeValue } from './wire/encode-value.js';
import { toType } from './wire/type-text.js';

/** What a fake node's own answers depend on. */
export interface NodeView extends SystemView {
  readonly supported: Readonly<Record<string, readonly string[]>>;
  readonly authenticator: FakeAuthenticator | null;
  readonly prepare: (query: string, keyspace: string | null) => PreparedEntry;
}

/** What a small healthy Cassandra would answer. */
export function defaultAnswer(request: FakeRequest, view: NodeView): Answer {
  const { session } = request.connection;
  switch (request.opcode) {
    case Opcode.OPTIONS:
      return answerSupported(view.supported);
    case Opcode.STARTUP:
      return answerStartup(request, view);
    case Opcode.AUTH_RESPONSE:
      if (view.authenticator === null || session.state !== 'authenticating') break;
      session.authenticationRounds++;
      return answerToToken(view.authenticator, request.token, session.authenticationRounds);
    default:
      if (session.state !== 'ready') break;
      return answerReadyClient(request, view);
  }
  const expected = session.state === 'startup' ? 'STARTUP or OPTIONS' : 'AUTH_RESPONSE';
  return answerError('PROTOCOL_ERROR', {
    message: `Unexpected message ${request.opcodeName}, expecting ${expected}`,
  });
}

function answerStartup(request: FakeRequest, view: NodeView): Answer {
  const { CQL_VERSION: version, COMPRESSION: compression } = request.options ?? {};
  if (version === undefined) {
    return answerError('PROTOCOL_ERROR', { message: 'Missing value CQL_VERSION in STARTUP message' });
  }
  if (
    compression !== undefined &&
    !(compression === 'lz4' && view.supported['COMPRESSION']?.includes('lz4') === true)
  ) {
    return answerError('PROTOCOL_ERROR', { message: `Unknown compression algorithm: ${compression}` });
  }
  request.connection.session.options = request.options ?? {};
  return view.authenticator === null ? answerReady() : answerAuthenticate(view.authenticator.className);
}

function answerReadyClient(request: FakeRequest, view: NodeView): Answer {
  switch (request.opcode) {
    case Opcode.REGISTER:
      return answerRegister(request);
    case Opcode.PREPARE:
      return answerPrepared(view.prepare(request.query ?? '', request.keyspace ?? request.connection.session.keyspace));
    default:
      break;
  }
  if (request.unknownId !== null) {
    return answerError('UNPREPARED', {
      message: `Prepared query with ID ${request.unknownId.toString('hex')} not found`,
      id: request.unknownId,
    });
  }
  return request.opcode === Opcode.BATCH ? answerVoid() : answerStatement(request, view);
}

function answerRegister(request: FakeRequest): Answer {
  const unknown = request.eventTypes.find((type) => !Object.hasOwn(EventType, type));
  if (unknown !== undefined) return answerError('PROTOCOL_ERROR', { message: `Invalid value '${unknown}' for Type` });
  for (const type of request.eventTypes) request.connection.session.eventTypes.add(type);
  return answerReady();
}

function answerStatement(request: FakeRequest, view: NodeView): Answer {
  const text = request.statement ?? '';
  const use = /^\s*use\s+("(?:[^"]|"")+"|\w+)\s*;?\s*$/i.exec(text)?.[1];
  if (use !== undefined) {
    const keyspace = use.startsWith('"') ? use.slice(1, -1).replaceAll('""', '"') : use.toLowerCase();
    request.connection.session.keyspace = keyspace;
    return answerSetKeyspace(keyspace);
  }
  const select = selectSystem(text);
  if (select === null) return answerVoid();
  const rows = select.table.rows(view).filter((row) => meets(row, select, request));
  return answerRowsTo(request, rows, { columns: select.columns });
}

function meets(row: Readonly<Record<string, unknown>>, select: SystemSelect, request: FakeRequest): boolean {
  return select.conditions.every(({ column, literal, marker }) => {
    const value = row[column.name];
    if (marker < 0) return String(value) === literal;
    const wanted = request.values[marker];
    return Buffer.isBuffer(wanted) && encodeValue(toType(column.type), value)?.equals(wanted) === true;
  });
}
