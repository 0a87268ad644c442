// The main job, `npm start`: a tour of the client on a real Cassandra node that it fetches and starts itself.
import { startCassandra } from 'async-cassandra/embedded';
import { bulkInsert, readBack, streamMany } from './bulk.js';
import { Ledger } from './ledger.js';
import { batchOfTwo, counterColumn, lightweightTransaction } from './kinds-of-write.js';
import { handledErrors } from './handled-errors.js';
import { createSchema } from './schema.js';
import { heading, line } from './screen.js';

heading('Starting Cassandra 5.0 (the first start fetches it, once)');
const started = performance.now();
await using db = await startCassandra({
  version: '5.0',
  log: (text: string) => {
    // The node's own log is of no interest here.
    if (text.startsWith('Fetching')) line(text);
  },
});
line(
  `ready on ${db.contactPoints.join(', ')}:${String(db.port)} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
);

await using session = await db.connect();
const ledger = new Ledger();

heading('Schema');
await createSchema(session, ledger);

heading('10,000 concurrent inserts');
const ids = await bulkInsert(session, ledger, 10_000);

heading('Reads, by position and by name');
await readBack(session, ledger, ids);

heading('A batch, a lightweight transaction, a counter');
await batchOfTwo(session, ledger);
await lightweightTransaction(session, ledger);
await counterColumn(session, ledger);

heading('200,000 rows streamed');
await streamMany(session, ledger, 200_000);

heading('One handled error of each family');
await handledErrors(session, ledger);

heading('What it took');
ledger.print();
