import { ConnectionError, QueryError } from '../errors.js';
import type { ByteWriter } from '../protocol/byte-writer.js';
import { OWN_REGISTRY } from '../protocol/codec/own-registry.js';
import { RowPlan } from '../protocol/codec/row-plan.js';
import { Opcode, ResultKind } from '../protocol/constants.js';
import { OWN_QUERY_SETTINGS, readResultKind, readRowsHeader, writeQuery } from '../protocol/messages/index.js';
import type { Connection } from './connection.js';
import type { Message } from './message.js';
import type { Answer } from './round-trip.js';

const ASK: Message = {
  opcode: Opcode.QUERY,
  flags: 0,
  writeBody(writer: ByteWriter) {
    writeQuery(writer, "SELECT cluster_name FROM system.local WHERE key='local'", OWN_QUERY_SETTINGS, null, null);
  },
};

/**
 * Addresses are given to other machines, in Kubernetes within minutes: a node of another cluster would take the rows that
 * are meant for ours. A node that does not tell is taken for one of ours.
 *
 * @throws ConnectionError if the node is in another cluster.
 */
export async function checkCluster(connection: Connection, own: string): Promise<void> {
  const told = await connection.handshake(ASK).then(clusterNameIn, nothingTold);
  if (told !== null && told !== own) throw ofAnotherCluster(connection, told, own);
}

function ofAnotherCluster({ endpoint }: Connection, told: string, own: string): ConnectionError {
  return new ConnectionError(`${endpoint} is a node of cluster '${told}', not of '${own}'`);
}

function clusterNameIn({ opcode, body }: Answer): string | null {
  if (opcode !== Opcode.RESULT || readResultKind(body) !== ResultKind.ROWS) return null;
  const { columns, rowCount } = readRowsHeader(body);
  if (columns === null || rowCount === 0) return null;
  const rows: Readonly<Record<string, unknown>>[] = [];
  new RowPlan(columns, OWN_REGISTRY, 'object').decodeRows(body.buffer, body.offset, body.end, 1, rows);
  const name = rows[0]?.['cluster_name'];
  return typeof name === 'string' ? name : null;
}

function nothingTold(error: unknown): null {
  if (error instanceof QueryError) return null;
  throw error;
}
