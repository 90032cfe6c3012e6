import { message } from "../../_internal/message.ts";
import {
  isList,
  readAnyNumber,
  readAxis,
  readChoice,
  readInteger,
  readIntegers,
  readOptions,
  readShape,
} from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { PadOptions, PadWidths, SlidingWindowOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

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
export function pad(x: Operand, widths: PadWidths, options?: PadOptions): Variable {
  const { mode, value } = readOptions("pad", options, { mode: "constant", value: 0 });
  const how = readChoice("pad", "mode", mode, ["constant", "reflect", "edge"]);
  const input = toVariable(x);
  const pairs = readWidths(widths, input.shape);
  if (how === "constant") return padWithValue(input, pairs, readAnyNumber("pad", "value", value));
  return pairs.reduce<Variable>((y, [before, after], axis) => {
    if (before === 0 && after === 0) return y;
    const length = y.shape[axis]!;
    if (length === 0) {
      throw new RangeError(
        message`Cannot pad axis ${axis} of shape ${input.shape} in mode "${how}": it has
        no elements`,
      );
    }
    const period = Math.max(1, 2 * (length - 1));
    const source = (i: number): number => {
      if (how === "edge") return Math.min(length - 1, Math.max(0, i));
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
  options?: SlidingWindowOptions,
): Variable {
  const { axis, step } = readOptions("slidingWindow", options, { axis: -1, step: 1 });
  const input = toVariable(x);
  const along = readAxis("slidingWindow", axis, input.rank);
  readInteger("slidingWindow", "the step", step, 1);
  const length = input.shape[along]!;
  if (readInteger("slidingWindow", "the size", size, 1) > length) {
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

function readWidths(widths: PadWidths, shape: Shape): readonly Pair[] {
  const each: readonly unknown[] = !isList(widths)
    ? shape.map(() => [widths, widths])
    : isList(widths[0])
    ? Array.from<unknown>(widths)
    : shape.map(() => widths);
  const pairs = each.map((pair) => readIntegers("pad", "a pair of widths", pair));
  const fits = pairs.length === shape.length &&
    pairs.every(([before = 0, after = 0], i) => pairs[i]!.length === 2 && shape[i]! + before + after >= 0);
  if (!fits) {
    throw new RangeError(
      message`Cannot pad shape ${shape} by ${JSON.stringify(widths)}: pass a pair of
      integers for each axis that leaves no length below 0`,
    );
  }
  readShape("pad", shape.map((n, i) => n + pairs[i]![0]! + pairs[i]![1]!));
  return pairs as unknown as readonly Pair[];
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
