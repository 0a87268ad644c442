import type { QueryTrace } from '../index.js';
import { visible } from './text/display-width.js';
import { Table } from './text/table.js';

/** A trace as lines: what it was, then each step with its time in milliseconds. */
export function traceLines(trace: QueryTrace): string[] {
  const table = new Table([
    { name: 'ms', isNumeric: true },
    { name: 'node', isNumeric: false },
    { name: 'step', isNumeric: false },
  ]);
  const steps = trace.events.map(({ sourceElapsedMicros, source, activity }) => [
    sourceElapsedMicros === null ? '' : millis(sourceElapsedMicros),
    source ?? '',
    visible(activity),
  ]);
  const { tracingId, requestType, coordinator, durationMicros } = trace;
  return [
    `Trace ${tracingId}: ${requestType ?? 'request'} at ${coordinator ?? 'an unknown node'}, ${millis(durationMicros)} ms`,
    ...table.lines(steps),
  ];
}

function millis(micros: number): string {
  return (micros / 1000).toFixed(3);
}
