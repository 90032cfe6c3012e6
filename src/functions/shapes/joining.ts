/** Arrays joined, parted, padded and seen through windows. */
import { formatShape } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import {
  isList,
  readAnyNumber,
  readAxis,
  readChoice,
  readInteger,
  readIntegers,
  readList,
  readOptions,
  readShape,
} from "../../_internal/readers/mod.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type {
  AxisOptions,
  PadOptions,
  PadWidths,
  SlidingWindowOptions,
  VariableForEach,
} from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Joins values along an axis.
 *
 * @param list At least one value; all have the same lengths on the other axes
 * @param options `axis`, by default 0
 * @throws {TypeError} If the list is empty or the shapes do not fit
 *
 * @example
 * ```ts
 * import { concat } from "@tapegrad/tapegrad";
 *
 * console.log(concat([[1, 2], [3]]).value); // [1, 2, 3]
 * ```
 */
export function concat(list: readonly Operand[], options?: AxisOptions): Variable {
  const { axis } = readOptions("concat", options, { axis: 0 });
  const operands = readList("concat", "the list", list, 1).map((x) => x);
  return apply(op.concat, operands, { axis: readAxis("concat", axis, toVariable(operands[0]!).rank) });
}

/** How the axes of a grid are ordered. */
export interface MeshgridOptions {
  /** `"xy"` (the default): the first vector runs along axis 1, the second along axis 0; `"ij"`: in order. */
  readonly indexing?: "xy" | "ij";
}

/**
 * Joins values of one shape along a new axis.
 *
 * @param list At least one value, all of one shape
 * @param options `axis`, the place of the new axis in the result, by default 0
 * @returns One axis more, as long as the list
 * @throws {TypeError} If the list is empty or the shapes differ
 * @throws {RangeError} If the result has no such axis
 *
 * @example
 * ```ts
 * import { stack } from "@tapegrad/tapegrad";
 *
 * console.log(stack([[1, 2], [3, 4]], { axis: 1 }).value); // [[1, 3], [2, 4]]
 * ```
 */
export function stack(list: readonly Operand[], options?: AxisOptions): Variable {
  const { axis } = readOptions("stack", options, { axis: 0 });
  const operands: readonly Variable[] = readOperands(...readList("stack", "the list", list, 1));
  const { shape, rank } = operands[0]!;
  const other = operands.find((x) => !sameShape(x.shape, shape));
  if (other !== undefined) {
    throw new TypeError(message`Cannot stack values: shapes ${shape} and ${other.shape} differ`);
  }
  const along = readAxis("stack", axis, rank + 1);
  const expanded = [...shape.slice(0, along), 1, ...shape.slice(along)];
  return concat(operands.map((x) => x.reshape(expanded)), { axis: along });
}

/**
 * Cuts x into parts along an axis.
 *
 * @param x At least one axis
 * @param parts How many equal parts, or the length of each part
 * @param options `axis`, by default 0
 * @returns The parts in order
 * @throws {RangeError} If x has no such axis, or its length is not that of the parts together
 *
 * @example
 * ```ts
 * import { split } from "@tapegrad/tapegrad";
 *
 * const [a, b] = split([1, 2, 3], [1, 2]);
 * console.log(a.value, b.value); // [1] [2, 3]
 * ```
 */
export function split<const P extends number | readonly number[]>(
  x: Operand,
  parts: P,
  options?: AxisOptions,
): P extends readonly number[] ? VariableForEach<P> : Variable[] {
  const { axis } = readOptions("split", options, { axis: 0 });
  const input = toVariable(x);
  const along = readAxis("split", axis, input.rank);
  const length = input.shape[along]!;
  const given = readIntegers("split", "the number of parts", parts, 0);
  const [count = 0] = given;
  if (!isList(parts)) readInteger("split", "the number of parts", count, 1, Math.max(1, length));
  const sizes = isList(parts) ? given : new Array<number>(count).fill(length / count);
  if (!sizes.every(Number.isInteger) || sizes.reduce((a, b) => a + b, 0) !== length) {
    const why = isList(parts)
      ? `parts of ${formatShape(given)}: they must be integers from 0 up that add up to ${length}`
      : `${count} equal parts: ${length} is no multiple of it`;
    throw new RangeError(message`Cannot split axis ${along} of shape ${input.shape} into ${why}`);
  }
  let start = 0;
  const cut = sizes.map((size) => {
    const begin = input.shape.map((_, i) => i === along ? start : 0);
    start += size;
    return input.slice(begin, input.shape.map((n, i) => i === along ? size : n));
  });
  return cut as P extends readonly number[] ? VariableForEach<P> : Variable[];
}

/**
 * Takes x apart along an axis: the inverse of {@linkcode stack}.
 *
 * @param x At least one axis
 * @param options `axis`, by default 0
 * @returns A slice for each index, without the axis
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { unstack } from "@tapegrad/tapegrad";
 *
 * console.log(unstack([[1, 2], [3, 4]]).map((row) => row.value)); // [[1, 2], [3, 4]]
 * ```
 */
export function unstack(x: Operand, options?: AxisOptions): Variable[] {
  const { axis } = readOptions("unstack", options, { axis: 0 });
  const input = toVariable(x);
  const along = readAxis("unstack", axis, input.rank);
  const rest = input.shape.filter((_, i) => i !== along);
  const ones = new Array<number>(input.shape[along]!).fill(1);
  return split(input, ones, { axis: along }).map((part) => part.reshape(rest));
}

/**
 * Grids of coordinates made from vectors, each repeated along the axes of the others.
 *
 * @param vectors Vectors `[n1]`, `[n2]`, ...; numbers count as vectors of one element
 * @param options `indexing`, by default `"xy"` as in NumPy
 * @returns A grid for each vector: `[n1, n2, ...]` for `"ij"`, `[n2, n1, ...]` for `"xy"`
 * @throws {TypeError} If one has several axes
 * @throws {RangeError} If the indexing is unknown
 *
 * @example
 * ```ts
 * import { meshgrid } from "@tapegrad/tapegrad";
 *
 * const [x, y] = meshgrid([[1, 2, 3], [10, 20]]);
 * console.log(x.value); // [[1, 2, 3], [1, 2, 3]]
 * console.log(y.value); // [[10, 10, 10], [20, 20, 20]]
 * ```
 */
export function meshgrid<const V extends readonly Operand[]>(
  vectors: V,
  options?: MeshgridOptions,
): VariableForEach<V> {
  const { indexing } = readOptions("meshgrid", options, { indexing: "xy" });
  const how = readChoice("meshgrid", "indexing", indexing, ["xy", "ij"]);
  const operands = readList("meshgrid", "the list of vectors", vectors).map((v) => toVariable(v));
  const many = operands.find((v) => v.rank > 1);
  if (many !== undefined) {
    throw new TypeError(message`Cannot make a grid of shape ${many.shape}: pass vectors`);
  }
  const swapped = how === "xy" && operands.length > 1;
  const axisOf = (k: number): number => swapped && k < 2 ? 1 - k : k;
  const lengths = operands.map(() => 1);
  operands.forEach((v, k) => lengths[axisOf(k)] = v.size);
  const shape = readShape("meshgrid", lengths);
  const grids = operands.map((v, k) =>
    v.reshape(shape.map((_, i) => i === axisOf(k) ? v.size : 1)).broadcastTo(shape)
  );
  return grids as VariableForEach<V>;
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
