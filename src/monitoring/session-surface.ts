import type { AsyncCassandraSession } from '../session/async-session.js';

/**
 * Everything that a session offers: what AsyncCassandraSession and the sessions around it have in common. Code that
 * takes this takes either.
 */
export type SessionSurface = { [K in keyof AsyncCassandraSession]: AsyncCassandraSession[K] };
