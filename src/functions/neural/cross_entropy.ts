/** Shares by exponentials, and the losses that compare them. */
import { message } from "../../_internal/message.ts";
import { readAxis, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { sameShape } from "../../array/shape.ts";
import { checkElements } from "../_operands.ts";
import { reduceLoss } from "./_reduce_loss.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply, binary } from "../../variable/apply.ts";
import { readOperands, readOptionalOperands, toVariable } from "../../variable/operands.ts";
import type { LossOptions } from "../../variable/signatures/neural.ts";
import type { AxisOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * `exp(-x) / sum(exp(-x))` along an axis: the softmax that favours small numbers.
 *
 * @param x Any shape of at least one axis
 * @param options `axis`, the last by default
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { softmin } from "@tapegrad/tapegrad";
 *
 * console.log(softmin([1, 1]).value); // [0.5, 0.5]
 * ```
 */
export function softmin(x: Operand, options?: AxisOptions): Variable {
  return toVariable(x).neg().softmax(options);
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
  const input = toVariable(x);
  const { axis } = readOptions("softmax", options, { axis: -1 });
  return apply(op.softmax, [input], { axis: readAxis("softmax", axis, input.rank) });
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
  const input = toVariable(x);
  const { axis } = readOptions("logSoftmax", options, { axis: -1 });
  return apply(op.logSoftmax, [input], { axis: readAxis("logSoftmax", axis, input.rank) });
}

/** Options of {@linkcode categoricalCrossEntropy} and {@linkcode sparseCategoricalCrossEntropy}. */
export interface CategoricalCrossEntropyOptions extends LossOptions, AxisOptions {
  /** The part of each label that is spread evenly over all classes, from 0 (the default) to 1. */
  readonly labelSmoothing?: number;
  /** A factor for each class, `[classes]`; by default 1. */
  readonly classWeights?: Operand;
}

const CROSS_ENTROPY = { axis: -1, labelSmoothing: 0, classWeights: undefined, reduction: "mean" } as const;

/**
 * Cross-entropy of logits and label probabilities, `-sum(w y log(softmax(z)))`: `softmaxCrossEntropy` with
 * label smoothing and class weights.
 * Source of the smoothing: Szegedy et al., https://arxiv.org/abs/1512.00567
 *
 * @param labels Probabilities, the same shape
 * @param logits Scores (not probabilities), such as `[batch, classes]`
 * @param options `axis` of the classes (the last by default), `labelSmoothing`, `classWeights`, `reduction` (the mean
 * over examples by default)
 * @returns Rank 0, or the shape without the axis of classes with `reduction: "none"`
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If labelSmoothing is not from 0 to 1, or there is no such axis
 *
 * @example
 * ```ts
 * import { categoricalCrossEntropy } from "@tapegrad/tapegrad";
 *
 * console.log(categoricalCrossEntropy([[1, 0]], [[0, 0]]).value); // 0.6931471805599453
 * ```
 */
export function categoricalCrossEntropy(
  labels: Operand,
  logits: Operand,
  options?: CategoricalCrossEntropyOptions,
): Variable {
  const name = "categoricalCrossEntropy";
  const complete = readOptions(name, options, CROSS_ENTROPY);
  const [z, y, weights] = readOptionalOperands([logits, labels], [complete.classWeights]);
  const losses = lossesOf(name, z, y, weights, complete);
  return reduceLoss(name, losses, { reduction: complete.reduction });
}

/**
 * Cross-entropy of logits and class numbers, `-w[y] log(softmax(z)[y])`. The mean is over the weights of the
 * examples' classes, as in PyTorch.
 *
 * @param classes The right class of each example, integers from 0, the shape without the axis of classes
 * @param logits Scores (not probabilities), such as `[batch, classes]`
 * @param options `axis` of the classes (the last by default), `labelSmoothing`, `classWeights`, `reduction` (the mean
 * over examples by default)
 * @returns Rank 0, or the shape of the class numbers with `reduction: "none"`
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If a class number or labelSmoothing is out of range, or there is no such axis
 *
 * @example
 * ```ts
 * import { sparseCategoricalCrossEntropy } from "@tapegrad/tapegrad";
 *
 * console.log(sparseCategoricalCrossEntropy([1, 0], [[0, 0], [1000, 0]]).value); // 0.34657359027997264
 * ```
 */
export function sparseCategoricalCrossEntropy(
  classes: Operand,
  logits: Operand,
  options?: CategoricalCrossEntropyOptions,
): Variable {
  const name = "sparseCategoricalCrossEntropy";
  const complete = readOptions(name, options, CROSS_ENTROPY);
  const { reduction } = complete;
  const [z, right, weights] = readOptionalOperands([logits, classes], [complete.classWeights]);
  const axis = readAxis(name, complete.axis, z.rank);
  const shape = z.shape.filter((_, i) => i !== axis);
  if (!sameShape(shape, right.shape)) {
    throw new TypeError(
      message`Cannot compute ${name}: logits have shape ${z.shape} with the classes on
      axis ${axis}, so class numbers need shape ${shape}, but have ${right.shape}`,
    );
  }
  const count = z.shape[axis]!;
  const numbers = toVariable(Array.from({ length: count }, (_, i) => i), z.dtype);
  const range = { operation: name, what: "class number", min: 0, max: count - 1, isInteger: true };
  const checked = checkElements(right, range);
  const aligned = checked.reshape(z.shape.map((length, i) => i === axis ? 1 : length));
  const oneHot = aligned.eq(alongAxis(z, numbers, axis));
  const losses = lossesOf(name, z, oneHot, weights, complete);
  if (reduction !== "mean" || weights === undefined) return reduceLoss(name, losses, { reduction });
  const total = oneHot.mul(alongAxis(z, weights, axis)).sum();
  return losses.sum().div(total);
}

/** One loss for each example. */
function lossesOf(
  operation: string,
  logits: Variable,
  labels: Variable,
  weights: Variable | undefined,
  { axis: given, labelSmoothing }: { readonly axis: number; readonly labelSmoothing: number },
): Variable {
  readNumber(operation, "labelSmoothing", labelSmoothing, { min: 0, max: 1 });
  const axis = readAxis(operation, given, logits.rank);
  const count = logits.shape[axis]!;
  if (weights !== undefined && (weights.rank !== 1 || weights.size !== count)) {
    throw new TypeError(
      message`Cannot compute ${operation}: classWeights have shape ${weights.shape},
      expected [${count}] for logits of shape ${logits.shape}`,
    );
  }
  const smooth = labelSmoothing === 0 ? labels : labels.mul(1 - labelSmoothing).add(labelSmoothing / count);
  const targets = weights === undefined ? smooth : smooth.mul(alongAxis(logits, weights, axis));
  return logits.softmaxCrossEntropy(targets, { axis, reduction: "none" });
}

/** Numbers for each class, shaped to broadcast over the other axes. */
function alongAxis(x: Variable, numbers: Operand, axis: number): Variable {
  const [values] = readOperands(numbers, x);
  return values.reshape(x.shape.map((length, i) => i === axis ? length : 1));
}

/**
 * Binary cross-entropy between logits and labels, finite for logits of any size:
 * `max(z, 0) - z*y + log(1 + exp(-|z|))`.
 *
 * @param labels 0 or 1 (or a probability) for each score, same shape
 * @param logits Raw scores, any shape
 * @param options `reduction`: `mean` (the default), `sum` or `none`
 * @returns Rank-0 loss, or one loss for each score
 * @throws {TypeError} If the shapes differ
 *
 * @example
 * ```ts
 * import { sigmoidCrossEntropy } from "@tapegrad/tapegrad";
 *
 * console.log(sigmoidCrossEntropy([1, 0], [1000, -1000]).value); // 0
 * ```
 */
export function sigmoidCrossEntropy(labels: Operand, logits: Operand, options?: LossOptions): Variable {
  const [z, y] = readOperands(logits, labels);
  if (!sameShape(y.shape, z.shape)) {
    throw new TypeError(
      message`Cannot take the cross-entropy of logits and labels: shapes ${z.shape} and ${y.shape} differ, reshape
      one of them`,
    );
  }
  return reduceLoss("sigmoidCrossEntropy", binary(op.sigmoidCrossEntropy, z, y), options);
}

/**
 * Cross-entropy between logits and label probabilities, finite for logits of any size:
 * `logSumExp(z) * sum(y) - sum(y * z)` along the classes.
 *
 * @param labels Probabilities (or one-hot), same shape
 * @param logits Raw scores, `[..., classes]`
 * @param options `axis` of the classes, by default the last; `reduction`: `mean` (the default), `sum` or `none`
 * @returns Rank-0 loss, or one loss for each example
 * @throws {TypeError} If the shapes differ
 *
 * @example
 * ```ts
 * import { softmaxCrossEntropy } from "@tapegrad/tapegrad";
 *
 * console.log(softmaxCrossEntropy([[1, 0]], [[1000, 0]]).value); // 0
 * ```
 */
export function softmaxCrossEntropy(
  labels: Operand,
  logits: Operand,
  options?: LossOptions & AxisOptions,
): Variable {
  const name = "softmaxCrossEntropy";
  const { axis, reduction } = readOptions(name, options, { axis: -1, reduction: "mean" });
  const [z, y] = readOperands(logits, labels);
  const along = readAxis(name, axis, z.rank);
  const order = z.shape.map((_, i) => i).filter((i) => i !== along).concat(along);
  const isLast = along === z.rank - 1 || y.rank !== z.rank;
  const operands = isLast ? [z, y] : [z.transpose(order), y.transpose(order)];
  return reduceLoss(name, apply(op.softmaxCrossEntropy, operands, undefined), { reduction });
}
