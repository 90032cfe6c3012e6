import { readAxis } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import { describeValue, formatShape } from "../../_internal/format.ts";
import { sameShape } from "../../array/shape.ts";
import { checkInteger } from "../reductions/_axes.ts";
import { readOperands } from "../_operands.ts";
import { concat } from "./basics.ts";
import { type AxisOptions, type Operand, toVariable, type Variable } from "../../variable/variable.ts";

/** A list of Variables as long as the list given. */
export type VariableForEach<L extends readonly unknown[]> = { -readonly [K in keyof L]: Variable };

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
export function stack(list: readonly Operand[], { axis = 0 }: AxisOptions = {}): Variable {
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(message`Cannot stack ${describeValue(list)}: pass an array of at least one value`);
  }
  const operands = readOperands(...list) as Variable[];
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
  { axis = 0 }: AxisOptions = {},
): P extends readonly number[] ? VariableForEach<P> : Variable[] {
  const input = toVariable(x);
  const along = readAxis("split", axis, input.rank);
  const length = input.shape[along]!;
  const equal = typeof parts === "number"
    ? length / checkInteger("split", "the number of parts", parts, 1)
    : 0;
  const sizes: readonly number[] = typeof parts === "number" ? new Array<number>(parts).fill(equal) : parts;
  const fits = sizes.every((n) => Number.isInteger(n) && n >= 0) &&
    sizes.reduce((a, b) => a + b, 0) === length;
  if (!fits) {
    throw new RangeError(
      message`Cannot split axis ${along} of shape ${input.shape} into
      ${
        typeof parts === "number"
          ? `${parts} equal parts: ${length} is no multiple of it`
          : `parts of ${formatShape(parts)}: they must be integers from 0 up that add up to ${length}`
      }`,
    );
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
export function unstack(x: Operand, { axis = 0 }: AxisOptions = {}): Variable[] {
  const input = toVariable(x);
  const along = readAxis("unstack", axis, input.rank);
  const rest = input.shape.filter((_, i) => i !== along);
  const ones = new Array<number>(input.shape[along]!).fill(1);
  return split(input, ones, { axis: along }).map((part) => part.reshape(rest));
}

/**
 * x repeated as a whole along each axis.
 *
 * @param x Any shape
 * @param repeats How often along the last axes, or along each axis; more numbers than axes add axes in front
 * @returns Each length times its number of repeats, in the dtype of x
 * @throws {RangeError} If a number is not an integer from 0 up
 *
 * @example
 * ```ts
 * import { tile } from "@tapegrad/tapegrad";
 *
 * console.log(tile([1, 2], 2).value); // [1, 2, 1, 2]
 * console.log(tile([1, 2], [2, 1]).value); // [[1, 2], [1, 2]]
 * ```
 */
export function tile(x: Operand, repeats: number | readonly number[]): Variable {
  const input = toVariable(x);
  const given = typeof repeats === "number" ? [repeats] : repeats;
  given.forEach((n) => checkInteger("tile", "the number of repeats", n, 0));
  const rank = Math.max(input.rank, given.length);
  const aligned = (list: readonly number[]): number[] => [
    ...new Array<number>(rank - list.length).fill(1),
    ...list,
  ];
  const shape = aligned(input.shape);
  const counts = aligned(given);
  return input.reshape(shape.flatMap((n) => [1, n]))
    .broadcastTo(shape.flatMap((n, i) => [counts[i]!, n]))
    .reshape(shape.map((n, i) => n * counts[i]!));
}

/** Along which axis elements are repeated. */
export interface RepeatOptions {
  /** The axis; by default x is read as one row. */
  readonly axis?: number;
}

/**
 * Every element repeated, one after the other, along an axis.
 *
 * @param x Any shape
 * @param repeats How often, or a number for each index of the axis
 * @param options `axis`; by default x is read as one row
 * @returns The axis as long as all repeats together, in the dtype of x
 * @throws {RangeError} If x has no such axis, or there are not so many repeats as indices
 *
 * @example
 * ```ts
 * import { repeat } from "@tapegrad/tapegrad";
 *
 * console.log(repeat([1, 2], 2).value); // [1, 1, 2, 2]
 * console.log(repeat([1, 2], [3, 1]).value); // [1, 1, 1, 2]
 * ```
 */
export function repeat(
  x: Operand,
  repeats: number | readonly number[],
  { axis }: RepeatOptions = {},
): Variable {
  const whole = toVariable(x);
  const input = axis === undefined ? whole.reshape([whole.size]) : whole;
  const along = readAxis("repeat", axis ?? 0, input.rank);
  const { shape } = input;
  const length = shape[along]!;
  if (typeof repeats === "number") {
    const count = checkInteger("repeat", "the number of repeats", repeats, 0);
    const before = shape.slice(0, along + 1);
    const after = shape.slice(along + 1);
    return input.reshape([...before, 1, ...after]).broadcastTo([...before, count, ...after])
      .reshape(shape.map((n, i) => i === along ? n * count : n));
  }
  if (repeats.length !== length) {
    throw new RangeError(
      message`Cannot repeat along axis ${along} of shape ${shape}: ${repeats.length}
      numbers of repeats are given, ${length} are needed`,
    );
  }
  const indices = repeats.flatMap((n, i) =>
    new Array<number>(checkInteger("repeat", "a number of repeats", n, 0)).fill(i)
  );
  return input.gather(Float64Array.from(indices), { axis: along });
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
  { indexing = "xy" }: MeshgridOptions = {},
): VariableForEach<V> {
  if (indexing !== "xy" && indexing !== "ij") {
    throw new RangeError(message`Cannot make a grid with indexing ${describeValue(indexing)}: use "xy" or
      "ij"`);
  }
  const operands = vectors.map((v) => toVariable(v));
  const many = operands.find((v) => v.rank > 1);
  if (many !== undefined) {
    throw new TypeError(message`Cannot make a grid of shape ${many.shape}: pass vectors`);
  }
  const swapped = indexing === "xy" && operands.length > 1;
  const axisOf = (k: number): number => swapped && k < 2 ? 1 - k : k;
  const shape = operands.map(() => 1);
  operands.forEach((v, k) => shape[axisOf(k)] = v.size);
  const grids = operands.map((v, k) =>
    v.reshape(shape.map((_, i) => i === axisOf(k) ? v.size : 1)).broadcastTo(shape)
  );
  return grids as VariableForEach<V>;
}
