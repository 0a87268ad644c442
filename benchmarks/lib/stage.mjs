// What a run needs around it: the real node with its data, and the canned server in front of it.
import { Child } from './child.mjs';
import { fill } from './schema.mjs';

const SERVER = new URL('../server/canned-server.mjs', import.meta.url);
const SUBJECT = new URL('../subjects/process.mjs', import.meta.url);

export class Stage {
  #db;
  #server;
  port;
  contactPoint;
  localDatacenter;

  static async open(log) {
    const stage = new Stage();
    try {
      await stage.#open(log);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  async #open(log) {
    const { startCassandra } = await import('../../dist/embedded/index.js');
    log('Starting Cassandra 5.0 …');
    // The node only records: the compiler that starts fastest would do, the one that it is meant to run with is fairer.
    this.#db = await startCassandra({ version: '5.0', jvmArgs: ['-XX:TieredStopAtLevel=4'] });
    log('Filling the keyspace bench …');
    const session = await this.#db.connect();
    await fill(session);
    await session.close();
    const [address] = this.#db.contactPoints;
    this.contactPoint = address;
    this.localDatacenter = this.#db.localDatacenter;
    this.#server = new Child(SERVER);
    await this.#server.ask('target', { target: { address, port: this.#db.port } });
    this.port = await this.#server.ask('listen', { addresses: [address], isCluster: false });
  }

  /** A cluster of canned nodes; resolves to its first node and port. */
  async cluster(size, block) {
    const addresses = Array.from({ length: size }, (_, i) => `127.91.${block}.${i + 1}`);
    const port = await this.#server.ask('listen', { addresses, isCluster: true });
    return { contactPoint: addresses[0], port, localDatacenter: 'dc1' };
  }

  setStream(query, rows) {
    return this.#server.ask('setStream', { query, rows });
  }

  /** The bytes of a request that the driver sent, in base64. */
  sample(query, isBatch) {
    return this.#server.ask('sample', { query, isBatch });
  }

  /** Starts a subject's process and opens it; `settings` go to the subject. */
  async subject(subject, workload, { settings = {}, rows = 0, place = this, isHeld = false } = {}) {
    const child = new Child(SUBJECT, ['--expose-gc']);
    try {
      const { contactPoint, port, localDatacenter } = place;
      const all = { contactPoint, port, localDatacenter, entry: subject.entry, ...settings };
      await child.ask('open', { kind: subject.kind, workload, rows, isHeld, settings: all });
      return child;
    } catch (error) {
      await child.end();
      throw error;
    }
  }

  async close() {
    await this.#server?.end();
    await this.#db?.stop();
  }
}
