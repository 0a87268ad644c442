import { cqlBody, cqlName, qualifiedFunction } from './ddl-text.js';
import { argumentTypeCql } from './type-text.js';

export interface FunctionFacts {
  readonly keyspace: string;
  readonly name: string;
  readonly argumentNames: readonly string[];
  readonly argumentTypes: readonly string[];
  readonly returnType: string;
  readonly language: string;
  readonly body: string;
  readonly calledOnNullInput: boolean;
}

/** A user-defined function. Functions of one name differ in their argument types. */
export class FunctionMetadata implements FunctionFacts {
  /** The keyspace that it is in. */
  readonly keyspace: string;
  /** Its name, as stored. */
  readonly name: string;
  /** In order, as many as `argumentTypes`. */
  readonly argumentNames: readonly string[];
  /** CQL types as text, one for each name. */
  readonly argumentTypes: readonly string[];
  /** The CQL type as text. */
  readonly returnType: string;
  /** Such as `java`. */
  readonly language: string;
  /** The source, in its language. */
  readonly body: string;
  /** False: null comes out where null goes in, without a call. */
  readonly calledOnNullInput: boolean;

  /** Made by the client of rows of system_schema.functions. */
  constructor(facts: FunctionFacts) {
    this.keyspace = facts.keyspace;
    this.name = facts.name;
    this.argumentNames = Object.freeze([...facts.argumentNames]);
    this.argumentTypes = Object.freeze([...facts.argumentTypes]);
    this.returnType = facts.returnType;
    this.language = facts.language;
    this.body = facts.body;
    this.calledOnNullInput = facts.calledOnNullInput;
    Object.freeze(this);
  }

  /** CREATE FUNCTION. */
  toCql(): string {
    const types = this.argumentTypes.map(argumentTypeCql);
    const list = this.argumentNames.map((name, i) => `${cqlName(name)} ${types[i] ?? ''}`).join(', ');
    return (
      `CREATE FUNCTION ${qualifiedFunction(this.keyspace, this.name)} (${list})\n` +
      `  ${this.calledOnNullInput ? 'CALLED' : 'RETURNS NULL'} ON NULL INPUT\n` +
      `  RETURNS ${argumentTypeCql(this.returnType)}\n` +
      `  LANGUAGE ${this.language}\n` +
      `  AS ${cqlBody(this.body)};`
    );
  }
}
