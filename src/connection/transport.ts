import * as net from 'node:net';
import type * as tls from 'node:tls';
import { ConfigurationError, ConnectionError } from '../errors.js';
import { formatEndpoint } from '../topology/host.js';
import { isIpAddress } from '../util/ip-address.js';
import type { TlsSource } from './tls-source.js';

/** One read takes this much at most; every byte is copied out or decoded before the next read. */
const READ_BUFFER_BYTES = 128 * 1024;

/**
 * As every byte has been dealt with when a read's callback returns, and only then is the next socket read, all sockets
 * of a thread can share one buffer: with a thousand hosts that is 128 MiB less. On Windows a read may be begun with the
 * buffer and ended later, so that there each socket has its own.
 */
let shared: Buffer | null = null;

function readBuffer(): Buffer {
  if (process.platform === 'win32') return Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  shared ??= Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  return shared;
}

export interface TransportOptions {
  readonly address: string;
  readonly port: number;
  /** The name that the certificate must carry, if TLS is on: the contact point's, else the address. */
  readonly serverName?: string;
  readonly tls: TlsSource | null;
}

/** What happens on a socket. */
export interface TransportEvents {
  /** `buffer[0, size)` was read; the buffer is used again for the next read. */
  onRead(buffer: Buffer, size: number): void;
  onDrain(): void;
  /** Called once, whatever ended the socket. */
  onClosed(error: Error | null): void;
}

/** Said in so many words, for NODE_TLS_REJECT_UNAUTHORIZED=0, set for some other server, would turn it off unseen. */
const VERIFIED: tls.ConnectionOptions = { rejectUnauthorized: true };

/**
 * Opens a socket, with TLS if `security` says how, and says when it can be used. The caller destroys it if it takes too
 * long.
 */
export function openSocket(
  options: TransportOptions,
  security: tls.ConnectionOptions | null,
  events: TransportEvents,
  onOpen: () => void,
): net.Socket {
  const onread = {
    buffer: readBuffer(),
    callback: (size: number, buffer: Uint8Array): boolean => {
      events.onRead(buffer as Buffer, size);
      return true;
    },
  };
  const target = { host: options.address, port: options.port, noDelay: true, keepAlive: true };
  let socket: net.Socket;
  if (security === null) {
    socket = net.connect({ ...target, onread }, onOpen);
  } else {
    const name = options.serverName ?? options.address;
    // Server name indication knows no addresses (RFC 6066); the certificate is checked against them all the same.
    const sni = isIpAddress(name) ? {} : { servername: name };
    // tls.connect takes `onread` as net.connect does; its typings do not say so.
    const given = withoutUndefined(security);
    const { host, port } = target;
    socket = connectSecurely({ ...target, ...VERIFIED, ...sni, ...given, host, port, ...{ onread } }, onOpen);
  }
  watch(socket, options, events);
  return socket;
}

/** An option that is undefined counts as left out; to Node it would be one that takes the place of ours. */
function withoutUndefined(options: tls.ConnectionOptions): tls.ConnectionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** A key that cannot be read, or an option of the wrong kind, is found here, before a byte is sent. */
function connectSecurely(options: tls.ConnectionOptions, onOpen: () => void): net.Socket {
  try {
    // Loaded here, as it takes milliseconds and most programs do without.
    return process.getBuiltinModule('node:tls').connect(options, onOpen);
  } catch (error) {
    // Node's texts end with the value received, which may be a passphrase: neither that nor the error itself is kept.
    const reason = error instanceof Error ? error.message.replace(/\.? Received[^]*/, '') : 'it was refused';
    throw new ConfigurationError(`The tls options cannot be used: ${reason}`);
  }
}

function watch(socket: net.Socket, options: TransportOptions, events: TransportEvents): void {
  let failure: Error | null = null;
  socket.on('error', (error) => {
    failure = describe(error, options);
  });
  socket.on('drain', () => {
    events.onDrain();
  });
  // The server never half-closes on purpose: once it sends no more, no answer can come.
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    events.onClosed(failure);
  });
}

function describe(error: Error, options: TransportOptions): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const where = formatEndpoint(options.address, options.port);
  if (isTlsRefusal(code)) {
    const advice = TLS_ADVICE[code];
    const reason = reasonOf(error);
    const text = advice === undefined ? reason : `${reason} (${advice})`;
    return new TlsRefused(`TLS with ${where} failed: ${text}`, { cause: error });
  }
  const advice = code === 'ECONNREFUSED' ? ` (${REFUSED_ADVICE})` : '';
  return new ConnectionError(`The connection to ${where} failed: ${error.message}${advice}`, { cause: error });
}

const REFUSED_ADVICE = 'does Cassandra run there, and is this its native_transport_port?';

/** OpenSSL's errors have a reason in words, and a message that leads through its source files. */
function reasonOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' && 'library' in error ? error.reason : error.message;
}

function isTlsRefusal(code: string): boolean {
  return code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_') || TLS_CODES.has(code);
}

/** OpenSSL's words for a certificate that does not hold (node:tls, "X509 certificate error codes"). */
const TLS_CODES: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'EPROTO',
]);

const UNKNOWN_AUTHORITY = "pass the certificate of the cluster's authority as tls.ca";

/** What to do about the refusals that are met most often. */
const TLS_ADVICE: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: 'connect by a name that the certificate carries, or give it as tls.servername',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does the server speak TLS on this port?',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server wants a certificate of the client: tls.cert and tls.key',
};

/** The TLS handshake failed: trying the same node again with the same options cannot help. */
export class TlsRefused extends ConnectionError {}
