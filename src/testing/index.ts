/**
 * async-cassandra/testing: a scriptable CQL server in this process or another, to test applications and the client
 * itself against slow, failing, lying and dying nodes.
 */
export type { AuthenticatorReply, FakeAuthenticator, FakeCredentials } from './authentication.js';
export { FakeCluster, nodeAddress, type FakeClusterOptions } from './fake-cluster.js';
export type { ConnectionSession, FakeConnection } from './fake-connection.js';
export { FakeNode, type FakeNodeCounts } from './fake-node.js';
export type { Match, OpcodeName, RequestMatch } from './match.js';
export type { FakeNodeOptions } from './options.js';
export type { PreparedEntry, PreparedScript } from './prepared.js';
export {
  chunk,
  closeConnection,
  corruptCrc,
  delay,
  drop,
  error,
  hold,
  Reaction,
  reactions,
  release,
  rows,
  voidResult,
  voidResult as void,
  warn,
} from './reactions.js';
export { RemoteFakeCluster, type RemoteFakeClusterOptions } from './remote-fake-cluster.js';
export type { FakeRequest } from './request.js';
export type { FakeRow, RowsOptions, RowSource } from './rows.js';
export type { ReactionLike, Rule } from './rules.js';
export type { FakeKeyspace, FakeTable, FakeUserType, NodeIdentity } from './schema.js';
export type { Answer, ErrorFields, ErrorName, FakeSchemaChange } from './wire/answers.js';
export type { FakeColumn } from './wire/columns.js';
export type { BatchMember, RequestBody, WireValue } from './wire/read-request.js';
export type { TypeLike } from './wire/type-text.js';
