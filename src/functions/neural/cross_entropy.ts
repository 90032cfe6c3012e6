import { readAxis } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import { formatShape } from "../../_internal/format.ts";
import { readOperands } from "../_operands.ts";
import {
  type AxisOptions,
  type LossOptions,
  type Operand,
  plainValue,
  reduceLoss,
  toVariable,
  type Variable,
} from "../../variable/variable.ts";

/** Options of {@linkcode categoricalCrossEntropy} and {@linkcode sparseCategoricalCrossEntropy}. */
export interface CategoricalCrossEntropyOptions extends LossOptions, AxisOptions {
  /** The part of each label that is spread evenly over all classes, from 0 (the default) to 1. */
  readonly labelSmoothing?: number;
  /** A factor for each class, `[classes]`; by default 1. */
  readonly classWeights?: Operand;
}

/**
 * Cross-entropy of logits and label probabilities, `-sum(w y log(softmax(z)))`: `softmaxCrossEntropy` with
 * label smoothing and class weights.
 * Source of the smoothing: Szegedy et al., https://arxiv.org/abs/1512.00567
 *
 * @param logits Scores (not probabilities), such as `[batch, classes]`
 * @param labels Probabilities, the same shape
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
 * console.log(categoricalCrossEntropy([[0, 0]], [[1, 0]]).value); // 0.6931471805599453
 * ```
 */
export function categoricalCrossEntropy(
  logits: Operand,
  labels: Operand,
  options: CategoricalCrossEntropyOptions = {},
): Variable {
  const [z, y, weights] = readOperands(logits, labels, options.classWeights);
  const { reduction = "mean" } = options;
  return reduceLoss(lossesOf("categoricalCrossEntropy", z, y, weights, options), { reduction });
}

/**
 * Cross-entropy of logits and class numbers, `-w[y] log(softmax(z)[y])`. The mean is over the weights of the
 * examples' classes, as in PyTorch.
 *
 * @param logits Scores (not probabilities), such as `[batch, classes]`
 * @param classes The right class of each example, integers from 0, the shape without the axis of classes
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
 * console.log(sparseCategoricalCrossEntropy([[0, 0], [1000, 0]], [1, 0]).value); // 0.34657359027997264
 * ```
 */
export function sparseCategoricalCrossEntropy(
  logits: Operand,
  classes: Operand,
  options: CategoricalCrossEntropyOptions = {},
): Variable {
  const name = "sparseCategoricalCrossEntropy";
  const { reduction = "mean" } = options;
  const [z, right, weights] = readOperands(logits, classes, options.classWeights);
  const axis = readAxis(name, options.axis ?? -1, z.rank);
  const shape = z.shape.filter((_, i) => i !== axis);
  if (formatShape(shape) !== formatShape(right.shape)) {
    throw new TypeError(
      message`Cannot compute ${name}: logits have shape ${z.shape} with the classes on
      axis ${axis}, so class numbers need shape ${shape}, but have ${right.shape}`,
    );
  }
  const count = z.shape[axis]!;
  const values = plainValue(right);
  for (const label of typeof values === "number" ? [values] : values.data) {
    if (!Number.isInteger(label) || label < 0 || label >= count) {
      throw new RangeError(
        message`Cannot compute ${name}: found the class number ${label}, the logits have
        classes 0 to ${count - 1}`,
      );
    }
  }
  const numbers = toVariable(Array.from({ length: count }, (_, i) => i), z.dtype);
  // Gathering checks the class numbers again, in calls that a recording serves later.
  const checked = numbers.gather(right);
  const aligned = checked.reshape(z.shape.map((length, i) => i === axis ? 1 : length));
  const oneHot = aligned.eq(alongAxis(z, numbers, axis));
  const losses = lossesOf(name, z, oneHot, weights, options);
  if (reduction !== "mean" || weights === undefined) return reduceLoss(losses, { reduction });
  const total = oneHot.mul(alongAxis(z, weights, axis)).sum();
  return losses.sum().div(total);
}

/** One loss for each example. */
function lossesOf(
  operation: string,
  logits: Variable,
  labels: Variable,
  weights: Variable | undefined,
  { axis: place = -1, labelSmoothing = 0 }: CategoricalCrossEntropyOptions,
): Variable {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(message`Cannot compute ${operation}: labelSmoothing is ${labelSmoothing}, use 0 to
      1`);
  }
  const axis = readAxis(operation, place, logits.rank);
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
