/** Reads a node's log: its last lines for an error, each new line for somebody who listens. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const FOLLOW_EVERY_MS = 100;
const TAIL_BYTES = 16 * 1024;

/** The last lines of a log file, or an empty text when there is none. */
export function lastLines(file: string, count: number): string {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const text = readFrom(descriptor, Math.max(0, size - TAIL_BYTES));
      return text.trimEnd().split('\n').slice(-count).join('\n');
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/** Gives each line that the file gets from now on to `onLine`; returns how to end it, which gives the rest first. */
export function followLines(file: string, onLine: (line: string) => void): () => void {
  const descriptor = openSync(file, 'a+');
  let position = fstatSync(descriptor).size;
  let rest = '';
  const read = (): void => {
    const text = readFrom(descriptor, position);
    position += Buffer.byteLength(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
  const timer = setInterval(read, FOLLOW_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    read();
    closeSync(descriptor);
  };
}

/** All whole characters from that position on. */
function readFrom(descriptor: number, start: number): string {
  const buffer = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - start));
  const length = readSync(descriptor, buffer, 0, buffer.length, start);
  // A log line ends with a newline, so what is behind the last one may be half a character: it is read again later.
  const whole = buffer.subarray(0, length);
  return whole.subarray(0, whole.lastIndexOf(10) + 1).toString();
}
