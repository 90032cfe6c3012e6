/** Numbers, and the axes and shapes that are made of them. */
import { describeValue, formatBytes, formatShape } from "../format.ts";
import { message } from "../message.ts";

/** The range that a number must lie in; its ends belong to it unless said otherwise. */
export interface NumberRange {
  /** The lowest number; by default there is none. */
  readonly min?: number;
  /** The highest number; by default there is none. */
  readonly max?: number;
  /** The number must be more than this. */
  readonly above?: number;
  /** The number must be less than this; Infinity for finite numbers. */
  readonly below?: number;
}

/** Finite numbers above 0, as small numbers that keep roots and logarithms from 0 must be. */
export const POSITIVE: NumberRange = { above: 0, below: Infinity };

/** Finite numbers. */
export const FINITE: NumberRange = { above: -Infinity, below: Infinity };

/**
 * Reads a number in a range.
 *
 * @param operation The name that users know it by
 * @param what The parameter, such as `the option epsilon`
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If it is NaN or outside the range
 */
export function readNumber(operation: string, what: string, value: unknown, range: NumberRange = {}): number {
  if (typeof value !== "number") throw wrongNumber(TypeError, operation, what, value, "a number", range);
  const { min = -Infinity, max = Infinity, above, below } = range;
  const inside = value >= min && value <= max && (above === undefined || value > above) &&
    (below === undefined || value < below);
  if (!inside) throw wrongNumber(RangeError, operation, what, value, "a number", range);
  return value;
}

/**
 * Reads a number that becomes an element: it may be infinite or NaN.
 *
 * @throws {TypeError} If it is no number
 */
export function readAnyNumber(operation: string, what: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw wrongNumber(TypeError, operation, what, value, "a number", {});
}

/**
 * Reads an integer in a range.
 *
 * @param operation The name that users know it by
 * @param what The parameter, such as `the offset`
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If it is no integer that a number holds exactly, or outside the range
 */
export function readInteger(
  operation: string,
  what: string,
  value: unknown,
  min: number = -Infinity,
  max: number = Infinity,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  const kind = typeof value === "number" ? RangeError : TypeError;
  throw wrongNumber(kind, operation, what, value, "an integer", { min, max });
}

/**
 * Reads one integer or a list of them.
 *
 * @returns A fresh list
 * @throws {TypeError} If it is neither a number nor a list
 * @throws {RangeError} If an entry is no integer in the range
 */
export function readIntegers(
  operation: string,
  what: string,
  value: unknown,
  min: number = -Infinity,
  max: number = Infinity,
): number[] {
  if (typeof value === "number") return [readInteger(operation, what, value, min, max)];
  const list: readonly unknown[] | undefined = isList(value) ? Array.from(value) : undefined;
  if (list?.every((n) => Number.isSafeInteger(n) && (n as number) >= min && (n as number) <= max)) {
    return list as number[];
  }
  const areNumbers = list?.every((n) => typeof n === "number");
  const found = areNumbers ? list : list?.find((n) => typeof n !== "number") ?? value;
  const kind = list === undefined ? "an integer or a list of integers" : "integers";
  throw wrongNumber(areNumbers ? RangeError : TypeError, operation, what, found, kind, { min, max });
}

/** Whether a value is a list: an array or a typed array. */
export function isList(value: unknown): value is ArrayLike<unknown> & Iterable<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function wrongNumber(
  Kind: typeof TypeError | typeof RangeError,
  operation: string,
  what: string,
  value: unknown,
  kind: string,
  range: NumberRange,
): Error {
  const isNumbers = Array.isArray(value) && value.every((entry) => typeof entry === "number");
  const found = isNumbers ? formatShape(value) : describeValue(value);
  return new Kind(
    message`Cannot apply ${operation}: ${what} is ${found}, use ${kind}${describeRange(range)}`,
  );
}

function describeRange({ min, max, above, below }: NumberRange): string {
  const low = above !== undefined && above > -Infinity
    ? `above ${above}`
    : min !== undefined && min > -Infinity
    ? `from ${min}`
    : "";
  const high = below === Infinity
    ? "that is finite"
    : below !== undefined
    ? `below ${below}`
    : max !== undefined && max < Infinity
    ? `to ${max}`
    : "";
  if (low === "") return high === "" ? "" : high.startsWith("to") ? ` up ${high}` : ` ${high}`;
  if (high === "") return above === undefined ? ` ${low} up` : ` ${low}`;
  return high === "that is finite"
    ? ` ${low} ${high}`
    : `${` ${low}`} ${above === undefined ? "" : "and "}${high}`;
}

/**
 * Reads an axis, a negative one counted from the end.
 *
 * @returns From 0 to rank - 1
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If the array has no such axis
 */
export function readAxis(operation: string, axis: unknown, rank: number): number {
  if (typeof axis !== "number") {
    throw new TypeError(
      message`Cannot apply ${operation} along axis ${
        describeValue(axis)
      }: an axis is an integer, negative ones
      count from the end`,
    );
  }
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new RangeError(
      message`Cannot apply ${operation} along axis ${axis}: the array has ${rank}
      ${rank === 1 ? "axis" : "axes"}${rank === 0 ? "" : `, use ${-rank} to ${rank - 1}`}`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/**
 * Reads one axis, a list of axes or undefined (all of them).
 *
 * @returns Ascending, from 0 to rank - 1
 * @throws {TypeError} If it is none of these
 * @throws {RangeError} If the array has no such axis, or one is named twice
 */
export function readAxes(operation: string, axis: unknown, rank: number): number[] {
  if (axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const axes = readAxisList(operation, axis, rank).sort((a, b) => a - b);
  const twice = axes.find((a, i) => a === axes[i - 1]);
  if (twice !== undefined) {
    throw new RangeError(message`Cannot apply ${operation}: axis ${twice} is named twice`);
  }
  return axes;
}

/**
 * Reads one axis or a list of axes, in their order; one may be named twice.
 *
 * @throws {TypeError} If it is neither
 * @throws {RangeError} If the array has no such axis
 */
export function readAxisList(operation: string, axis: unknown, rank: number): number[] {
  if (!isList(axis)) return [readAxis(operation, axis, rank)];
  return Array.from(axis, (each) => readAxis(operation, each, rank));
}

/** The most elements of an array: indices and sizes stay 32-bit integers, as compiled programs need them. */
export const MOST_ELEMENTS: number = 2 ** 31 - 1;

/**
 * Reads a shape: lengths from 0 up, or one length for one axis.
 *
 * @returns A frozen copy
 * @throws {TypeError} If it is neither a number nor a list of numbers
 * @throws {RangeError} If a length is negative or no integer, or an array of that shape cannot be had
 */
export function readShape(operation: string, shape: unknown): readonly number[] {
  const lengths = readLengths(operation, shape);
  if (lengths.some((length) => !Number.isSafeInteger(length) || length < 0)) {
    const wrong = lengths.find((length) => !Number.isSafeInteger(length) || length < 0);
    throw new RangeError(
      message`Cannot apply ${operation}: shape ${lengths} has the length ${wrong}, lengths are integers from 0 up`,
    );
  }
  checkSize(operation, lengths);
  return Object.freeze(lengths);
}

/**
 * Reads a list of lengths without looking at their range.
 *
 * @returns A fresh list
 * @throws {TypeError} If it is neither a number nor a list of numbers
 */
export function readLengths(operation: string, shape: unknown): number[] {
  const lengths: unknown[] | undefined = typeof shape === "number"
    ? [shape]
    : isList(shape)
    ? Array.from(shape)
    : undefined;
  if (lengths?.every((length) => typeof length === "number")) return lengths;
  const wrong = lengths?.find((length) => typeof length !== "number");
  throw new TypeError(
    message`Cannot apply ${operation}: the shape
    ${lengths === undefined ? `is ${describeValue(shape)}` : `has the length ${describeValue(wrong)}`}, pass a
    list of lengths such as [2, 3]`,
  );
}

/**
 * Checks that an array of a shape can be had, before anything is allocated for it.
 *
 * @param bytesOfElement 8 by default, for float64
 * @throws {RangeError} If it has more elements than an array can hold
 */
export function checkSize(operation: string, shape: readonly number[], bytesOfElement = 8): void {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  if (size <= MOST_ELEMENTS) return;
  throw new RangeError(
    message`Cannot apply ${operation}: an array of shape ${shape} would take
    ${formatBytes(size * bytesOfElement)}, the largest array has ${MOST_ELEMENTS} elements`,
  );
}
