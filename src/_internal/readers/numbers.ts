import { describeValue } from "../format.ts";
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
  if (!isList(value)) {
    throw wrongNumber(TypeError, operation, what, value, "an integer or a list of integers", { min, max });
  }
  return Array.from(value, (entry) => readInteger(operation, `an entry of ${what}`, entry, min, max));
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
  return new Kind(
    message`Cannot apply ${operation}: ${what} is ${describeValue(value)}, use ${kind}${
      describeRange(range)
    }`,
  );
}

function describeRange({ min, max, above, below }: NumberRange): string {
  const low = above !== undefined
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
