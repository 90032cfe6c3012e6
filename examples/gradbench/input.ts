import { NdArray } from "../../mod.ts";

/** An array's lengths; undefined where any length will do. */
type Lengths = readonly (number | undefined)[];

/** An eval's input, which is read field by field; what does not fit is a TypeError that names the field. */
export class Input {
  readonly #fields: { readonly [name: string]: unknown };
  readonly #path: string;

  constructor(input: unknown, path = "") {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      throw new TypeError(
        `Cannot read ${path === "" ? "the input" : path}: it is ${describe(input)}, pass an object`,
      );
    }
    this.#fields = input as { readonly [name: string]: unknown };
    this.#path = path;
  }

  /** A field that is an object itself. */
  object(name: string): Input {
    return new Input(this.#fields[name], this.#nameOf(name));
  }

  /** A number. */
  number(name: string): number {
    return readNumber(this.#fields[name], this.#nameOf(name));
  }

  /** A whole number of at least `least`. */
  integer(name: string, least = 0): number {
    const value = this.number(name);
    if (Number.isInteger(value) && value >= least) return value;
    throw new TypeError(
      `Cannot read ${this.#nameOf(name)}: it is ${value}, pass a whole number of at least ${least}`,
    );
  }

  /** True or false. */
  boolean(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value === "boolean") return value;
    throw new TypeError(`Cannot read ${this.#nameOf(name)}: it is ${describe(value)}, pass true or false`);
  }

  /** The number of entries of a field that is an array. */
  count(name: string): number {
    return readList(this.#fields[name], this.#nameOf(name)).length;
  }

  /** A list of numbers. */
  vector(name: string, length?: number): Float64Array {
    return this.array(name, [length]).data as Float64Array;
  }

  /** A list of whole numbers from 0 to `end` less 1. */
  indices(name: string, end: number): Float64Array {
    const list = this.vector(name);
    const wrong = list.find((index) => !(Number.isInteger(index) && index >= 0 && index < end));
    if (wrong === undefined) return list;
    throw new TypeError(
      `Cannot read ${this.#nameOf(name)}: ${wrong} is no whole number from 0 to ${end - 1}`,
    );
  }

  /** Numbers in arrays in arrays, of the same length on each axis. */
  array(name: string, lengths: Lengths): NdArray {
    const path = this.#nameOf(name);
    const shape: number[] = [];
    let inner = this.#fields[name];
    for (let axis = 0; axis < lengths.length; axis++) {
      const known = lengths[axis];
      // There is nothing to measure below an empty axis.
      const length = shape.includes(0) ? known ?? 0 : readList(inner, path, known).length;
      shape.push(length);
      inner = length > 0 && Array.isArray(inner) ? inner[0] : undefined;
    }
    const data = new Float64Array(shape.reduce((size, length) => size * length, 1));
    let at = 0;
    const fill = (value: unknown, axis: number): void => {
      if (axis === shape.length) data[at++] = readNumber(value, path);
      else for (const entry of readList(value, path, shape[axis])) fill(entry, axis + 1);
    };
    fill(this.#fields[name], 0);
    return new NdArray(data, shape);
  }

  #nameOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}

/** A number that is finite. */
export function readNumber(value: unknown, path = "the input"): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError(`Cannot read ${path}: found ${describe(value)} where a number is expected`);
}

function readList(value: unknown, path: string, length?: number): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`Cannot read ${path}: found ${describe(value)} where an array is expected`);
  }
  if (length !== undefined && value.length !== length) {
    throw new TypeError(
      `Cannot read ${path}: found an array of ${value.length} where ${length} entries are expected`,
    );
  }
  return value;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
}
