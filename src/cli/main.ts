#!/usr/bin/env node
import { run } from './run.js';

const interruption = new AbortController();
// The first Ctrl-C ends things in order; a second one finds no listener and ends the process.
process.once('SIGINT', () => {
  interruption.abort(new DOMException('Stopped by Ctrl-C', 'AbortError'));
});

const { stdin, stdout, stderr, env } = process;
void run(process.argv.slice(2), { stdin, stdout, stderr, env, signal: interruption.signal }).then((code) => {
  process.exitCode = code;
});
