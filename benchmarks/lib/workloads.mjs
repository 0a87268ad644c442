// What is measured, and at how many in flight.
import { PAGE_ROWS } from './schema.mjs';

const BATCH_SIZE = 50;
const MANY = [1, 16, 128, 1024];

/** `per`: what the CPU is divided by; `units` of it come with one request. Without `quick`: left out of a quick run. */
export const WORKLOADS = {
  select1: { per: 'request', units: 1, isRead: true, inFlight: MANY, quick: [1, 128] },
  insert1: { per: 'request', units: 1, inFlight: MANY, quick: [128] },
  batch50: { per: 'request', units: 1, inFlight: MANY, quick: [16] },
  page100: { per: 'row', units: 100, inFlight: [1, 16, 128] },
  // Each answer is 0.6 MB: with many in flight the garbage collector is measured, and little else.
  page5000: { per: 'row', units: PAGE_ROWS, inFlight: [1, 16], quick: [1] },
  vectorRead: { per: 'request', units: 1, isRead: true, inFlight: [1, 16, 128] },
  vectorWrite: { per: 'request', units: 1, inFlight: [1, 16, 128] },
  stream1M: { per: 'row', units: 1_000_000, quickUnits: 50_000, inFlight: [1], quick: [1], isStream: true },
};

/** Further parts of a full run, each with a module of its own. */
export const PARTS = ['connect', 'growth', 'heartbeat', 'memory', 'watching'];

/** Names that stand for several workloads. */
export const GROUPS = { vector1536: ['vectorRead', 'vectorWrite'] };

/** For both drivers: deadlines are on, and a thousand large answers at a time still come before them. */
const REQUEST_TIMEOUT_MS = 120_000;

export { BATCH_SIZE, REQUEST_TIMEOUT_MS };
