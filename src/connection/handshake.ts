import { AuthenticationFailed, ConnectionError, InvalidRequest, ProtocolError } from '../errors.js';
import type { ByteWriter } from '../protocol/byte-writer.js';
import { Opcode, PROTOCOL_VERSION } from '../protocol/constants.js';
import {
  OWN_QUERY_SETTINGS,
  readAuthChallenge,
  readAuthenticate,
  readAuthSuccess,
  writeAuthResponse,
  writeQuery,
  writeStartup,
} from '../protocol/messages/index.js';
import type { SegmentCompressor } from '../protocol/segment/compressor.js';
import { onAbort } from '../util/abort.js';
import { afterRunning } from '../util/running-time.js';
import { asError, messageOf } from '../util/thrown.js';
import type { AuthContext, AuthProvider } from './auth.js';
import { clusterIsClosed } from './closed.js';
import { checkCluster } from './cluster-check.js';
import { Connection, type ConnectionOwner, type ConnectionSettings } from './connection.js';
import type { Message } from './message.js';
import { loadLz4 } from './lz4.js';
import type { Answer } from './round-trip.js';
import { askForTls } from './tls-source.js';

export interface HandshakeOptions {
  readonly compression: 'lz4' | null;
  readonly authProvider: AuthProvider | null;
  /** What the server shows about us beside the driver's own keys. */
  readonly startupOptions: Readonly<Record<string, string>>;
  /** The cluster that the node must be in; null while that is not known. */
  readonly clusterName: string | null;
  /** The keyspace that the connection is put in. */
  readonly keyspace: string | null;
  /** For the whole of it: socket, TLS, handshake, authentication. */
  readonly timeoutMs: number;
  /** Aborted when the cluster is closed: an attempt under way ends then. */
  readonly signal?: AbortSignal;
}

const UNREACHED_ADVICE = 'is the address right, and does no firewall stand between?';
const NO_TLS_ADVICE = 'the port is open but does not answer in TLS: does the server speak TLS on this port?';
const SILENT_ADVICE = "the port is open but nothing answers: does the node hang, or is this not Cassandra's CQL port?";

/** A server that does not speak version 5: no other attempt can help. */
export class UnsupportedProtocol extends ConnectionError {}

/**
 * Opens a connection and takes it through STARTUP, authentication and USE (native protocol v5, section 4.1.1).
 * Rejects with the cause, and leaves nothing behind.
 */
export async function connect(
  settings: ConnectionSettings,
  options: HandshakeOptions,
  owner: ConnectionOwner,
): Promise<Connection> {
  const compressor = options.compression === 'lz4' ? await loadLz4() : null;
  const connection = new Connection(settings, owner);
  const { timeoutMs } = options;
  let giveUp: (error: Error) => void = nothing;
  // A provider of the user's may never answer: what ends the attempt must not wait for it.
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = (error) => {
      connection.close(error);
      reject(error);
    };
  });
  let isOpened = false;
  // A process that is held up must not take its own slowness for the server's. It is kept alive: somebody waits.
  const stopTimer = afterRunning(timeoutMs, () => {
    const text = `${settings.endpoint} did not accept a connection within ${String(timeoutMs)} ms`;
    giveUp(new ConnectionError(`${text} (${isOpened ? SILENT_ADVICE : notOpenedAdvice(connection)})`));
  });
  const stopListening = onAbort(options.signal, () => {
    giveUp(clusterIsClosed());
  });
  try {
    const negotiation = negotiate(connection, options, compressor, () => {
      isOpened = true;
    });
    await Promise.race([negotiation, givenUp]);
    connection.ready();
    return connection;
  } catch (error) {
    connection.close(asError(error));
    throw error;
  } finally {
    stopTimer();
    stopListening();
  }
}

function notOpenedAdvice(connection: Connection): string {
  return connection.hasReached ? NO_TLS_ADVICE : UNREACHED_ADVICE;
}

function nothing(): void {
  // Replaced at once: a promise's executor runs while it is made.
}

async function negotiate(
  connection: Connection,
  options: HandshakeOptions,
  compressor: SegmentCompressor | null,
  onOpened: () => void,
): Promise<void> {
  const { tls } = connection.settings.transport;
  const security = tls === null ? null : await askForTls(tls, connection.endpoint);
  // The attempt may be given up by now.
  if (connection.isClosed) return;
  await connection.openSocket(security);
  onOpened();
  const answer = await startUp(connection, options);
  connection.enterFramedMode(compressor);
  if (answer.opcode === Opcode.AUTHENTICATE) await authenticate(connection, answer, options);
  else if (answer.opcode !== Opcode.READY) throw unexpected(connection, 'STARTUP', answer);
  if (options.clusterName !== null) await checkCluster(connection, options.clusterName);
  if (options.keyspace !== null) await use(connection, options.keyspace);
}

async function startUp(connection: Connection, options: HandshakeOptions): Promise<Answer> {
  const startup: Record<string, string> = {
    ...options.startupOptions,
    CQL_VERSION: '3.0.0',
    // Excess requests are then answered at once with OVERLOADED, unexecuted, instead of stopping the whole socket.
    THROW_ON_OVERLOAD: '1',
    ...(options.compression === null ? {} : { COMPRESSION: options.compression }),
  };
  try {
    return await connection.handshake(
      message(Opcode.STARTUP, (writer) => {
        writeStartup(writer, startup);
      }),
    );
  } catch (error) {
    throw unsupportedVersion(error) ?? error;
  }
}

/**
 * 'Invalid or unsupported protocol version (5); supported versions are (3/v3, 4/v4)'. 3.11 knows a draft of version 5
 * and says 'Beta version of the protocol used (5/v5-beta), but USE_BETA flag is unset'.
 */
function unsupportedVersion(error: unknown): UnsupportedProtocol | null {
  if (!(error instanceof ProtocolError) || !/protocol version|version of the protocol/i.test(error.message))
    return null;
  const listed = /supported versions are \(([^)]*)\)/i.exec(error.message)?.[1] ?? '';
  const versions = [...listed.matchAll(/(\d+)\/v\d+(-beta)?/g)]
    .filter((match) => match[2] === undefined)
    .map((match) => Number(match[1]));
  const newest = String(versions.length > 0 ? Math.max(...versions) : PROTOCOL_VERSION - 1);
  return new UnsupportedProtocol(
    `Connected with protocol v${newest} but v5+ is required. Your Cassandra server only supports up to protocol ` +
      `v${newest}. async-cassandra requires CQL protocol v5 or higher (Cassandra 4.0+). Please upgrade your Cassandra ` +
      'cluster to version 4.0 or newer.',
    { cause: error },
  );
}

async function authenticate(connection: Connection, challenge: Answer, options: HandshakeOptions): Promise<void> {
  const { authProvider } = options;
  const context: AuthContext = { host: connection.endpoint, authenticator: readAuthenticate(challenge.body) };
  if (authProvider === null) {
    throw new AuthenticationFailed(
      `${context.host} asks for credentials (${context.authenticator}) and the cluster has no authProvider: ` +
        'pass `authProvider: new PlainTextAuthProvider(username, password)`, or use AsyncCluster.createWithAuth',
      { host: context.host },
    );
  }
  let token = await ask(context, () => authProvider.initialResponse(context));
  for (;;) {
    const response = token;
    const answer = await connection.handshake(
      message(Opcode.AUTH_RESPONSE, (writer) => {
        writeAuthResponse(writer, response);
      }),
    );
    if (answer.opcode === Opcode.AUTH_SUCCESS) {
      const last = readAuthSuccess(answer.body);
      await ask(context, async () => {
        await authProvider.onSuccess?.(last, context);
        return null;
      });
      return;
    }
    if (answer.opcode !== Opcode.AUTH_CHALLENGE) throw unexpected(connection, 'AUTH_RESPONSE', answer);
    const next = readAuthChallenge(answer.body);
    token = await ask(context, () => {
      if (authProvider.evaluateChallenge !== undefined) return authProvider.evaluateChallenge(next, context);
      throw new TypeError('The authProvider has no evaluateChallenge, and the server sent a challenge');
    });
  }
}

/** Asks the user's provider; whatever it throws, or gives that is no token, becomes an AuthenticationFailed. */
async function ask(
  context: AuthContext,
  step: () => Promise<Uint8Array | null> | Uint8Array | null,
): Promise<Uint8Array | null> {
  const { host } = context;
  let token: unknown;
  try {
    token = await step();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AuthenticationFailed(`The authProvider failed for ${host}: ${reason}`, { cause, host });
  }
  if (token === null) return null;
  // What it gave is not shown: it may be a password.
  if (!(token instanceof Uint8Array)) {
    const text = `The authProvider must answer ${host} with a Buffer or null; it gave a value of type ${typeof token}`;
    throw new AuthenticationFailed(text, { host });
  }
  if (token.length > MAX_TOKEN_BYTES) {
    const text = `The authProvider's token for ${host} has ${String(token.length)} bytes; servers take ${String(MAX_TOKEN_BYTES)}`;
    throw new AuthenticationFailed(text, { host });
  }
  return token;
}

/** A server refuses an AUTH_RESPONSE that does not fit into one segment (CQLMessageHandler, Cassandra 5.0). */
const MAX_TOKEN_BYTES = 128 * 1024 - 64;

async function use(connection: Connection, keyspace: string): Promise<void> {
  const query = `USE "${keyspace.replaceAll('"', '""')}"`;
  const ask = message(Opcode.QUERY, (writer) => {
    writeQuery(writer, query, OWN_QUERY_SETTINGS, null, null);
  });
  const answer = await connection.handshake(ask).catch((error: unknown) => {
    throw error instanceof InvalidRequest ? withAdvice(error) : error;
  });
  if (answer.opcode !== Opcode.RESULT) throw unexpected(connection, 'USE', answer);
  connection.keyspace = keyspace;
}

/** The server's words for a keyspace that is not there, and what can be done. */
function withAdvice(error: InvalidRequest): InvalidRequest {
  const { protocolCode = 0, coordinator = '' } = error;
  const text = `${error.message} (create it first, with CREATE KEYSPACE, or leave the keyspace out)`;
  return new InvalidRequest(text, { protocolCode, coordinator, cause: error });
}

function message(opcode: number, writeBody: (writer: ByteWriter) => void): Message {
  return { opcode, flags: 0, writeBody };
}

function unexpected(connection: Connection, request: string, answer: Answer): ProtocolError {
  return new ProtocolError(
    `${connection.endpoint} answered ${request} with opcode 0x${answer.opcode.toString(16).padStart(2, '0')}`,
    { coordinator: connection.endpoint },
  );
}
