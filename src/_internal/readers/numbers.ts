import { describeValue, formatShape } from "../format.ts";
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
