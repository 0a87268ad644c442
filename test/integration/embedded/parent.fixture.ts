/** Starts a node, tells its pid and waits to be killed. */
import { startCassandra } from '../../../src/embedded/index.js';

const db = await startCassandra({});
const [node] = db.nodes;
if (process.argv[2] === 'paused') await node?.pause();
process.stdout.write(`${JSON.stringify({ pid: node?.pid, directory: db.directory })}\n`);
if (process.argv[2] !== 'exits') setInterval(() => undefined, 60_000);
