// npm run example -- concurrent-load [rows] — many requests at a time, and how to have no more of them than is good.
import { setTimeout as wait } from 'node:timers/promises';
import { Overloaded, RateLimitedSession, type AsyncCassandraSession } from 'async-cassandra';
import { numberArgument, openWorkspace } from '../support/workspace.js';

const rowCount = numberArgument(0, 2000);

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

/** Made as they are needed: the input of executeConcurrent may be endless. */
function* users(): Generator<[number, string]> {
  for (let id = 0; id < rowCount; id++) yield [id, `user ${id}`];
}

async function timed(label: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  console.log(`${label}: ${count} in ${seconds.toFixed(2)} s, ${Math.round(count / seconds)} a second`);
}

/** One connection carries them all: more at a time is faster, until the server is busy. */
async function atATime(session: AsyncCassandraSession): Promise<void> {
  heading('executeConcurrent');
  const insert = await session.prepare('INSERT INTO users (id, name) VALUES (?, ?)');
  insert.isIdempotent = true;
  for (const concurrency of [1, 16, 256]) {
    await timed(`${concurrency} at a time`, rowCount, () =>
      session.executeConcurrent(insert, users(), { concurrency }),
    );
  }
}

/** Some fail, the others go on; each error tells which. */
async function gatheredErrors(session: AsyncCassandraSession): Promise<void> {
  heading('Errors that are gathered');
  const insert = await session.prepare('INSERT INTO users (id, name) VALUES (?, ?)');
  const input = [
    [1, 'Ada'],
    ['not a number', 'Grace'],
    [3, 'Barbara'],
  ];
  const { total, succeeded, errors } = await session.executeConcurrent(insert, input, { raiseOnFirstError: false });
  console.log(`${succeeded} of ${total} succeeded`);
  for (const { index, error } of errors) console.log(`input ${index}: ${String(error)}`);
}

/** What goes beyond waits in line, in the order in which it came. */
async function limitedInNumber(session: AsyncCassandraSession): Promise<void> {
  heading('RateLimitedSession: so many at a time');
  const limited = new RateLimitedSession(session, { maxConcurrent: 20 });
  const select = await limited.prepare('SELECT name FROM users WHERE id = ?');
  await timed('20 at a time', rowCount, async () => {
    const all = Promise.all(Array.from({ length: rowCount }, (_, id) => limited.execute(select, [id])));
    const { activeRequests, queuedRequests } = limited.getMetrics();
    console.log(`begun: ${activeRequests} under way, ${queuedRequests} in line`);
    await all;
  });
}

async function limitedInRate(session: AsyncCassandraSession): Promise<void> {
  heading('RateLimitedSession: so many a second');
  const limited = new RateLimitedSession(session, { perSecond: 200 });
  const select = await session.prepare('SELECT name FROM users WHERE id = ?');
  const answered: number[] = [];
  const started = performance.now();
  const one = async (id: number): Promise<void> => {
    await limited.execute(select, [id]);
    const second = Math.floor((performance.now() - started) / 1000);
    answered[second] = (answered[second] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: 500 }, (_, id) => one(id)));
  console.log(`500 asked for at once, answered in each second: ${answered.join(', ')}`);
}

/** A bounded line refuses at once what it has no room for: the caller can say so, or come again. */
async function boundedLine(session: AsyncCassandraSession): Promise<void> {
  heading('A line with an end');
  const limited = new RateLimitedSession(session, { maxConcurrent: 5, maxQueued: 20 });
  const select = await session.prepare('SELECT name FROM users WHERE id = ?');
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, (_, id) => limited.execute(select, [id])));
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
  const refused = failures.filter(({ reason }) => reason instanceof Overloaded);
  console.log(`100 at once: ${100 - failures.length} answered, ${refused.length} refused as Overloaded`);

  let refusals = 0;
  const patient = async (id: number): Promise<void> => {
    for (let delayMs = 5; ; delayMs = Math.min(200, delayMs * 1.5)) {
      try {
        await limited.execute(select, [id]);
        return;
      } catch (error) {
        if (!(error instanceof Overloaded)) throw error;
        refusals++;
        // Whoever is refused more often waits longer, each for a time of its own.
        await wait(delayMs * (0.5 + Math.random()));
      }
    }
  };
  await Promise.all(Array.from({ length: 100 }, (_, id) => patient(id)));
  console.log(`100 that come again: all answered, after ${refusals} refusals`);
}

await using work = await openWorkspace('example_concurrent_load');
await work.session.execute('CREATE TABLE users (id int PRIMARY KEY, name text)');
await atATime(work.session);
await gatheredErrors(work.session);
await limitedInNumber(work.session);
await limitedInRate(work.session);
await boundedLine(work.session);
