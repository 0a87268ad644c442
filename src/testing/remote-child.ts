// The other side of RemoteFakeCluster: a process that holds the nodes and does what it is told.
import { ConfigurationError } from '../errors.js';
import { asError } from '../util/thrown.js';
import { FakeCluster } from './fake-cluster.js';
import type { RemoteCommand, RemoteReply } from './remote-fake-cluster.js';

let cluster: FakeCluster | null = null;
let functions: Readonly<Record<string, unknown>> = {};

async function obey(command: RemoteCommand): Promise<unknown> {
  if (command.kind === 'start') {
    if (command.script !== null) functions = (await import(command.script)) as Readonly<Record<string, unknown>>;
    cluster = await FakeCluster.start(command.options);
    return cluster.nodes.map((node) => node.identity);
  }
  const named = functions[command.name];
  if (typeof named !== 'function' || cluster === null) {
    throw new ConfigurationError(`The script exports no function '${command.name}'`);
  }
  return (await Reflect.apply(named, undefined, [cluster, ...command.args])) as unknown;
}

function fail(id: number, error: unknown): void {
  const { name, message } = asError(error);
  process.send?.({ id, failure: { name, message } } satisfies RemoteReply);
}

process.on('message', (command: RemoteCommand) => {
  obey(command)
    .then((value) => {
      // Throws if the value cannot be sent.
      process.send?.({ id: command.id, value } satisfies RemoteReply);
    })
    .catch((error: unknown) => {
      fail(command.id, error);
    });
});

// Without its parent, nobody needs it.
process.on('disconnect', () => {
  process.exit(0);
});
