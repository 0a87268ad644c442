/** Sent to servers as DRIVER_NAME and DRIVER_VERSION: the name stays for ever, as guardrails of Cassandra 6 key on it. */
export const DRIVER_NAME = 'async-cassandra';
/** The version in package.json; a test holds the two together. */
export const DRIVER_VERSION = '0.1.0';
