import { readAxes, readAxis } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import type { Shape } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { checkInteger } from "../reductions/_axes.ts";
import { concat } from "./basics.ts";
import { apply, type AxisOptions, type Operand, toVariable, type Variable } from "../../variable/variable.ts";

/** Which axes are meant. */
export interface AxesOptions {
  /** One axis or several, negative ones counted from the end; by default all. */
  readonly axis?: number | readonly number[];
}

/** What stands around an array. */
export interface PadOptions {
  /**
   * `"constant"` (the default) for one value, `"reflect"` for the elements mirrored at the outermost one,
   * `"edge"` for the outermost element.
   */
  readonly mode?: "constant" | "reflect" | "edge";
  /** The value of mode `"constant"`; 0 by default. */
  readonly value?: number;
}

/** Along which axis windows slide, and how far. */
export interface SlidingWindowOptions extends AxisOptions {
  /** How far apart windows start; 1 by default. */
  readonly step?: number;
}

/**
 * x with new axes of length 1.
 *
 * @param x Any shape
 * @param axis One axis or several: their places in the result, negative ones counted from its end
 * @returns The same elements
 * @throws {RangeError} If the result has no such axis
 *
 * @example
 * ```ts
 * import { expandDims } from "@tapegrad/tapegrad";
 *
 * console.log(expandDims([1, 2], -1).value); // [[1], [2]]
 * ```
 */
export function expandDims(x: Operand, axis: number | readonly number[]): Variable {
  const input = toVariable(x);
  const rank = input.rank + (typeof axis === "number" ? 1 : axis.length);
  const axes = readAxes("expandDims", axis, rank);
  const lengths = [...input.shape];
  return input.reshape(Array.from({ length: rank }, (_, i) => axes.includes(i) ? 1 : lengths.shift()!));
}

/**
 * x without axes of length 1.
 *
 * @param x Any shape
 * @param axis One axis or several; by default all of length 1
 * @returns The same elements
 * @throws {RangeError} If x has no such axis, or its length is not 1
 *
 * @example
 * ```ts
 * import { squeeze } from "@tapegrad/tapegrad";
 *
 * console.log(squeeze([[[1], [2]]]).value); // [1, 2]
 * ```
 */
export function squeeze(x: Operand, axis?: number | readonly number[]): Variable {
  const input = toVariable(x);
  if (axis === undefined) return input.reshape(input.shape.filter((n) => n !== 1));
  const axes = readAxes("squeeze", axis, input.rank);
  const long = axes.find((a) => input.shape[a] !== 1);
  if (long !== undefined) {
    throw new RangeError(
      message`Cannot squeeze axis ${long} of shape ${input.shape}: its length is not 1`,
    );
  }
  return input.reshape(input.shape.filter((_, i) => !axes.includes(i)));
}

/**
 * The axes in another order: `transpose` with the axes named.
 *
 * @param x Any shape
 * @param axes Which axis of x each axis of the result is
 * @returns The same elements in another order
 * @throws {RangeError} If the axes are not each named once
 *
 * @example
 * ```ts
 * import { permute } from "@tapegrad/tapegrad";
 *
 * console.log(permute([[[1, 2]]], [2, 0, 1]).shape); // [2, 1, 1]
 * ```
 */
export function permute(x: Operand, axes: readonly number[]): Variable {
  return toVariable(x).transpose(axes);
}

/**
 * Elements in reverse order along axes.
 *
 * @param x Any shape
 * @param options `axis`: one or several, by default all
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { flip } from "@tapegrad/tapegrad";
 *
 * console.log(flip([1, 2, 3]).value); // [3, 2, 1]
 * ```
 */
export function flip(x: Operand, { axis }: AxesOptions = {}): Variable {
  const input = toVariable(x);
  const axes = readAxes("flip", axis, input.rank);
  if (axes.length === 0) return input;
  return apply(op.stridedSlice, [input], {
    begin: input.shape.map((n, i) => axes.includes(i) ? n - 1 : 0),
    size: input.shape,
    step: input.shape.map((_, i) => axes.includes(i) ? -1 : 1),
  });
}

/**
 * Elements moved along axes; those that leave at one end come back at the other.
 *
 * @param x Any shape
 * @param shift How far toward the end, negative toward the start: one number, or one for each axis
 * @param options `axis`: one or several; by default x is read as one row
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis, or a shift is not an integer
 *
 * @example
 * ```ts
 * import { roll } from "@tapegrad/tapegrad";
 *
 * console.log(roll([1, 2, 3, 4], 1).value); // [4, 1, 2, 3]
 * ```
 */
export function roll(x: Operand, shift: number | readonly number[], { axis }: AxesOptions = {}): Variable {
  const input = toVariable(x);
  if (axis === undefined) return roll(input.reshape([input.size]), shift, { axis: 0 }).reshape(input.shape);
  const axes = (typeof axis === "number" ? [axis] : axis).map((a) => readAxis("roll", a, input.rank));
  const shifts = typeof shift === "number" ? axes.map(() => shift) : shift;
  if (shifts.length !== axes.length) {
    throw new RangeError(
      message`Cannot roll ${axes.length} axes by ${shifts.length} shifts: pass one for
      each axis`,
    );
  }
  return axes.reduce((y, along, k) => {
    const length = y.shape[along]!;
    const by = length === 0 ? 0 : checkInteger("roll", "the shift", shifts[k]!) % length;
    const start = by > 0 ? length - by : -by;
    if (start === 0) return y;
    const part = (from: number, size: number): Variable =>
      y.slice(
        y.shape.map((_, i) => i === along ? from : 0),
        y.shape.map((n, i) => i === along ? size : n),
      );
    return concat([part(start, length - start), part(0, start)], { axis: along });
  }, input);
}

/**
 * x with elements put around it.
 *
 * @param x Any shape
 * @param widths How many elements: one number for all sides, `[before, after]` for all axes, or such a pair for
 *   each axis; negative ones take elements away
 * @param options `mode` and, for mode `"constant"`, `value`
 * @returns Each length plus its widths, in the dtype of x
 * @throws {RangeError} If the widths are not integers, not one pair for each axis, or leave a negative length
 *
 * @example
 * ```ts
 * import { pad } from "@tapegrad/tapegrad";
 *
 * console.log(pad([1, 2, 3], 1).value); // [0, 1, 2, 3, 0]
 * console.log(pad([1, 2, 3], [2, 0], { mode: "reflect" }).value); // [3, 2, 1, 2, 3]
 * ```
 */
export function pad(
  x: Operand,
  widths: number | readonly [number, number] | readonly (readonly [number, number])[],
  { mode = "constant", value = 0 }: PadOptions = {},
): Variable {
  const input = toVariable(x);
  const pairs = readWidths(widths, input.shape);
  if (mode === "constant") return padWithValue(input, pairs, value);
  if (mode !== "reflect" && mode !== "edge") {
    throw new RangeError(
      message`Cannot pad in mode ${describeValue(mode)}: use "constant", "reflect" or
      "edge"`,
    );
  }
  return pairs.reduce<Variable>((y, [before, after], axis) => {
    if (before === 0 && after === 0) return y;
    const length = y.shape[axis]!;
    if (length === 0) {
      throw new RangeError(
        message`Cannot pad axis ${axis} of shape ${input.shape} in mode "${mode}": it has
        no elements`,
      );
    }
    const period = Math.max(1, 2 * (length - 1));
    const source = (i: number): number => {
      if (mode === "edge") return Math.min(length - 1, Math.max(0, i));
      const inPeriod = ((i % period) + period) % period;
      return inPeriod < length ? inPeriod : period - inPeriod;
    };
    const indices = Float64Array.from({ length: length + before + after }, (_, i) => source(i - before));
    return y.gather(indices, { axis });
  }, input);
}

/**
 * Windows that slide along an axis.
 *
 * @param x At least one axis
 * @param size The length of a window
 * @param options `axis`, by default the last; `step` between the starts of windows, by default 1
 * @returns The axis replaced by `[windows, size]`
 * @throws {RangeError} If x has no such axis, or no window fits into it
 *
 * @example
 * ```ts
 * import { slidingWindow } from "@tapegrad/tapegrad";
 *
 * console.log(slidingWindow([1, 2, 3, 4], 3).value); // [[1, 2, 3], [2, 3, 4]]
 * ```
 */
export function slidingWindow(
  x: Operand,
  size: number,
  { axis = -1, step = 1 }: SlidingWindowOptions = {},
): Variable {
  const input = toVariable(x);
  const along = readAxis("slidingWindow", axis, input.rank);
  checkInteger("slidingWindow", "the step", step, 1);
  const length = input.shape[along]!;
  if (checkInteger("slidingWindow", "the size", size, 1) > length) {
    throw new RangeError(
      message`Cannot slide a window of ${size} along axis ${along} of shape
      ${input.shape}: it is too long`,
    );
  }
  const windows = Math.floor((length - size) / step) + 1;
  const indices = Array.from(
    { length: windows },
    (_, w) => Array.from({ length: size }, (_, i) => w * step + i),
  );
  return input.gather(indices, { axis: along });
}

type Pair = readonly [before: number, after: number];

function readWidths(
  widths: number | readonly number[] | readonly (readonly number[])[],
  shape: Shape,
): readonly Pair[] {
  const pairs =
    (typeof widths === "number"
      ? shape.map(() => [widths, widths])
      : typeof widths[0] === "number"
      ? shape.map(() => widths)
      : widths) as readonly (readonly number[])[];
  const fits = pairs.length === shape.length &&
    pairs.every((pair, i) =>
      pair.length === 2 && pair.every(Number.isInteger) && shape[i]! + pair[0]! + pair[1]! >= 0
    );
  if (fits) return pairs as readonly Pair[];
  throw new RangeError(
    message`Cannot pad shape ${shape} by ${JSON.stringify(widths)}: pass a pair of
    integers for each axis that leaves no length below 0`,
  );
}

function padWithValue(x: Variable, pairs: readonly Pair[], value: number): Variable {
  const from = pairs.map(([before], i) => Math.min(x.shape[i]!, Math.max(0, -before)));
  const kept = pairs.map(([before, after], i) =>
    Math.max(0, x.shape[i]! - Math.max(0, -before) - Math.max(0, -after))
  );
  const inner = pairs.some(([before, after]) => before < 0 || after < 0) ? x.slice(from, kept) : x;
  const shape = pairs.map(([before, after], i) => x.shape[i]! + before + after);
  const begin = pairs.map(([before], i) => Math.min(shape[i]! - kept[i]!, Math.max(0, before)));
  if (value === 0) return apply(op.place, [inner], { begin, shape });
  const around = toVariable(value, x.dtype).broadcastTo(shape);
  return apply(op.assignSlice, [around, inner], { begin, step: shape.map(() => 1) });
}
