import { answerAuthChallenge, answerAuthSuccess, answerError, type Answer } from './wire/answers.js';

/** What an authenticator says to a token. */
export type AuthenticatorReply =
  { readonly challenge: Uint8Array | null } | { readonly success: Uint8Array | null } | { readonly refusal: string };

/** A server's side of an authentication. */
export interface FakeAuthenticator {
  /** The Java class that AUTHENTICATE names. */
  readonly className: string;
  /** `round` counts a connection's tokens, from 1. */
  readonly respond: (token: Buffer | null, round: number) => AuthenticatorReply;
}

/** The name and password that a fake node asks for. */
export interface FakeCredentials {
  /** The name that is let in. */
  readonly username: string;
  /** The only password that is right. */
  readonly password: string;
}

/** Credentials stand for Cassandra's PasswordAuthenticator. */
export function toAuthenticator(auth: FakeAuthenticator | FakeCredentials): FakeAuthenticator {
  if ('respond' in auth) return auth;
  const expected = Buffer.from(`\0${auth.username}\0${auth.password}`);
  return {
    className: 'org.apache.cassandra.auth.PasswordAuthenticator',
    respond(token) {
      if (token?.equals(expected) === true) return { success: null };
      const [, username = ''] = token?.toString().split('\0') ?? [];
      return { refusal: `Provided username ${username} and/or password are incorrect` };
    },
  };
}

export function answerToToken(authenticator: FakeAuthenticator, token: Buffer | null, round: number): Answer {
  const reply = authenticator.respond(token, round);
  if ('challenge' in reply) return answerAuthChallenge(reply.challenge);
  if ('success' in reply) return answerAuthSuccess(reply.success);
  return answerError('BAD_CREDENTIALS', { message: reply.refusal });
}
