import { cqlFunctionName, cqlString, qualifiedFunction } from './ddl-text.js';
import { argumentTypeCql } from './type-text.js';

export interface AggregateFacts {
  readonly keyspace: string;
  readonly name: string;
  readonly argumentTypes: readonly string[];
  readonly stateFunction: string;
  readonly stateType: string;
  readonly finalFunction: string | null;
  readonly initialCondition: string | null;
  readonly returnType: string;
}

/** A user-defined aggregate. Aggregates of one name differ in their argument types. */
export class AggregateMetadata implements AggregateFacts {
  /** The keyspace that it is in. */
  readonly keyspace: string;
  /** Its name, as stored. */
  readonly name: string;
  /** CQL types as text. */
  readonly argumentTypes: readonly string[];
  /** The function's name, in the same keyspace. */
  readonly stateFunction: string;
  /** The CQL type of the state. */
  readonly stateType: string;
  /** The function's name, in the same keyspace; null if the state itself is the result. */
  readonly finalFunction: string | null;
  /** A CQL literal, though 4.0 and 4.1 tell dates, times and addresses without quotes; null if the state starts with null. */
  readonly initialCondition: string | null;
  /** The CQL type of the result. */
  readonly returnType: string;

  /** Made by the client of rows of system_schema.aggregates. */
  constructor(facts: AggregateFacts) {
    this.keyspace = facts.keyspace;
    this.name = facts.name;
    this.argumentTypes = Object.freeze([...facts.argumentTypes]);
    this.stateFunction = facts.stateFunction;
    this.stateType = facts.stateType;
    this.finalFunction = facts.finalFunction;
    this.initialCondition = facts.initialCondition;
    this.returnType = facts.returnType;
    Object.freeze(this);
  }

  /** CREATE AGGREGATE. */
  toCql(): string {
    const types = this.argumentTypes.map(argumentTypeCql).join(', ');
    const lines = [
      `CREATE AGGREGATE ${qualifiedFunction(this.keyspace, this.name)} (${types})`,
      `SFUNC ${cqlFunctionName(this.stateFunction)}`,
      `STYPE ${argumentTypeCql(this.stateType)}`,
      ...(this.finalFunction === null ? [] : [`FINALFUNC ${cqlFunctionName(this.finalFunction)}`]),
      ...(this.initialCondition === null ? [] : [`INITCOND ${initialConditionCql(this)}`]),
    ];
    return `${lines.join('\n  ')};`;
  }
}

const QUOTED_STATES: ReadonlySet<string> = new Set(['date', 'inet', 'time', 'timestamp']);

/** Cassandra 4.0 and 4.1 keep no quotes around values that cannot be said without them. */
function initialConditionCql({ stateType, initialCondition }: AggregateFacts): string {
  const text = initialCondition ?? 'null';
  return QUOTED_STATES.has(stateType) && !text.startsWith("'") ? cqlString(text) : text;
}
