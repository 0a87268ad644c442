// What is known of one protocol version's answers: recorded from the real node the first time, and kept.
import { Buffer } from 'node:buffer';
import { ENVELOPE_HEADER, Opcode } from '../lib/wire.mjs';
import { Canned, pagedAnswers, pageAsked, preparedId, readExecute } from './canned.mjs';
import { Upstream } from './upstream.mjs';

// `SELECT … /* 17 */`: one of many statements that are prepared like the one without the number.
const NUMBERED = / \/\* (\d+) \*\/$/;
/** A statement with this in its text is never answered. */
const HELD = '/* held */';

class Statement {
  /** `realId` is what the node knows it by. */
  constructor(id, realId, query, rows) {
    this.id = id;
    this.realId = realId;
    this.query = query;
    /** How many rows there are in all, if its one page is to be given again and again; else 0. */
    this.rows = rows;
    this.isHeld = query.includes(HELD);
    /** By flags: what is asked for with another page size or without metadata has another answer. */
    this.answers = new Map();
    this.pages = null;
    this.sample = null;
  }
}

export class Library {
  #version;
  #target;
  #settings;
  #upstream = null;
  /** By the statement's id. */
  #statements = new Map();
  #last = null;
  #others = new Map();
  #batch = null;
  batchSample = null;

  constructor(version, target, settings) {
    this.#version = version;
    this.#target = target;
    this.#settings = settings;
  }

  #ask(opcode, body) {
    this.#upstream ??= Upstream.open(this.#version, this.#target);
    return this.#upstream.then((upstream) => upstream.ask(opcode, body));
  }

  /** The EXECUTE that was seen last for the query, as an envelope; null if none was. */
  sampleOf(query) {
    for (const statement of this.#statements.values()) if (statement.query === query) return statement.sample;
    return null;
  }

  /** The query's page is given again and again from now on, until so many rows were sent. */
  resetPages(query, rows) {
    for (const statement of this.#statements.values()) {
      if (statement.query !== query) continue;
      statement.rows = rows;
      statement.answers.clear();
    }
  }

  /**
   * Calls `reply(canned, nextPage)`: at once if the answer is known, else when the node has given it. Not at all for
   * what is held.
   */
  answer(opcode, buffer, start, end, reply) {
    if (opcode === Opcode.EXECUTE) this.#execute(buffer, start, end, reply);
    else if (opcode === Opcode.BATCH) this.#answerBatch(buffer, start, end, reply);
    else if (opcode === Opcode.PREPARE) this.#prepare(buffer, start, end, reply);
    else this.#other(opcode, buffer, start, end, reply);
  }

  #execute(buffer, start, end, reply) {
    const bodyStart = start + ENVELOPE_HEADER;
    const asked = readExecute(buffer, bodyStart, this.#version);
    const statement = this.#statement(buffer, asked.idStart, asked.idEnd);
    if (statement.isHeld) return;
    if (statement.pages !== null) {
      this.#page(statement, pageAsked(buffer, asked), reply);
      return;
    }
    const known = statement.answers.get(asked.flags);
    if (known !== undefined) {
      reply(known, 0);
      return;
    }
    const body = Buffer.from(buffer.subarray(bodyStart, end));
    statement.realId.copy(body, asked.idStart - bodyStart);
    statement.sample ??= Buffer.from(buffer.subarray(start, end));
    void this.#ask(Opcode.EXECUTE, body).then(({ opcode, body: answer }) => {
      if (statement.rows > 0 && opcode === Opcode.RESULT) {
        statement.pages ??= { ...pagedAnswers(this.#version, answer), rowsAPage: this.#settings.rowsAPage };
        this.#page(statement, 0, reply);
        return;
      }
      const canned = new Canned(this.#version | 0x80, opcode, answer);
      if (opcode === Opcode.RESULT) statement.answers.set(asked.flags, canned);
      reply(canned, 0);
    });
  }

  #page(statement, page, reply) {
    const pages = Math.ceil(statement.rows / statement.pages.rowsAPage);
    if (page + 1 < pages) reply(statement.pages.more, page + 1);
    else reply(statement.pages.last, 0);
  }

  #statement(buffer, idStart, idEnd) {
    const last = this.#last;
    if (last !== null && buffer.compare(last.id, 0, last.id.length, idStart, idEnd) === 0) return last;
    const statement = this.#statements.get(buffer.latin1Slice(idStart, idEnd));
    if (statement === undefined) throw new Error('A statement is executed that was not prepared here');
    this.#last = statement;
    return statement;
  }

  #answerBatch(buffer, start, end, reply) {
    if (this.#batch !== null) {
      reply(this.#batch, 0);
      return;
    }
    this.batchSample = Buffer.from(buffer.subarray(start, end));
    const body = Buffer.from(buffer.subarray(start + ENVELOPE_HEADER, end));
    void this.#ask(Opcode.BATCH, body).then(({ opcode, body: answer }) => {
      const canned = new Canned(this.#version | 0x80, opcode, answer);
      if (opcode === Opcode.RESULT) this.#batch = canned;
      reply(canned, 0);
    });
  }

  #prepare(buffer, start, end, reply) {
    const bodyStart = start + ENVELOPE_HEADER;
    const length = buffer.readInt32BE(bodyStart);
    const query = buffer.toString('utf8', bodyStart + 4, bodyStart + 4 + length);
    const number = NUMBERED.exec(query)?.[1];
    const base = number === undefined ? query : query.replace(NUMBERED, '');
    const rest = Buffer.from(buffer.subarray(bodyStart + 4 + length, end));
    const text = Buffer.from(base);
    const head = Buffer.alloc(4);
    head.writeInt32BE(text.length);
    this.#recorded(Opcode.PREPARE, Buffer.concat([head, text, rest]), ({ opcode, body }) => {
      const answer = Buffer.from(body);
      const id = preparedId(opcode, answer);
      const realId = id === null ? null : Buffer.from(id);
      if (id !== null && number !== undefined) id.writeUInt32BE(Number(number), id.length - 4);
      if (id !== null) this.#know(id, realId, query);
      reply(new Canned(this.#version | 0x80, opcode, answer), 0);
    });
  }

  #know(id, realId, query) {
    const key = id.latin1Slice();
    if (this.#statements.has(key)) return;
    this.#statements.set(key, new Statement(Buffer.from(id), realId, query, this.#settings.streams[query] ?? 0));
  }

  #other(opcode, buffer, start, end, reply) {
    const body = Buffer.from(buffer.subarray(start + ENVELOPE_HEADER, end));
    this.#recorded(opcode, body, (answer) => reply(new Canned(this.#version | 0x80, answer.opcode, answer.body), 0));
  }

  /** An answer that depends on nothing but the request's bytes. */
  #recorded(opcode, body, use) {
    const key = `${opcode} ${body.latin1Slice()}`;
    let answer = this.#others.get(key);
    if (answer === undefined) this.#others.set(key, (answer = this.#ask(opcode, body)));
    void answer.then(use);
  }
}
