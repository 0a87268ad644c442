import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SharedCassandra } from '../../support/cassandra.js';

export interface Counts {
  readonly received: number;
  readonly answered: number;
}

/** Far longer than the services' own limits: requests of 4 s, 5 s of draining. */
const STOP_LIMIT_MS = 60_000;
const REPORT = 'report.json';

/** An example service in a process of its own, on a given cluster. */
export class Service implements AsyncDisposable {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #messages: unknown[];
  readonly #output: () => string;
  /** Where the process writes what it is doing, if it is asked. */
  readonly #folder: string;

  private constructor(
    address: string,
    child: ChildProcess,
    exited: Promise<number | null>,
    messages: unknown[],
    output: () => string,
    folder: string,
  ) {
    this.address = address;
    this.#child = child;
    this.#exited = exited;
    this.#messages = messages;
    this.#output = output;
    this.#folder = folder;
  }

  static async start(example: string, db: SharedCassandra, nodeArgs: readonly string[] = []): Promise<Service> {
    const file = fileURLToPath(new URL(`../../../examples/${example}/main.ts`, import.meta.url));
    const folder = mkdtempSync(join(tmpdir(), 'service-'));
    const reports = ['--report-on-signal', `--report-directory=${folder}`, `--report-filename=${REPORT}`];
    const child = spawn(process.execPath, [...nodeArgs, ...reports, '--import', 'tsx', file], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        PORT: '0',
        CASSANDRA_CONTACT_POINTS: db.contactPoints.join(','),
        CASSANDRA_PORT: String(db.port),
        CASSANDRA_LOCAL_DC: db.localDatacenter,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += String(chunk)));
    const messages: unknown[] = [];
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const address = await new Promise<string>((resolve, reject) => {
      child.on('message', (message) => {
        messages.push(message);
        if (typeof message === 'object' && 'address' in message) resolve(String(message.address));
      });
      void exited.then(() => {
        rmSync(folder, { recursive: true, force: true });
        reject(new Error(`The service did not start: ${output}`));
      });
    });
    return new Service(address, child, exited, messages, () => output, folder);
  }

  get output(): string {
    return this.#output();
  }

  /** Resident memory now, in MiB. */
  get rssMib(): number {
    const status = readFileSync(`/proc/${String(this.#child.pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.address + path, init);
  }

  send(method: string, path: string, body?: unknown, signal: AbortSignal | null = null): Promise<Response> {
    return this.fetch(path, {
      method,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  }

  /** The sum of a metric's series whose labels match. */
  async metric(name: string, labels = ''): Promise<number> {
    const text = await (await this.fetch('/metrics')).text();
    const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(labels));
    assert.ok(lines.length > 0, `${name} is not among the metrics`);
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** SIGTERM; the process has to end by itself, with code 0. */
  async stop(): Promise<Counts | undefined> {
    this.#child.kill('SIGTERM');
    const isLate = sleep(STOP_LIMIT_MS, true, { ref: false });
    if (await Promise.race([this.#exited.then(() => false), isLate])) assert.fail(await this.#endByForce());
    assert.equal(await this.#exited, 0, this.output);
    return this.#messages.find((message): message is Counts => (message as Partial<Counts>).received !== undefined);
  }

  /** Kills the process, and says what kept it alive. */
  async #endByForce(): Promise<string> {
    this.#child.kill('SIGUSR2');
    await sleep(2000);
    this.#child.kill('SIGKILL');
    const report = JSON.parse(readFileSync(join(this.#folder, REPORT), 'utf8')) as {
      readonly javascriptStack: unknown;
      readonly libuv: readonly { readonly is_active: boolean; readonly is_referenced: boolean }[];
    };
    const handles = report.libuv.filter((handle) => handle.is_active && handle.is_referenced);
    const why = JSON.stringify([report.javascriptStack, handles]);
    return `It did not end by itself within ${String(STOP_LIMIT_MS)} ms: ${why}\n${this.output}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
