import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkSize, isList, readInteger, readIntegers } from "../../_internal/readers/mod.ts";
import type { WindowGeometry } from "../../array/neural/convolution.ts";
import type { Shape } from "../../array/shape.ts";
import type { Padding1d, Padding2d, Pair } from "../../variable/signatures/neural.ts";
import type { Variable } from "../../variable/variable.ts";

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
  const pair = readIntegers(operation, what, value, low);
  const [first, second = first] = pair;
  if (first !== undefined && second !== undefined && (!isList(value) || pair.length === 2)) {
    return [first, second];
  }
  throw new RangeError(
    message`Cannot apply ${operation}: ${what} is ${pair}, use an integer from ${low} up or one for each axis`,
  );
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
  const axes: readonly unknown[] = isList(padding) ? Array.from<unknown>(padding) : [padding, padding];
  const sides = axes.flatMap((sides) => {
    const entries: readonly unknown[] = isList(sides) ? Array.from(sides) : [sides, sides];
    return entries.length === 2 ? entries : [NaN];
  });
  const isRule = axes.some((each) => typeof each === "string");
  if (!isRule && sides.length === 4) {
    return readIntegers(operation, "padding", sides, 0) as [number, number, number, number];
  }
  const Kind = isRule ? RangeError : TypeError;
  throw new Kind(
    message`Cannot apply ${operation}: padding is ${describeValue(padding)}, use "valid", "same", or integers
    from 0 up: one for all sides, one for each axis, or a pair for each axis`,
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
/** How windows move over sequences, and what stands around them. */
export interface SequenceWindow {
  readonly strides: number;
  readonly padding: Padding1d;
  readonly dilations: number;
}

/** The window of sequences as that of images of height 1. */
export function alongWidth<O extends SequenceWindow>(
  operation: string,
  { strides, padding, dilations, ...rest }: O,
): Omit<O, keyof SequenceWindow> & {
  readonly strides: readonly [number, number];
  readonly padding: Padding2d;
  readonly dilations: readonly [number, number];
} {
  return {
    ...rest,
    strides: [1, readInteger(operation, "strides", strides, 1)],
    padding: typeof padding === "string" ? padding : [[0, 0], readPair(operation, "padding", padding, 0)],
    dilations: [1, readInteger(operation, "dilations", dilations, 1)],
  };
}

/**
 * Checks that a window fits into the padded image, and that this can be had.
 *
 * @throws {TypeError} If it is larger
 * @throws {RangeError} If the padded image is too large for an array
 */
export function checkWindow(
  operation: string,
  shape: Shape,
  size: readonly [number, number],
  { padding, dilations }: WindowGeometry,
): void {
  const padded = [0, 1].map((axis) => shape[axis + 1]! + padding[2 * axis]! + padding[2 * axis + 1]!);
  checkSize(operation, [shape[0]!, ...padded, shape[3]!]);
  if (padded.every((length, axis) => (size[axis]! - 1) * dilations[axis]! < length)) return;
  throw new TypeError(
    message`Cannot apply ${operation}: the window ${size} with dilations ${dilations}
    is larger than the image of shape ${shape} with padding ${padding}`,
  );
}

/**
 * Checks that a window fits into padded sequences `[batch, length, channels]`.
 *
 * @throws {TypeError} If it is longer
 */
export function checkSequenceWindow(
  operation: string,
  { shape }: Variable,
  window: number,
  { padding = "valid", dilations = 1 }: { readonly padding?: Padding1d; readonly dilations?: number },
): void {
  // What is no number is told where the window is read.
  if (padding === "same" || typeof window !== "number") return;
  const ends = padding === "valid" ? [0, 0] : typeof padding === "number" ? [padding, padding] : padding;
  const [before = 0, after = 0] = ends;
  if ((window - 1) * dilations < shape[1]! + before + after) return;
  throw new TypeError(
    message`Cannot apply ${operation}: the window ${window} with dilation ${dilations} is longer than the sequences of
    shape ${shape} with padding ${[before, after]} (before, after), pad more or use a smaller window`,
  );
}

/** Sequences as images of height 1. */
export function imagesOf(x: Variable): Variable {
  return x.reshape([x.shape[0]!, 1, ...x.shape.slice(1)]);
}

/** Images of height 1 as sequences. */
export function sequencesOf(x: Variable): Variable {
  return x.reshape([x.shape[0]!, ...x.shape.slice(2)]);
}
