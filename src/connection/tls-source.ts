import type { ConnectionOptions } from 'node:tls';
import { ConfigurationError, ConnectionError } from '../errors.js';
import { isObject } from '../util/option-checks.js';
import { messageOf } from '../util/thrown.js';

/**
 * The options of tls.connect, or a function that gives them. It is asked anew for each connection, so certificates and
 * keys may be changed while the client runs.
 */
export type TlsSource = ConnectionOptions | (() => ConnectionOptions | Promise<ConnectionOptions>);

const ITS_TARGET = 'must be left out: a connection leads to the node that it is for';

/** What would lead every connection to one place, whatever node it is for. */
const TARGETS: Readonly<Record<string, string>> = {
  host: `${ITS_TARGET} (the name that its certificate must carry: servername)`,
  port: `${ITS_TARGET} (the port of contact points and peers: the option port)`,
  path: ITS_TARGET,
  socket: ITS_TARGET,
};

/** What is wrong with options of tls.connect, each a text of its own. Says nothing of values: they may be keys. */
export function tlsProblems(options: Readonly<Record<string, unknown>>): string[] {
  const isLeftOut = (value: unknown): boolean => value === undefined || value === null || value === '';
  return Object.entries(TARGETS).flatMap(([name, why]) => (isLeftOut(options[name]) ? [] : [`tls.${name} ${why}`]));
}

/**
 * The options for one connection to `endpoint`. What the function throws becomes the cause of a ConnectionError: a
 * file that cannot be read now may be there at the next attempt.
 *
 * @throws ConfigurationError if the function gives something else than options of a connection. The value is not shown:
 * it may be a key.
 */
export async function askForTls(source: TlsSource, endpoint: string): Promise<ConnectionOptions> {
  if (typeof source !== 'function') return source;
  let given: unknown;
  try {
    given = await source();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ConnectionError(`The function given as tls failed for ${endpoint}: ${reason}`, { cause });
  }
  if (isObject(given)) {
    const problems = tlsProblems(given);
    if (problems.length === 0) return given;
    throw new ConfigurationError(
      `The options that the function given as tls gave cannot be used: ${problems.join('; ')}`,
    );
  }
  const kind = given === null ? 'null' : Array.isArray(given) ? 'an array' : `a ${typeof given}`;
  throw new ConfigurationError(`The function given as tls must give the options of tls.connect; it gave ${kind}`);
}

/** What of a server the driver does not verify itself: nothing at all, or not that the certificate is for its name. */
export type Unverified = 'certificate' | 'name';

/** The same source, which tells `onUnverified` whenever a connection will not be verified as it should be. */
export function watchVerification(source: TlsSource, onUnverified: (what: Unverified) => void): TlsSource {
  return async () => {
    const given: unknown = typeof source === 'function' ? await source() : source;
    if (isObject(given)) {
      if (given['rejectUnauthorized'] === false) onUnverified('certificate');
      else if (given['checkServerIdentity'] !== undefined) onUnverified('name');
    }
    // `askForTls` refuses what is none.
    return given as ConnectionOptions;
  };
}
