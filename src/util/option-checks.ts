import { nearestName } from './nearest-name.js';

/** What is wrong with an option's value, to stand behind its name ("must be …"); null if nothing is. */
export type OptionCheck = (value: unknown) => string | null;

export type OptionChecks = Readonly<Record<string, OptionCheck>>;

/** The longest delay that a timer of Node takes, in milliseconds: beyond it they fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
const LONGEST_TEXT = 40;
/** Of an address that brings a user name and a password: user:password@host, or …?password=… */
const MAY_HOLD_PASSWORD = /@|password/i;

/** A value as an error text may name it: small things whole, objects by their class. Not for secrets. */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > LONGEST_TEXT || MAY_HOLD_PASSWORD.test(value)
        ? `a string of ${String(value.length)} characters`
        : `'${value.replaceAll("'", "\\'")}'`;
    case 'bigint':
      return `${String(value)}n`;
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : showObject(value);
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}

function showObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return 'an object';
  const name: unknown = (value.constructor as unknown as { readonly name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object';
}

/** `must be ${expected}; got …` unless the test holds. */
export function mustBe(expected: string, test: (value: unknown) => boolean): OptionCheck {
  return (value) => (test(value) ? null : `must be ${expected}; got ${showValue(value)}`);
}

/** The same without the value: for what may hold a secret, or what is bound. */
export function mustBeSecret(expected: string, test: (value: unknown) => boolean): OptionCheck {
  return (value) => (test(value) ? null : `must be ${expected}; got ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  const holdsNothing = value === undefined || typeof value === 'object' || typeof value === 'function';
  return holdsNothing ? showValue(value) : `a ${typeof value}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const aBoolean = mustBe('true or false', (value) => typeof value === 'boolean');
export const aName = mustBe('a string that is not empty', (value) => typeof value === 'string' && value !== '');
export const anObject = mustBe('an object', isObject);
export const aFunction = mustBe('a function', (value) => typeof value === 'function');

export function anInteger(least: number, most: number): OptionCheck {
  const range =
    most === Number.MAX_SAFE_INTEGER ? `, ${String(least)} or more` : ` from ${String(least)} to ${String(most)}`;
  return mustBe(
    `a whole number${range}`,
    (value) => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
  );
}

/** A duration that a timer can hold. `least` 0 where 0 has a meaning of its own, which `zero` names. */
export function milliseconds(least: number, zero?: string): OptionCheck {
  const meaning = zero === undefined ? '' : ` (0: ${zero})`;
  return mustBe(
    `a number of milliseconds from ${String(least)} to ${String(MAX_TIMER_MS)}${meaning}`,
    (value) => typeof value === 'number' && value >= least && value <= MAX_TIMER_MS,
  );
}

/** A duration that may be without limit. */
export function orInfinity(check: OptionCheck): OptionCheck {
  return (value) => (value === Infinity ? null : check(value));
}

/** An object with all of these methods. */
export function withMethods(kind: string, ...methods: string[]): OptionCheck {
  return (value) => {
    if (isObject(value)) {
      const missing = methods.filter((name) => typeof value[name] !== 'function');
      if (missing.length === 0) return null;
      return `must be ${kind}; got ${showValue(value)} without ${missing.map((name) => `${name}()`).join(', ')}`;
    }
    const hint = typeof value === 'function' && value.name !== '' ? ` (did you mean new ${value.name}(…)?)` : '';
    return `must be ${kind}; got ${showValue(value)}${hint}`;
  };
}

/** An abort signal, also one of another realm or a polyfill. */
export const anAbortSignal = mustBe(
  'an AbortSignal',
  (value) =>
    isObject(value) && typeof value['aborted'] === 'boolean' && typeof value['addEventListener'] === 'function',
);

/**
 * Everything that is wrong with `options`, each a text of its own. An option that is undefined counts as left out.
 * `foreign` answers names that people bring from elsewhere, in any case and with or without underscores.
 */
export function optionProblems(
  options: unknown,
  checks: OptionChecks,
  foreign: Readonly<Record<string, string>> = {},
  prefix = '',
): string[] {
  if (!isObject(options))
    return [`${prefix === '' ? 'the options' : prefix.slice(0, -1)} must be an object; got ${showValue(options)}`];
  const problems: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      problems.push(unknownOption(name, checks, foreign, prefix));
      continue;
    }
    if (value === undefined) continue;
    const problem = check(value);
    if (problem !== null) problems.push(`${prefix}${name} ${problem}`);
  }
  return problems;
}

function unknownOption(
  name: string,
  checks: OptionChecks,
  foreign: Readonly<Record<string, string>>,
  prefix: string,
): string {
  const known = Object.keys(checks);
  const folded = fold(name);
  const same = known.find((candidate) => fold(candidate) === folded);
  const elsewhere = Object.entries(foreign).find(([candidate]) => fold(candidate) === folded)?.[1];
  if (same === undefined && elsewhere !== undefined) return `unknown option ${prefix}${name}: ${elsewhere}`;
  const nearest = same ?? nearestName(name, known);
  const advice = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean ${prefix}${nearest}?`;
  return `unknown option ${prefix}${name}: ${advice}`;
}

function fold(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
