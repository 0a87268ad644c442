import { interfaceMembers } from './declarations.js';
import { code, GENERATED, page, prose, table } from './markdown.js';

function fields(module: string, name: string): string {
  return table(
    ['field', 'type', 'meaning'],
    interfaceMembers(module, name).map((field) => [
      code(field.isOptional ? `${field.name}?` : field.name),
      code(field.type),
      prose(field.doc),
    ]),
  );
}

/** `[host: Host]` → `host: Host` */
function argumentsOf(tuple: string): string {
  return tuple.replace(/^\[\s*/, '').replace(/\s*\]$/, '');
}

export function eventsPage(): string {
  return page(
    '# Events',
    GENERATED,
    'A cluster tells of its hosts, of changes of the schema and of what a log should know: `cluster.on(name, listener)`, ' +
      '`cluster.off(name, listener)`. A listener that throws harms neither the client nor the other listeners.',
    table(
      ['event', 'the listener gets', 'when'],
      interfaceMembers('session/cluster-events', 'ClusterEvents').map(({ name, type, doc }) => [
        code(name),
        code(argumentsOf(type)),
        prose(doc),
      ]),
    ),
    '## Host',
    fields('topology/host', 'Host'),
    '## SchemaChangedEvent',
    fields('session/cluster-events', 'SchemaChangedEvent'),
    '## LogEntry',
    'The option `logger` is given the same.',
    fields('cluster/settings', 'LogEntry'),
  );
}
