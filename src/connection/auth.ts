import { ConfigurationError } from '../errors.js';

/** What a provider may want to know about the node that asks for credentials. */
export interface AuthContext {
  /** 'address:port' of the node. */
  readonly host: string;
  /** The server's authenticator class, such as 'org.apache.cassandra.auth.PasswordAuthenticator'. */
  readonly authenticator: string;
}

/**
 * A SASL mechanism. It is asked anew for every connection, so credentials may change while the client runs.
 * What it throws becomes the cause of an AuthenticationFailed.
 */
export interface AuthProvider {
  /** The first token, sent as soon as the server asks; null for an empty one. */
  initialResponse(context: AuthContext): Promise<Buffer | null> | Buffer | null;
  /** The answer to a challenge of the server. */
  evaluateChallenge?(challenge: Buffer | null, context: AuthContext): Promise<Buffer | null> | Buffer | null;
  /** The server accepted; `token` is its last word, if it has one. */
  onSuccess?(token: Buffer | null, context: AuthContext): Promise<void> | void;
}

/** User name and password, as PasswordAuthenticator takes them (SASL PLAIN, RFC 4616). */
export class PlainTextAuthProvider implements AuthProvider {
  // Private fields do not show in console.log, JSON or errors.
  readonly #username: string;
  readonly #password: string;

  /**
   * Credentials for PasswordAuthenticator and those that speak like it. The password never appears in errors or logs.
   */
  constructor(username: string, password: string) {
    if (typeof username !== 'string' || typeof password !== 'string') {
      throw new ConfigurationError('PlainTextAuthProvider needs a username and a password, both strings');
    }
    // NUL separates the fields of a PLAIN token.
    if (username.includes('\0') || password.includes('\0')) {
      throw new ConfigurationError('A username or password for PlainTextAuthProvider must not hold a NUL character');
    }
    this.#username = username;
    this.#password = password;
  }

  /** The name and the password, as SASL PLAIN has them. */
  initialResponse(): Buffer {
    return Buffer.from(`\0${this.#username}\0${this.#password}`, 'utf8');
  }

  /**
   * PLAIN has no second round.
   *
   * @throws ConfigurationError, which becomes the cause of an AuthenticationFailed.
   */
  evaluateChallenge(): never {
    throw new ConfigurationError(
      'The server sent a SASL challenge, which user name and password cannot answer: it wants another AuthProvider',
    );
  }
}
