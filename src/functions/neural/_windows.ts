import { message } from "../../_internal/message.ts";
import { describeValue, formatShape } from "../../_internal/format.ts";
import type { WindowGeometry } from "../../array/neural/convolution.ts";
import type { Variable } from "../../variable/variable.ts";

/** Padding of images: a rule, or numbers of rows and columns. */
export type Padding2d =
  | "valid"
  | "same"
  | number
  | readonly [height: number, width: number]
  | readonly [
    height: readonly [top: number, bottom: number],
    width: readonly [left: number, right: number],
  ];

/** Padding of sequences: a rule, or numbers of steps. */
export type Padding1d = "valid" | "same" | number | readonly [before: number, after: number];

/** One number for both axes, or one for each. */
export type Pair = number | readonly [height: number, width: number];

/** What users state of a window. */
export interface WindowOptions {
  readonly strides?: Pair | undefined;
  readonly padding?: Padding2d | undefined;
  readonly dilations?: Pair | undefined;
}

/**
 * Reads one integer for both axes or one for each.
 *
 * @throws {RangeError} If one is not an integer from `low` up
 */
export function readPair(operation: string, what: string, value: Pair, low: number): [number, number] {
  const pair = typeof value === "number" ? [value, value] : [...value];
  if (pair.length !== 2 || pair.some((n) => !Number.isInteger(n) || n < low)) {
    const text = typeof value === "number" ? value : formatShape(value);
    throw new RangeError(
      message`Cannot apply ${operation}: ${what} is ${text}, use an integer from ${low}
      up or one for each axis`,
    );
  }
  return pair as [number, number];
}

/**
 * Reads padding as top, bottom, left, right. `"same"` is that which makes the result as long as
 * the axis over the stride, rounded up, with the odd zero at the end.
 *
 * @param size Height and width of the images
 * @param window Height and width of the window
 * @throws {RangeError} If it is neither a rule nor integers from 0 up
 */
function readPadding(
  operation: string,
  padding: Padding2d,
  size: readonly [number, number],
  window: readonly [number, number],
  strides: readonly [number, number],
  dilations: readonly [number, number],
): [number, number, number, number] {
  if (padding === "valid") return [0, 0, 0, 0];
  if (padding === "same") {
    const [[top, bottom], [left, right]] = [0, 1].map((axis) => {
      const count = Math.ceil(size[axis]! / strides[axis]!);
      const reach = (count - 1) * strides[axis]! + (window[axis]! - 1) * dilations[axis]! + 1;
      const total = Math.max(0, reach - size[axis]!);
      return [total >> 1, total - (total >> 1)];
    }) as [[number, number], [number, number]];
    return [top, bottom, left, right];
  }
  const sides = typeof padding === "number"
    ? [padding, padding, padding, padding]
    : Array.isArray(padding)
    ? padding.flatMap((n: number | readonly number[]) => typeof n === "number" ? [n, n] : [...n])
    : [];
  if (sides.length === 4 && sides.every((n) => Number.isInteger(n) && n >= 0)) {
    return sides as [number, number, number, number];
  }
  throw new RangeError(
    message`Cannot apply ${operation}: padding is
    ${Array.isArray(padding) ? JSON.stringify(padding) : describeValue(padding)}, use "valid", "same", or
    integers from 0 up`,
  );
}

/**
 * Reads what the user states of a window, for images of height and width `size`.
 *
 * @throws {RangeError} If a number is out of range
 */
export function readWindow(
  operation: string,
  size: readonly [number, number],
  window: readonly [number, number],
  { strides = 1, padding = "valid", dilations = 1 }: WindowOptions,
): WindowGeometry {
  const steps = readPair(operation, "strides", strides, 1);
  const distances = readPair(operation, "dilations", dilations, 1);
  return {
    strides: steps,
    padding: readPadding(operation, padding, size, window, steps, distances),
    dilations: distances,
  };
}

/** Padding of sequences as that of images of height 1. */
export function widen(padding: Padding1d | undefined): Padding2d | undefined {
  if (padding === undefined || typeof padding === "string") return padding;
  return typeof padding === "number" ? [0, padding] : [[0, 0], padding];
}

/** Sequences as images of height 1. */
export function imagesOf(x: Variable): Variable {
  return x.reshape([x.shape[0]!, 1, ...x.shape.slice(1)]);
}

/** Images of height 1 as sequences. */
export function sequencesOf(x: Variable): Variable {
  return x.reshape([x.shape[0]!, ...x.shape.slice(2)]);
}
