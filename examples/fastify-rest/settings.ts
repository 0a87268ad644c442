// How this service behaves towards Cassandra: answers matter within seconds here, and so does the way back after an outage.
import { ExponentialReconnectionPolicy } from 'async-cassandra';
import { openDatabase as openAnyDatabase, type Database } from '../support/database.js';

export function openDatabase(): Promise<Database> {
  return openAnyDatabase({
    requestTimeoutMs: 4000,
    reconnectionPolicy: new ExponentialReconnectionPolicy({ baseDelayMs: 100, maxDelayMs: 1000 }),
    applicationName: 'users-service',
  });
}
