/** Writes cassandra.yaml. JSON's notation is YAML too, so each setting is one line of it. */

import { ConfigurationError } from '../errors.js';

export type YamlSettings = Readonly<Record<string, unknown>>;

/** One line a setting; `undefined` leaves a setting out. */
export function renderYaml(settings: YamlSettings): string {
  let text = '';
  for (const [name, value] of Object.entries(settings)) {
    if (value !== undefined) text += `${renderKey(name)}: ${renderValue(value, `yaml.${name}`)}\n`;
  }
  return text;
}

/** Lays `over` on `under`: objects are merged key by key, all else is replaced. */
export function mergeSettings(under: YamlSettings, over: YamlSettings): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name];
    merged[name] = isPlainObject(below) && isPlainObject(value) ? mergeSettings(below, value) : value;
  }
  return merged;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function renderKey(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : renderString(name);
}

function renderValue(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  if (typeof value === 'string') return renderString(value);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => renderValue(item, `${path}[${String(index)}]`));
    return `[${items.join(', ')}]`;
  }
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${renderString(key)}: ${renderValue(item, `${path}.${key}`)}`).join(', ')}}`;
  }
  throw new ConfigurationError(
    `${path} cannot be written to cassandra.yaml: only strings, finite numbers, booleans, null, arrays and plain objects can`,
  );
}

/** JSON's escapes, and escapes too for what YAML takes for a line break or refuses to read. */
function renderString(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
