// A child process that is told commands and answers them.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export class Child {
  #process;
  #waiting = new Map();
  #nextId = 1;

  /** `file` is a URL; `execArgv` are Node's own arguments. */
  constructor(file, execArgv = []) {
    this.#process = fork(fileURLToPath(file), [], { execArgv });
    this.#process.on('message', ({ id, value, error }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(value);
      else reject(new Error(error));
    });
    this.#process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`The process ended (${signal ?? code})`));
      this.#waiting.clear();
    });
  }

  ask(command, message = {}) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ ...message, id, command });
    });
  }

  /** Ends the process and waits until it is gone. */
  async end() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await gone;
  }
}
