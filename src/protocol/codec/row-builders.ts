import { SHAPE_PADDING, type Fields, type Shape } from './shape.js';

/** Makes one object of a shape from the values of its properties, in the order of the shape's names. */
export type Build = (shape: Shape, values: readonly unknown[]) => Fields;

/** For every shape: one place in the source for all names. */
export function buildByLoop(shape: Shape, values: readonly unknown[]): Fields {
  const { names, assignable } = shape;
  const fields = new shape.Fields();
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? '';
    if (assignable) fields[name] = values[i];
    else shape.set(fields, name, values[i]);
  }
  return fields;
}

/**
 * Objects of results that are read often are built by a function of their own.
 *
 * V8 remembers, for each place in the source where a property is stored, the one name and the one hidden class that it
 * saw there; then a store takes a nanosecond or two. A place that has seen two names looks every name up from then on,
 * 20 to 50 ns each: more than decoding most cells. A loop over columns is one such place for the whole process. So there
 * are six functions below, the same but for their places, with one place per column each. A result gets one of them when
 * it has proved to be hot, and keeps it for good; what comes after the sixth, or is wider, uses the loop.
 * (Measured with 10 columns: 50–65 ns an object against 280–530. Generated code would do the same for every result, and
 * would be code made from what a server sends.)
 */
class BuilderPool {
  readonly #free: Build[];
  readonly #taken = new Map<string, HotShape>();

  constructor(builders: readonly Build[]) {
    this.#free = [...builders];
  }

  /** The function of a result with these names, if it has one. */
  find(names: readonly string[]): HotShape | undefined {
    return this.#taken.size === 0 ? undefined : this.#taken.get(JSON.stringify(names));
  }

  /** Gives the shape a function of its own, if one is left that is wide enough. */
  claim(shape: Shape): HotShape {
    const key = JSON.stringify(shape.names);
    const taken = this.#taken.get(key);
    if (taken !== undefined) return taken;
    const fits = shape.assignable && shape.names.length <= SHAPE_PADDING;
    const build = fits ? this.#free.shift() : undefined;
    if (build === undefined) return { shape, build: buildByLoop };
    const hot = { shape, build };
    this.#taken.set(key, hot);
    return hot;
  }
}

export interface HotShape {
  readonly shape: Shape;
  readonly build: Build;
}

function build0(shape: Shape, v: readonly unknown[]): Fields {
  const row = new shape.Fields();
  const n = shape.padded;
  const count = v.length;
  row[n[0]] = v[0];
  if (count === 1) return row;
  row[n[1]] = v[1];
  if (count === 2) return row;
  row[n[2]] = v[2];
  if (count === 3) return row;
  row[n[3]] = v[3];
  if (count === 4) return row;
  row[n[4]] = v[4];
  if (count === 5) return row;
  row[n[5]] = v[5];
  if (count === 6) return row;
  row[n[6]] = v[6];
  if (count === 7) return row;
  row[n[7]] = v[7];
  if (count === 8) return row;
  row[n[8]] = v[8];
  if (count === 9) return row;
  row[n[9]] = v[9];
  if (count === 10) return row;
  row[n[10]] = v[10];
  if (count === 11) return row;
  row[n[11]] = v[11];
  return row;
}

function build1(shape: Shape, v: readonly unknown[]): Fields {
  const row = new shape.Fields();
  const n = shape.padded;
  const count = v.length;
  row[n[0]] = v[0];
  if (count === 1) return row;
  row[n[1]] = v[1];
  if (count === 2) return row;
  row[n[2]] = v[2];
  if (count === 3) return row;
  row[n[3]] = v[3];
  if (count === 4) return row;
  row[n[4]] = v[4];
  if (count === 5) return row;
  row[n[5]] = v[5];
  if (count === 6) return row;
  row[n[6]] = v[6];
  if (count === 7) return row;
  row[n[7]] = v[7];
  if (count === 8) return row;
  row[n[8]] = v[8];
  if (count === 9) return row;
  row[n[9]] = v[9];
  if (count === 10) return row;
  row[n[10]] = v[10];
  if (count === 11) return row;
  row[n[11]] = v[11];
  return row;
}

function build2(shape: Shape, v: readonly unknown[]): Fields {
  const row = new shape.Fields();
  const n = shape.padded;
  const count = v.length;
  row[n[0]] = v[0];
  if (count === 1) return row;
  row[n[1]] = v[1];
  if (count === 2) return row;
  row[n[2]] = v[2];
  if (count === 3) return row;
  row[n[3]] = v[3];
  if (count === 4) return row;
  row[n[4]] = v[4];
  if (count === 5) return row;
  row[n[5]] = v[5];
  if (count === 6) return row;
  row[n[6]] = v[6];
  if (count === 7) return row;
  row[n[7]] = v[7];
  if (count === 8) return row;
  row[n[8]] = v[8];
  if (count === 9) return row;
  row[n[9]] = v[9];
  if (count === 10) return row;
  row[n[10]] = v[10];
  if (count === 11) return row;
  row[n[11]] = v[11];
  return row;
}

function build3(shape: Shape, v: readonly unknown[]): Fields {
  const row = new shape.Fields();
  const n = shape.padded;
  const count = v.length;
  row[n[0]] = v[0];
  if (count === 1) return row;
  row[n[1]] = v[1];
  if (count === 2) return row;
  row[n[2]] = v[2];
  if (count === 3) return row;
  row[n[3]] = v[3];
  if (count === 4) return row;
  row[n[4]] = v[4];
  if (count === 5) return row;
  row[n[5]] = v[5];
  if (count === 6) return row;
  row[n[6]] = v[6];
  if (count === 7) return row;
  row[n[7]] = v[7];
  if (count === 8) return row;
  row[n[8]] = v[8];
  if (count === 9) return row;
  row[n[9]] = v[9];
  if (count === 10) return row;
  row[n[10]] = v[10];
  if (count === 11) return row;
  row[n[11]] = v[11];
  return row;
}

function build4(shape: Shape, v: readonly unknown[]): Fields {
  const row = new shape.Fields();
  const n = shape.padded;
  const count = v.length;
  row[n[0]] = v[0];
  if (count === 1) return row;
  row[n[1]] = v[1];
  if (count === 2) return row;
  row[n[2]] = v[2];
  if (count === 3) return row;
  row[n[3]] = v[3];
  if (count === 4) return row;
  row[n[4]] = v[4];
  if (count === 5) return row;
  row[n[5]] = v[5];
  if (count === 6) return row;
  row[n[6]] = v[6];
  if (count === 7) return row;
  row[n[7]] = v[7];
  if (count === 8) return row;
  row[n[8]] = v[8];
  if (count === 9) return row;
  row[n[9]] = v[9];
  if (count === 10) return row;
  row[n[10]] = v[10];
  if (count === 11) return row;
  row[n[11]] = v[11];
  return row;
}

function build5(shape: Shape, v: readonly unknown[]): Fields {
  const row = new shape.Fields();
  const n = shape.padded;
  const count = v.length;
  row[n[0]] = v[0];
  if (count === 1) return row;
  row[n[1]] = v[1];
  if (count === 2) return row;
  row[n[2]] = v[2];
  if (count === 3) return row;
  row[n[3]] = v[3];
  if (count === 4) return row;
  row[n[4]] = v[4];
  if (count === 5) return row;
  row[n[5]] = v[5];
  if (count === 6) return row;
  row[n[6]] = v[6];
  if (count === 7) return row;
  row[n[7]] = v[7];
  if (count === 8) return row;
  row[n[8]] = v[8];
  if (count === 9) return row;
  row[n[9]] = v[9];
  if (count === 10) return row;
  row[n[10]] = v[10];
  if (count === 11) return row;
  row[n[11]] = v[11];
  return row;
}

/** The places are the process's, so the pool is, too. */
export const builderPool: BuilderPool = new BuilderPool([build0, build1, build2, build3, build4, build5]);
