import { readAxis } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import {
  apply,
  type AxisOptions,
  type LossOptions,
  type Operand,
  type ReductionArgument,
  toVariable,
  type Variable,
} from "../../variable/variable.ts";
import { describeValue } from "../../_internal/format.ts";
import type { DType } from "../../array/dtype.ts";
import type { Shape } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";

/**
 * Sum along axes; of no elements, 0.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { sum } from "@tapegrad/tapegrad";
 *
 * console.log(sum([[1, 2], [3, 4]], { axis: 0 }).value); // [4, 6]
 * ```
 */
export function sum(x: Operand, options?: ReductionArgument): Variable {
  return toVariable(x).sum(options);
}

/**
 * Mean along axes.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { mean } from "@tapegrad/tapegrad";
 *
 * console.log(mean([[1, 2], [3, 4]]).value); // 2.5
 * ```
 */
export function mean(x: Operand, options?: ReductionArgument): Variable {
  return toVariable(x).mean(options);
}

/**
 * Largest element along axes; ties share the derivative evenly.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 * @throws {TypeError} If there are no elements
 *
 * @example
 * ```ts
 * import { max } from "@tapegrad/tapegrad";
 *
 * console.log(max([[1, 2], [3, 4]], { axis: 1 }).value); // [2, 4]
 * ```
 */
export function max(x: Operand, options?: ReductionArgument): Variable {
  return toVariable(x).max(options);
}

/**
 * Smallest element along axes; ties share the derivative evenly.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 * @throws {TypeError} If there are no elements
 *
 * @example
 * ```ts
 * import { min } from "@tapegrad/tapegrad";
 *
 * console.log(min([[1, 2], [3, 4]], { axis: 1 }).value); // [1, 3]
 * ```
 */
export function min(x: Operand, options?: ReductionArgument): Variable {
  return toVariable(x).min(options);
}

/**
 * `log(sum(exp(x)))` along axes without overflow; derivative `softmax(x)`.
 *
 * @param x Any shape
 * @param options An axis, a list of axes, or `{ axis, keepDims }`; by default all axes
 * @returns The reduced shape, in the dtype of x
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { logSumExp } from "@tapegrad/tapegrad";
 *
 * console.log(logSumExp([1000]).value); // 1000
 * ```
 */
export function logSumExp(x: Operand, options?: ReductionArgument): Variable {
  return toVariable(x).logSumExp(options);
}

/**
 * `exp(x) / sum(exp(x))` along an axis, without overflow.
 *
 * @param x At least one axis
 * @param options `axis`, by default the last
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { softmax } from "@tapegrad/tapegrad";
 *
 * console.log(softmax([1000, 1000]).value); // [0.5, 0.5]
 * ```
 */
export function softmax(x: Operand, options?: AxisOptions): Variable {
  return toVariable(x).softmax(options);
}

/**
 * `x - logSumExp(x)` along an axis: the logarithm of the softmax, without overflow.
 *
 * @param x At least one axis
 * @param options `axis`, by default the last
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { logSoftmax } from "@tapegrad/tapegrad";
 *
 * console.log(logSoftmax([1000]).value); // [0]
 * ```
 */
export function logSoftmax(x: Operand, options?: AxisOptions): Variable {
  return toVariable(x).logSoftmax(options);
}

/**
 * The same elements, row after row, under another shape.
 *
 * @param x Any shape
 * @param shape The new lengths; one of them may be -1 and follows from the others
 * @throws {TypeError} If the number of elements differs
 *
 * @example
 * ```ts
 * import { reshape } from "@tapegrad/tapegrad";
 *
 * console.log(reshape([1, 2, 3, 4], [2, -1]).value); // [[1, 2], [3, 4]]
 * ```
 */
export function reshape(x: Operand, shape: Shape): Variable {
  return toVariable(x).reshape(shape);
}

/**
 * The axes in another order.
 *
 * @param x Any shape
 * @param axes Which axis of x each axis of the result is; by default reversed
 * @throws {RangeError} If the axes are not each named once
 *
 * @example
 * ```ts
 * import { transpose } from "@tapegrad/tapegrad";
 *
 * console.log(transpose([[1, 2], [3, 4]]).value); // [[1, 3], [2, 4]]
 * ```
 */
export function transpose(x: Operand, axes?: readonly number[]): Variable {
  return toVariable(x).transpose(axes);
}

/**
 * x repeated to a larger shape; the derivative is summed over the repeats.
 *
 * @param x A shape that broadcasts to the new one
 * @param shape The new lengths
 * @throws {TypeError} If x does not broadcast to it
 *
 * @example
 * ```ts
 * import { broadcastTo } from "@tapegrad/tapegrad";
 *
 * console.log(broadcastTo([1, 2], [2, 2]).value); // [[1, 2], [1, 2]]
 * ```
 */
export function broadcastTo(x: Operand, shape: Shape): Variable {
  return toVariable(x).broadcastTo(shape);
}

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
export function concat(list: readonly Operand[], { axis = 0 }: AxisOptions = {}): Variable {
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(message`Cannot concatenate ${describeValue(list)}: pass an array of at least one
      value`);
  }
  const rank = toVariable(list[0]!).rank;
  return apply(op.concat, list, { axis: readAxis("concat", axis, rank) });
}

/**
 * A block of x.
 *
 * @param x At least one axis
 * @param begin Where the block starts, along the first axis or along each; negative counts from the end
 * @param size How long it is; -1 or left out is the rest
 * @throws {RangeError} If the block does not lie inside x
 *
 * @example
 * ```ts
 * import { slice } from "@tapegrad/tapegrad";
 *
 * console.log(slice([1, 2, 3, 4], 1, 2).value); // [2, 3]
 * ```
 */
export function slice(
  x: Operand,
  begin: number | readonly number[],
  size?: number | readonly number[],
): Variable {
  return toVariable(x).slice(begin, size);
}

/**
 * Slices of x along an axis: `out[i] = x[indices[i]]` for axis 0. Derivatives of a slice taken twice add up.
 *
 * @param x At least one axis
 * @param indices Integers from 0 to the length of the axis less 1, any shape
 * @param options `axis`, by default 0
 * @returns The shape of x with the axis replaced by the shape of the indices
 * @throws {RangeError} If an index is not an integer or out of range
 *
 * @example
 * ```ts
 * import { gather } from "@tapegrad/tapegrad";
 *
 * console.log(gather([10, 20, 30], [2, 0]).value); // [30, 10]
 * ```
 */
export function gather(x: Operand, indices: Operand, options?: AxisOptions): Variable {
  return toVariable(x).gather(indices, options);
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
  return toVariable(x).matmul(y);
}

/**
 * Binary cross-entropy between logits and labels, finite for logits of any size:
 * `max(z, 0) - z*y + log(1 + exp(-|z|))`.
 *
 * @param logits Raw scores, any shape
 * @param labels 0 or 1 (or a probability) for each score, same shape
 * @param options `reduction`: `mean` (the default), `sum` or `none`
 * @returns Rank-0 loss, or one loss for each score
 * @throws {TypeError} If the shapes differ
 *
 * @example
 * ```ts
 * import { sigmoidCrossEntropy } from "@tapegrad/tapegrad";
 *
 * console.log(sigmoidCrossEntropy([1000, -1000], [1, 0]).value); // 0
 * ```
 */
export function sigmoidCrossEntropy(logits: Operand, labels: Operand, options?: LossOptions): Variable {
  return toVariable(logits).sigmoidCrossEntropy(labels, options);
}

/**
 * Cross-entropy between logits and label probabilities, finite for logits of any size:
 * `logSumExp(z) * sum(y) - sum(y * z)` along the classes.
 *
 * @param logits Raw scores, `[..., classes]`
 * @param labels Probabilities (or one-hot), same shape
 * @param options `axis` of the classes, by default the last; `reduction`: `mean` (the default), `sum` or `none`
 * @returns Rank-0 loss, or one loss for each example
 * @throws {TypeError} If the shapes differ
 *
 * @example
 * ```ts
 * import { softmaxCrossEntropy } from "@tapegrad/tapegrad";
 *
 * console.log(softmaxCrossEntropy([[1000, 0]], [[1, 0]]).value); // 0
 * ```
 */
export function softmaxCrossEntropy(
  logits: Operand,
  labels: Operand,
  options?: LossOptions & AxisOptions,
): Variable {
  return toVariable(logits).softmaxCrossEntropy(labels, options);
}

/**
 * The same values in another element type; the derivative is cast back.
 *
 * @param x Any shape
 * @param dtype `"float64"` or `"float32"`
 * @throws {TypeError} If there is no such dtype
 *
 * @example
 * ```ts
 * import { cast } from "@tapegrad/tapegrad";
 *
 * console.log(cast(0.1, "float32").value); // 0.10000000149011612
 * ```
 */
export function cast(x: Operand, dtype: DType): Variable {
  return toVariable(x).cast(dtype);
}
