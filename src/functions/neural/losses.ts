/** Losses that compare numbers or directions. */
import { message } from "../../_internal/message.ts";
import { POSITIVE, readAxis, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { checkRange } from "../../array/range.ts";
import { sameShape } from "../../array/shape.ts";
import { elementsOf } from "../_operands.ts";
import { reduceLoss } from "./_reduce_loss.ts";
import { reduce } from "../reductions/_axes.ts";
import { operation as op } from "../../primitives/mod.ts";
import { tape } from "../../tape/mod.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type { LossOptions, NormalizeL2Options } from "../../variable/signatures/neural.ts";
import type { AxisOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/** Options of {@linkcode huber}. */
export interface HuberOptions extends LossOptions {
  /** Where the square goes over into the straight line; 1 by default. */
  readonly delta?: number;
}

/** Options of {@linkcode binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** The least probability that a logarithm is taken of; 1e-7 by default. */
  readonly epsilon?: number;
}

/** Options of {@linkcode poissonNLL}. */
export interface PoissonOptions extends LossOptions {
  /** Whether predictions are logarithms of rates (the default) or rates. */
  readonly logInput?: boolean;
  /** Added to rates before their logarithm is taken; 1e-8 by default. */
  readonly epsilon?: number;
}

/**
 * Mean squared error, `(prediction - label)^2`.
 *
 * @param labels The same shape
 * @param predictions Any shape
 * @param options `reduction`, the mean over all elements by default
 * @returns Rank 0, or the shape of the operands with `reduction: "none"`
 * @throws {TypeError} If the shapes differ
 *
 * @example
 * ```ts
 * import { meanSquaredError } from "@tapegrad/tapegrad";
 *
 * console.log(meanSquaredError([1, 4], [1, 2]).value); // 2
 * ```
 */
export function meanSquaredError(labels: Operand, predictions: Operand, options?: LossOptions): Variable {
  const name = "meanSquaredError";
  const [y, p] = readPair(name, labels, predictions);
  return reduceLoss(name, p.sub(y).square(), options);
}

/**
 * Mean absolute error, `|prediction - label|`; the derivative where they are equal is 0.
 *
 * @param labels The same shape
 * @param predictions Any shape
 * @param options `reduction`, the mean over all elements by default
 * @returns Rank 0, or the shape of the operands with `reduction: "none"`
 * @throws {TypeError} If the shapes differ
 *
 * @example
 * ```ts
 * import { meanAbsoluteError } from "@tapegrad/tapegrad";
 *
 * console.log(meanAbsoluteError([1, 4], [1, 2]).value); // 1
 * ```
 */
export function meanAbsoluteError(
  labels: Operand,
  predictions: Operand,
  options?: LossOptions,
): Variable {
  const name = "meanAbsoluteError";
  const [y, p] = readPair(name, labels, predictions);
  return reduceLoss(name, p.sub(y).abs(), options);
}

/**
 * Huber loss, `d^2 / 2` for differences d up to delta and `delta (|d| - delta / 2)` beyond.
 * Source: Huber, Robust estimation of a location parameter, 1964
 *
 * @param labels The same shape
 * @param predictions Any shape
 * @param options `delta` (1 by default), `reduction` (the mean over all elements by default)
 * @returns Rank 0, or the shape of the operands with `reduction: "none"`
 * @throws {TypeError} If the shapes differ
 * @throws {RangeError} If delta is not positive
 *
 * @example
 * ```ts
 * import { huber } from "@tapegrad/tapegrad";
 *
 * console.log(huber([0, 0], [1, 5], { reduction: "none" }).value); // [0.5, 4.5]
 * ```
 */
export function huber(
  labels: Operand,
  predictions: Operand,
  options?: HuberOptions,
): Variable {
  const { delta, reduction } = readOptions("huber", options, { delta: 1, reduction: "mean" });
  const limit = readNumber("huber", "delta", delta, { above: 0 });
  const [y, p] = readPair("huber", labels, predictions);
  const difference = p.sub(y);
  const near = difference.clip(-limit, limit);
  const beyond = difference.sub(near).abs();
  return reduceLoss("huber", near.square().mul(0.5).add(beyond.mul(limit)), { reduction });
}

/**
 * Hinge loss, `max(0, 1 - label prediction)`; the derivative at the kink is 0.
 *
 * @param labels -1 or 1, the same shape
 * @param predictions Scores, any shape
 * @param options `reduction`, the mean over all elements by default
 * @returns Rank 0, or the shape of the operands with `reduction: "none"`
 * @throws {TypeError} If the shapes differ
 *
 * @example
 * ```ts
 * import { hinge } from "@tapegrad/tapegrad";
 *
 * console.log(hinge([1, -1], [0.5, 2], { reduction: "none" }).value); // [0.5, 3]
 * ```
 */
export function hinge(labels: Operand, predictions: Operand, options?: LossOptions): Variable {
  const [y, p] = readPair("hinge", labels, predictions);
  return reduceLoss("hinge", p.mul(y).neg().add(1).relu(), options);
}

/**
 * Binary cross-entropy of probabilities, `-(y log(p) + (1 - y) log(1 - p))` with both kept at least epsilon.
 * For logits, `sigmoidCrossEntropy` is exact.
 *
 * @param labels From 0 to 1, the same shape
 * @param probabilities From 0 to 1, any shape
 * @param options `reduction` (the mean over all elements by default), `epsilon` (1e-7 by default)
 * @returns Rank 0, or the shape of the operands with `reduction: "none"`
 * @throws {TypeError} If the shapes differ
 * @throws {RangeError} If epsilon is not positive, or labels or probabilities do not lie between 0 and 1
 *
 * @example
 * ```ts
 * import { binaryCrossEntropy } from "@tapegrad/tapegrad";
 *
 * console.log(binaryCrossEntropy([1], [0.5]).value); // 0.6931471805599453
 * ```
 */
export function binaryCrossEntropy(
  labels: Operand,
  probabilities: Operand,
  options?: BinaryCrossEntropyOptions,
): Variable {
  const name = "binaryCrossEntropy";
  const { epsilon, reduction } = readOptions(name, options, { epsilon: 1e-7, reduction: "mean" });
  const least = readNumber(name, "epsilon", epsilon, POSITIVE);
  const [y, p] = readPair(name, labels, probabilities);
  checkProbabilities(name, "label", y);
  checkProbabilities(name, "probability", p);
  const hit = y.mul(p.maximum(least).log());
  const miss = y.neg().add(1).mul(p.neg().add(1).maximum(least).log());
  return reduceLoss(name, hit.add(miss).neg(), { reduction });
}

/**
 * Kullback-Leibler divergence of label probabilities from predicted ones, `sum(y (log(y) - log(p)))`; a label of
 * 0 contributes 0.
 *
 * @param labels Probabilities, the same shape
 * @param logProbabilities Logarithms of the predicted probabilities, such as `logSoftmax` gives
 * @param options `axis` of the classes (the last by default), `reduction` (the mean over examples by default, as
 * `"batchmean"` of PyTorch)
 * @returns Rank 0, or the shape without the axis of classes with `reduction: "none"`
 * @throws {TypeError} If the shapes differ
 * @throws {RangeError} If there is no such axis
 *
 * @example
 * ```ts
 * import { klDivergence, log } from "@tapegrad/tapegrad";
 *
 * console.log(klDivergence([[1, 0]], log([[0.5, 0.5]])).value); // 0.6931471805599453
 * ```
 */
export function klDivergence(
  labels: Operand,
  logProbabilities: Operand,
  options?: LossOptions & AxisOptions,
): Variable {
  const name = "klDivergence";
  const { axis, reduction } = readOptions(name, options, { axis: -1, reduction: "mean" });
  const [y, logP] = readPair(name, labels, logProbabilities);
  // Where both are impossible, 0 times -Infinity is meant to be 0.
  const impossible = y.eq(0).mul(logP.eq(-Infinity));
  const cross = y.mul(impossible.where(0, logP));
  return reduceLoss(name, reduce(op.sum, y.xlogy(y).sub(cross), { axis }, name), { reduction });
}

/**
 * Negative log-likelihood of counts under Poisson distributions, without the term that only depends on the
 * labels: `exp(z) - y z` for logarithms of rates, `r - y log(r + epsilon)` for rates.
 *
 * @param labels Counts, the same shape
 * @param predictions Logarithms of rates, or rates, any shape
 * @param options `logInput` (true by default), `epsilon` (1e-8 by default), `reduction` (the mean by default)
 * @returns Rank 0, or the shape of the operands with `reduction: "none"`
 * @throws {TypeError} If the shapes differ
 * @throws {RangeError} If epsilon is not positive, or labels or probabilities do not lie between 0 and 1
 *
 * @example
 * ```ts
 * import { poissonNLL } from "@tapegrad/tapegrad";
 *
 * console.log(poissonNLL([0, 3], [0, 0]).value); // 1
 * ```
 */
export function poissonNLL(
  labels: Operand,
  predictions: Operand,
  options?: PoissonOptions,
): Variable {
  const name = "poissonNLL";
  const { logInput, epsilon, reduction } = readOptions(name, options, {
    logInput: true,
    epsilon: 1e-8,
    reduction: "mean",
  });
  const least = readNumber(name, "epsilon", epsilon, POSITIVE);
  const [y, p] = readPair(name, labels, predictions);
  const losses = logInput ? p.exp().sub(y.mul(p)) : p.sub(y.mul(p.add(least).log()));
  return reduceLoss(name, losses, { reduction });
}

/** Reads labels and predictions of one shape; a loss never broadcasts, which is mostly a mistake. */
function readPair(operation: string, labels: Operand, predictions: Operand): [Variable, Variable] {
  const [y, p] = readOperands(labels, predictions);
  if (sameShape(p.shape, y.shape)) return [y, p];
  throw new TypeError(
    message`Cannot compute ${operation}: labels have shape ${y.shape}, predictions ${p.shape}, reshape one of
    them`,
  );
}

/** Checks probabilities that can be seen; what is traced has other values in later calls. */
function checkProbabilities(operation: string, what: string, x: Variable): void {
  if (tape.isTracing && x.row >= 0) return;
  checkRange(elementsOf(x), { operation, what, min: 0, max: 1, isInteger: false });
}

/** Options of {@linkcode cosineEmbeddingLoss}. */
export interface CosineEmbeddingOptions extends LossOptions, AxisOptions {
  /** The similarity up to which unlike vectors cost nothing; 0 by default. */
  readonly margin?: number;
}

/**
 * Brings vectors to Euclidean length 1, `x / max(norm(x), epsilon)`; shorter ones are divided by epsilon,
 * so that the derivative at 0 is `1 / epsilon`, not NaN.
 *
 * @param x Any shape of at least one axis
 * @param options `axis` (the last by default), `epsilon` (1e-12 by default)
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis, or epsilon is not positive
 *
 * @example
 * ```ts
 * import { normalizeL2 } from "@tapegrad/tapegrad";
 *
 * console.log(normalizeL2([[3, 4], [0, 2]]).value); // [[0.6, 0.8], [0, 1]]
 * ```
 */
export function normalizeL2(x: Operand, options?: NormalizeL2Options): Variable {
  const { axis, epsilon } = readOptions("normalizeL2", options, { axis: -1, epsilon: 1e-12 });
  const least = readNumber("normalizeL2", "epsilon", epsilon, POSITIVE);
  const values = toVariable(x);
  const along = readAxis("normalizeL2", axis, values.rank);
  const squares = values.square().sum({ axis: along, keepDims: true });
  return values.div(squares.maximum(least * least).sqrt());
}

/**
 * Cosine of the angle between vectors, `x y / (|x| |y|)`; 0 where one of them is 0, with finite derivatives.
 *
 * @param x Any shape of at least one axis
 * @param y A shape that broadcasts with that of x
 * @param options `axis` of the vectors, the last by default
 * @returns The broadcast shape without that axis, from -1 to 1
 * @throws {TypeError} If the shapes do not broadcast
 * @throws {RangeError} If there is no such axis
 *
 * @example
 * ```ts
 * import { cosineSimilarity } from "@tapegrad/tapegrad";
 *
 * console.log(cosineSimilarity([[3, 4], [0, 1]], [0, 2]).value); // [0.8, 1]
 * ```
 */
export function cosineSimilarity(x: Operand, y: Operand, options?: AxisOptions): Variable {
  const { axis } = readOptions("cosineSimilarity", options, { axis: -1 });
  return cosineOf("cosineSimilarity", x, y, axis);
}

/**
 * Loss of pairs of vectors that should be alike (`1 - cosine`) or unlike (`max(0, cosine - margin)`, with
 * derivative 0 at the kink).
 *
 * @param labels 1 for alike, -1 for unlike, `[...]`
 * @param x `[..., features]`
 * @param y The same shape
 * @param options `margin` (0 by default), `axis` (the last by default), `reduction` (the mean by default)
 * @returns Rank 0, or the shape of the labels with `reduction: "none"`
 * @throws {TypeError} If the shapes do not fit
 * @throws {RangeError} If there is no such axis
 *
 * @example
 * ```ts
 * import { cosineEmbeddingLoss } from "@tapegrad/tapegrad";
 *
 * const losses = cosineEmbeddingLoss([1, -1], [[1, 0], [1, 0]], [[0, 1], [1, 0]], { reduction: "none" });
 * console.log(losses.value); // [1, 1]
 * ```
 */
export function cosineEmbeddingLoss(
  labels: Operand,
  x: Operand,
  y: Operand,
  options?: CosineEmbeddingOptions,
): Variable {
  const name = "cosineEmbeddingLoss";
  const { margin, axis, reduction } = readOptions(name, options, { margin: 0, axis: -1, reduction: "mean" });
  readNumber(name, "margin", margin);
  const [a, b, alike] = readOperands(x, y, labels);
  const cosine = cosineOf(name, a, b, axis);
  if (!sameShape(a.shape, b.shape) || !sameShape(cosine.shape, alike.shape)) {
    throw new TypeError(
      message`Cannot compute cosineEmbeddingLoss: vectors of shapes ${a.shape} and
      ${b.shape} and labels of shape ${alike.shape} do not fit, expected a label of ${cosine.shape} for each
      pair`,
    );
  }
  const apart = cosine.sub(margin).relu();
  return reduceLoss(name, alike.gt(0).where(cosine.neg().add(1), apart), { reduction });
}

function cosineOf(operation: string, x: Operand, y: Operand, axis: number): Variable {
  const [a, b] = readOperands(x, y);
  const [unitA, unitB] = [a, b].map((v) =>
    normalizeL2(v, { axis: readAxis(operation, axis, v.rank) - v.rank })
  );
  return unitA!.mul(unitB!).sum({ axis });
}
