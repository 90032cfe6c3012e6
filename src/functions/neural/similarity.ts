import { message } from "../../_internal/message.ts";
import { POSITIVE, readAxis, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { sameShape } from "../../array/shape.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type { LossOptions, NormalizeL2Options } from "../../variable/signatures/neural.ts";
import type { AxisOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";
import { reduceLoss } from "./_reduce_loss.ts";

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
