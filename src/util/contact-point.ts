import { isIpv6Address } from './ip-address.js';
import { showValue } from './option-checks.js';

export interface ContactPoint {
  /** An address, or a name that is resolved at each round. */
  readonly host: string;
  readonly port: number;
}

const FORMS = 'host, host:port, [IPv6]:port or an IPv6 address';
const WITHOUT_CREDENTIALS = 'without user name and password (they go to createWithAuth or an authProvider)';

/** Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address; what is wrong with it as a text. */
export function readContactPoint(given: unknown, defaultPort: number): ContactPoint | string {
  const text = typeof given === 'string' ? given.trim() : '';
  if (text === '') return `must be a string: ${FORMS}; got ${showValue(given)}`;
  if (text.includes('@')) return `must be ${FORMS}, ${WITHOUT_CREDENTIALS}; got ${showValue(given)}`;
  if (text.includes('://')) return `must be ${FORMS}, without a scheme; got ${showValue(given)}`;
  if (text.includes(',')) return `must be one host each: give an array of strings; got ${showValue(given)}`;

  if (isIpv6Address(text)) return { host: text, port: defaultPort };
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const [, host = '', port] = bracketed ?? /^([^:]*)(?::([^:]*))?$/.exec(text) ?? [];
  const isHost = bracketed === null ? /^[^\s/@[\]]+$/.test(host) : isIpv6Address(host);
  if (!isHost) return `must be ${FORMS}; got ${showValue(given)}`;
  if (port === undefined) return { host, port: defaultPort };
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) return `must name a port from 1 to 65535; got ${showValue(given)}`;
  return { host, port: number };
}
