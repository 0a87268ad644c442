// Where Cassandra is: a running cluster that the environment names, or an embedded node for trying things out.
import type { AsyncClusterOptions } from 'async-cassandra';
import { startCassandra } from 'async-cassandra/embedded';

export interface Database extends AsyncDisposable {
  readonly options: AsyncClusterOptions;
}

/** A running cluster if CASSANDRA_CONTACT_POINTS names one (CASSANDRA_LOCAL_DC, CASSANDRA_PORT), else a node of its own. */
export async function openDatabase(habits: AsyncClusterOptions = {}): Promise<Database> {
  const { CASSANDRA_CONTACT_POINTS: points, CASSANDRA_LOCAL_DC: datacenter, CASSANDRA_PORT: port } = process.env;
  if (points !== undefined && points !== '') {
    const options = {
      contactPoints: points.split(','),
      ...(datacenter === undefined ? {} : { localDatacenter: datacenter }),
      ...(port === undefined ? {} : { port: Number(port) }),
      ...habits,
    };
    return { options, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  console.log('Starting an embedded Cassandra (the first start fetches it, once) …');
  const db = await startCassandra();
  const options = { contactPoints: db.contactPoints, port: db.port, localDatacenter: db.localDatacenter, ...habits };
  return { options, [Symbol.asyncDispose]: () => db.stop() };
}
