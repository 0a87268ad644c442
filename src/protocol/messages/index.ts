/** Every message of the protocol: requests that a client writes, responses that it reads. */
export { readAuthChallenge, readAuthSuccess, readAuthenticate, writeAuthResponse } from './auth.js';
export { batchHead, beginBatch, writeBatchPrepared, writeBatchQuery } from './batch.js';
export { writeCustomPayload } from './custom-payload.js';
export { readEvent, type SchemaEvent, type ServerEvent } from './event.js';
export { executeHead, writeExecute } from './execute.js';
export { EMPTY_PREFIX, joinPrefixes, readPrefix, type ResponsePrefix } from './prefix.js';
export { writePrepare } from './prepare.js';
export { readPrepared, type Prepared } from './prepared.js';
export {
  isTimestamp,
  OWN_QUERY_SETTINGS,
  writeBatchParameters,
  type QuerySettings,
  type ValuesWriter,
} from './query-settings.js';
export { writeQuery } from './query.js';
export { EventType, writeRegister } from './register.js';
export { readResultKind, readSetKeyspace } from './result.js';
export { readRowsHeader, type RowsHeader } from './rows.js';
export { readSchemaChange, type SchemaChange } from './schema-change.js';
export { writeStartup } from './startup.js';
