import { message } from "../../_internal/message.ts";
import { isList, readAxisList, readInteger, readList, readOptions } from "../../_internal/readers/mod.ts";
import { reducedShape } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { readOperands } from "../../variable/operands.ts";
import type { TensordotOptions } from "../../variable/signatures/linear_algebra.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { contract } from "./contraction.ts";
import { einsum } from "./einsum.ts";

/**
 * Dot product, as NumPy defines it: for vectors the sum of the products, for matrices their product, and in
 * general the sum over the last axis of x and the second-to-last (or only) one of y. Numbers multiply.
 *
 * @param x `[..., n]`
 * @param y `[n]` or `[..., n, m]`
 * @returns The other axes of x, then those of y
 * @throws {TypeError} If the lengths differ
 *
 * @example
 * ```ts
 * import { dot } from "@tapegrad/tapegrad";
 *
 * console.log(dot([1, 2, 3], [4, 5, 6]).value); // 32
 * ```
 */
export function dot(x: Operand, y: Operand): Variable {
  const [a, b] = readOperands(x, y);
  if (a.rank === 0 || b.rank === 0) return a.mul(b);
  return sumOver("dot", a, b, [a.rank - 1], [Math.max(0, b.rank - 2)]);
}

/**
 * Inner product: the sum over the last axes of both. Numbers multiply.
 *
 * @param x `[..., n]`
 * @param y `[..., n]`
 * @returns The other axes of x, then those of y
 * @throws {TypeError} If the lengths differ
 *
 * @example
 * ```ts
 * import { inner } from "@tapegrad/tapegrad";
 *
 * console.log(inner([[1, 2], [3, 4]], [1, 10]).value); // [21, 43]
 * ```
 */
export function inner(x: Operand, y: Operand): Variable {
  const [a, b] = readOperands(x, y);
  if (a.rank === 0 || b.rank === 0) return a.mul(b);
  return sumOver("inner", a, b, [a.rank - 1], [b.rank - 1]);
}

/**
 * Outer product: every element of x times every element of y, both read as vectors.
 *
 * @param x Any shape
 * @param y Any shape
 * @returns `[x.size, y.size]`
 *
 * @example
 * ```ts
 * import { outer } from "@tapegrad/tapegrad";
 *
 * console.log(outer([1, 2], [3, 4, 5]).value); // [[3, 4, 5], [6, 8, 10]]
 * ```
 */
export function outer(x: Operand, y: Operand): Variable {
  const [a, b] = readOperands(x, y);
  return a.reshape([a.size, 1]).matmul(b.reshape([1, b.size]));
}

/**
 * Tensor product summed over pairs of axes, as one matrix product.
 *
 * @param x Any shape
 * @param y Any shape
 * @param options `axes`: how many, or which; by default the last two of x with the first two of y
 * @returns The other axes of x, then those of y
 * @throws {TypeError} If a pair of axes has two lengths
 * @throws {RangeError} If there is no such axis, one is named twice, or the lists differ in length
 *
 * @example
 * ```ts
 * import { tensordot } from "@tapegrad/tapegrad";
 *
 * console.log(tensordot([[1, 2], [3, 4]], [[1, 0], [0, 1]]).value); // 5
 * console.log(tensordot([1, 2], [3, 4], { axes: 0 }).value); // [[3, 4], [6, 8]]
 * ```
 */
export function tensordot(x: Operand, y: Operand, options?: TensordotOptions): Variable {
  const { axes } = readOptions("tensordot", options, { axes: 2 });
  const [a, b] = readOperands(x, y);
  if (!isList(axes)) {
    const most = Math.min(a.rank, b.rank);
    const shared = readInteger("tensordot", "the number of axes", axes, 0);
    if (shared > most) {
      throw new RangeError(
        message`Cannot apply tensordot over ${shared} axes: the operands have shapes ${a.shape} and ${b.shape}`,
      );
    }
    const count = Array.from({ length: shared }, (_, i) => i);
    return sumOver("tensordot", a, b, count.map((i) => a.rank - shared + i), count);
  }
  const [ofX, ofY] = readList<unknown>("tensordot", "axes", axes, 2);
  const xAxes = readAxisList("tensordot", ofX, a.rank);
  const yAxes = readAxisList("tensordot", ofY, b.rank);
  const unique = new Set(xAxes).size === xAxes.length && new Set(yAxes).size === yAxes.length;
  if (xAxes.length !== yAxes.length || !unique) {
    throw new RangeError(
      message`Cannot apply tensordot over the axes ${axes}: name as many of
      one operand as of the other, each once`,
    );
  }
  return sumOver("tensordot", a, b, xAxes, yAxes);
}

function sumOver(
  operation: string,
  x: Variable,
  y: Variable,
  xAxes: readonly number[],
  yAxes: readonly number[],
): Variable {
  if (xAxes.some((axis, i) => x.shape[axis] !== y.shape[yAxes[i]!])) {
    throw new TypeError(
      message`Cannot apply ${operation}: axes ${xAxes} of shape ${x.shape} and axes
      ${yAxes} of shape ${y.shape} differ in length`,
    );
  }
  const xLabels = x.shape.map((_, i) => i);
  const yLabels = y.shape.map((_, i) => yAxes.includes(i) ? xAxes[yAxes.indexOf(i)]! : x.rank + i);
  const lengths = new Map([...y.shape.map((n, i) => [yLabels[i]!, n] as const), ...x.shape.entries()]);
  const output = [
    ...xLabels.filter((label) => !xAxes.includes(label)),
    ...yLabels.filter((label) => label >= x.rank),
  ];
  return contract([{ x, labels: xLabels }, { x: y, labels: yLabels }], output, lengths);
}

/**
 * Kronecker product: every element of x times the whole of y, put together as blocks.
 *
 * @param x Any shape; where the ranks differ, axes of length 1 are put in front of the smaller
 * @param y Any shape
 * @returns The product of the lengths on each axis
 *
 * @example
 * ```ts
 * import { kron } from "@tapegrad/tapegrad";
 *
 * console.log(kron([[1, 2]], [[1, 0], [0, 1]]).value); // [[1, 0, 2, 0], [0, 1, 0, 2]]
 * ```
 */
export function kron(x: Operand, y: Operand): Variable {
  const [a, b] = readOperands(x, y);
  const rank = Math.max(a.rank, b.rank);
  const padded = (v: Variable): number[] => [...new Array<number>(rank - v.rank).fill(1), ...v.shape];
  const [p, q] = [padded(a), padded(b)];
  const product = a.reshape(p.flatMap((n) => [n, 1])).mul(b.reshape(q.flatMap((n) => [1, n])));
  return product.reshape(p.map((n, i) => n * q[i]!));
}

/**
 * Quadratic form `transpose(x) a x`.
 *
 * @param x `[..., n]`
 * @param a `[..., n, n]`, not necessarily symmetric
 * @returns One number for each vector
 * @throws {TypeError} If the shapes do not fit
 *
 * @example
 * ```ts
 * import { quadraticForm } from "@tapegrad/tapegrad";
 *
 * console.log(quadraticForm([1, 2], [[2, 1], [1, 3]]).value); // 18
 * ```
 */
export function quadraticForm(x: Operand, a: Operand): Variable {
  return einsum("...i,...ij,...j->...", x, a, x);
}

/**
 * Matrix product. Axes before the last two are batches and broadcast; a vector takes part as a row on the
 * left and as a column on the right.
 *
 * @param x `[..., rows, depth]`
 * @param y `[..., depth, columns]`
 * @returns `[..., rows, columns]`
 * @throws {TypeError} If the depths differ
 *
 * @example
 * ```ts
 * import { matmul } from "@tapegrad/tapegrad";
 *
 * console.log(matmul([[1, 2], [3, 4]], [[1], [1]]).value); // [[3], [7]]
 * ```
 */
export function matmul(x: Operand, y: Operand): Variable {
  const [a, b] = readOperands(x, y);
  if (a.rank === 0 || b.rank === 0) {
    throw new TypeError(
      message`Cannot multiply matrices: shapes ${a.shape} and ${b.shape} must have at least one axis, use mul()
      for numbers`,
    );
  }
  const left = a.rank === 1 ? a.reshape([1, a.size]) : a;
  const right = b.rank === 1 ? b.reshape([b.size, 1]) : b;
  const product = apply(op.matmul, [left, right], { transposeX: false, transposeY: false });
  const dropped = [...a.rank === 1 ? [product.rank - 2] : [], ...b.rank === 1 ? [product.rank - 1] : []];
  return dropped.length === 0 ? product : product.reshape(reducedShape(product.shape, dropped, false));
}
