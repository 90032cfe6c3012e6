/** Arrays made of nothing but a shape, and the diagonals of matrices. */
import { message } from "../../_internal/message.ts";
import {
  FINITE,
  readAnyNumber,
  readInteger,
  readNumber,
  readOptions,
  readShape,
} from "../../_internal/readers/mod.ts";
import { allocate, checkDType, type DType } from "../../array/dtype.ts";
import { fullArray, NdArray } from "../../array/nd_array.ts";
import type { Shape } from "../../array/shape.ts";
import { checkElements, checkMatrices } from "../_operands.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { DiagonalOptions, FillOptions } from "../../variable/signatures/shapes.ts";
import { type Operand, untracked, type Variable } from "../../variable/variable.ts";

/** Where a row of numbers ends. */
export interface LinspaceOptions extends FillOptions {
  /** Whether the row ends at `stop`; true by default. */
  readonly endpoint?: boolean;
}

/** The form of a matrix. */
export interface EyeOptions extends FillOptions {
  /** The number of columns; by default that of rows. */
  readonly columns?: number;
}

/**
 * Array of one value, as a constant.
 *
 * @param shape The lengths, or one length
 * @param value What every element is
 * @param options `dtype`
 * @throws {RangeError} If a length is not an integer from 0 up
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { full } from "@tapegrad/tapegrad";
 *
 * console.log(full([2, 2], 7).value); // [[7, 7], [7, 7]]
 * ```
 */
export function full(shape: Shape | number, value: number, options?: FillOptions): Variable {
  const { dtype } = readOptions("full", options, { dtype: "float64" });
  return fill("full", shape, readAnyNumber("full", "the value", value), dtype);
}

/**
 * Array of zeros, as a constant.
 *
 * @param shape The lengths, or one length
 * @param options `dtype`
 * @throws {RangeError} If a length is not an integer from 0 up
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { zeros } from "@tapegrad/tapegrad";
 *
 * console.log(zeros([2, 2]).value); // [[0, 0], [0, 0]]
 * ```
 */
export function zeros(shape: Shape | number, options?: FillOptions): Variable {
  const { dtype } = readOptions("zeros", options, { dtype: "float64" });
  return fill("zeros", shape, 0, dtype);
}

/**
 * Array of ones, as a constant.
 *
 * @param shape The lengths, or one length
 * @param options `dtype`
 * @throws {RangeError} If a length is not an integer from 0 up
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { ones } from "@tapegrad/tapegrad";
 *
 * console.log(ones(3).value); // [1, 1, 1]
 * ```
 */
export function ones(shape: Shape | number, options?: FillOptions): Variable {
  const { dtype } = readOptions("ones", options, { dtype: "float64" });
  return fill("ones", shape, 1, dtype);
}

/**
 * Matrix with ones on the diagonal, as a constant.
 *
 * @param rows The number of rows
 * @param options `columns`, by default as many; `dtype`
 * @throws {RangeError} If a number is not an integer from 0 up
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { eye } from "@tapegrad/tapegrad";
 *
 * console.log(eye(2).value); // [[1, 0], [0, 1]]
 * ```
 */
export function eye(rows: number, options?: EyeOptions): Variable {
  const { columns, dtype } = readOptions("eye", options, { columns: rows, dtype: "float64" });
  const height = readInteger("eye", "the number of rows", rows, 0);
  const width = readInteger("eye", "columns", columns, 0);
  const shape = readShape("eye", [height, width]);
  const data = allocate(checkDType(dtype), height * width);
  for (let i = 0; i < Math.min(height, width); i++) data[i * (width + 1)] = 1;
  return untracked(new NdArray(data, shape), dtype);
}

/**
 * Numbers from `start` up to, but not including, `stop`, as a constant: `start + i * step`.
 *
 * @param start Where it starts; if it is the only argument, where it stops, with start 0
 * @param stop Where it stops
 * @param step The distance of numbers, not 0; 1 by default
 * @param options `dtype`
 * @throws {RangeError} If a number is not finite, or the step is 0
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { arange } from "@tapegrad/tapegrad";
 *
 * console.log(arange(3).value); // [0, 1, 2]
 * console.log(arange(10, 4, -2).value); // [10, 8, 6]
 * ```
 */
export function arange(
  start: number,
  stop?: number,
  step: number = 1,
  options?: FillOptions,
): Variable {
  const { dtype } = readOptions("arange", options, { dtype: "float64" });
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  readNumber("arange", "the start", from, FINITE);
  readNumber("arange", "the stop", to, FINITE);
  if (readNumber("arange", "the step", step, FINITE) === 0) {
    throw new RangeError(
      message`Cannot make a range from ${from} to ${to} in steps of 0: the step must not be 0`,
    );
  }
  const [count] = readShape("arange", Math.max(0, Math.ceil((to - from) / step))) as [number];
  const data = allocate(checkDType(dtype), count);
  for (let i = 0; i < count; i++) data[i] = from + i * step;
  return untracked(new NdArray(data), dtype);
}

/**
 * Numbers at equal distances from `start` to `stop`, as a constant.
 *
 * @param start The first number
 * @param stop The last number, or the one after it
 * @param count How many; 50 by default
 * @param options `endpoint`: whether `stop` is the last one, true by default; `dtype`
 * @throws {RangeError} If the count is not an integer from 0 up
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { linspace } from "@tapegrad/tapegrad";
 *
 * console.log(linspace(0, 1, 5).value); // [0, 0.25, 0.5, 0.75, 1]
 * ```
 */
export function linspace(
  start: number,
  stop: number,
  count: number = 50,
  options?: LinspaceOptions,
): Variable {
  const { endpoint, dtype } = readOptions("linspace", options, { endpoint: true, dtype: "float64" });
  readNumber("linspace", "the start", start, FINITE);
  readNumber("linspace", "the stop", stop, FINITE);
  const shape = readShape("linspace", readInteger("linspace", "the count", count, 0));
  const data = allocate(checkDType(dtype), count);
  const gaps = endpoint ? count - 1 : count;
  for (let i = 0; i < count; i++) data[i] = i === 0 ? start : start + (stop - start) * (i / gaps);
  if (endpoint && count > 1) data[count - 1] = stop;
  return untracked(new NdArray(data, shape), dtype);
}

/**
 * Rows that are 1 at an index and 0 elsewhere: class numbers as labels. No derivative.
 *
 * @param indices Integers from 0 to `depth - 1`, any shape
 * @param depth The length of a row
 * @param options `dtype`
 * @returns The shape of the indices with one more axis, `[..., depth]`
 * @throws {RangeError} If an index is not an integer or out of range
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { oneHot } from "@tapegrad/tapegrad";
 *
 * console.log(oneHot([1, 0], 3).value); // [[0, 1, 0], [1, 0, 0]]
 * ```
 */
export function oneHot(indices: Operand, depth: number, options?: FillOptions): Variable {
  const { dtype } = readOptions("oneHot", options, { dtype: "float64" });
  const positions = toVariable(indices);
  const count = readInteger("oneHot", "the depth", depth, 0);
  const shape = readShape("oneHot", [...positions.shape, count]);
  const range = { operation: "oneHot", what: "index", min: 0, max: count - 1, isInteger: true };
  const column = checkElements(positions, range).reshape([...shape.slice(0, -1), 1]);
  return column.eq(arange(count)).cast(dtype);
}

function fill(name: string, shape: Shape | number, value: number, dtype: DType): Variable {
  const lengths = readShape(name, typeof shape === "number" ? [shape] : shape);
  const array = fullArray([...lengths], value, checkDType(dtype));
  return untracked(lengths.length === 0 ? array.data[0]! : array, dtype);
}

/**
 * Upper triangle of matrices: zeros below a diagonal.
 *
 * @param x `[..., rows, columns]`
 * @param options `offset` of the lowest diagonal that is kept
 * @returns The same shape and dtype
 * @throws {TypeError} If x has fewer than two axes
 * @throws {RangeError} If the offset is not an integer
 *
 * @example
 * ```ts
 * import { triu } from "@tapegrad/tapegrad";
 *
 * console.log(triu([[1, 2], [3, 4]]).value); // [[1, 2], [0, 4]]
 * ```
 */
export function triu(x: Operand, options?: DiagonalOptions): Variable {
  return triangle("triu", x, options, true);
}

/**
 * Lower triangle of matrices: zeros above a diagonal.
 *
 * @param x `[..., rows, columns]`
 * @param options `offset` of the highest diagonal that is kept
 * @returns The same shape and dtype
 * @throws {TypeError} If x has fewer than two axes
 * @throws {RangeError} If the offset is not an integer
 *
 * @example
 * ```ts
 * import { tril } from "@tapegrad/tapegrad";
 *
 * console.log(tril([[1, 2], [3, 4]]).value); // [[1, 0], [3, 4]]
 * ```
 */
export function tril(x: Operand, options?: DiagonalOptions): Variable {
  return triangle("tril", x, options, false);
}

/**
 * Diagonals of matrices.
 *
 * @param x `[..., rows, columns]`
 * @param options `offset` of the diagonal
 * @returns `[..., n]`, where n is 0 for an offset outside the matrix
 * @throws {TypeError} If x has fewer than two axes
 * @throws {RangeError} If the offset is not an integer
 *
 * @example
 * ```ts
 * import { diagonal } from "@tapegrad/tapegrad";
 *
 * console.log(diagonal([[1, 2], [3, 4]]).value); // [1, 4]
 * ```
 */
export function diagonal(x: Operand, options?: DiagonalOptions): Variable {
  const { offset } = readOptions("diagonal", options, { offset: 0 });
  const input = toVariable(x);
  readInteger("diagonal", "the offset", offset);
  const [rows, columns] = checkMatrices("diagonal", input);
  const batch = input.shape.slice(0, -2);
  const size = Math.max(0, Math.min(rows + Math.min(0, offset), columns - Math.max(0, offset)));
  return apply(op.stridedSlice, [input.reshape([...batch, rows * columns])], {
    begin: [...batch.map(() => 0), size === 0 ? 0 : offset < 0 ? -offset * columns : offset],
    size: [...batch, size],
    step: [...batch.map(() => 1), columns + 1],
  });
}

/**
 * Matrix with a vector as its diagonal and zeros elsewhere; or, given a matrix, its {@linkcode diagonal}.
 *
 * @param x `[n]`, or `[rows, columns]`
 * @param options `offset` of the diagonal
 * @returns `[n + |offset|, n + |offset|]`, or the diagonal
 * @throws {TypeError} If x has neither one nor two axes
 * @throws {RangeError} If the offset is not an integer
 *
 * @example
 * ```ts
 * import { diag } from "@tapegrad/tapegrad";
 *
 * console.log(diag([1, 2]).value); // [[1, 0], [0, 2]]
 * console.log(diag([[1, 2], [3, 4]]).value); // [1, 4]
 * ```
 */
export function diag(x: Operand, options?: DiagonalOptions): Variable {
  const { offset } = readOptions("diag", options, { offset: 0 });
  const input = toVariable(x);
  readInteger("diag", "offset", offset);
  if (input.rank === 2) return diagonal(input, { offset });
  if (input.rank !== 1) {
    throw new TypeError(
      message`Cannot apply diag to shape ${input.shape}: pass a vector or a matrix, or use
      diagonal()`,
    );
  }
  const side = input.size + Math.abs(offset);
  const shape = readShape("diag", [side, side]);
  const placed = apply(op.stridedPlace, [input], {
    begin: [offset < 0 ? -offset * side : offset],
    step: [side + 1],
    shape: [side * side],
  });
  return placed.reshape(shape);
}

function triangle(name: string, x: Operand, options: DiagonalOptions | undefined, upper: boolean): Variable {
  const { offset } = readOptions(name, options, { offset: 0 });
  const input = toVariable(x);
  checkMatrices(name, input);
  return apply(op.triangle, [input], { upper, diagonal: readInteger(name, "the offset", offset) });
}
