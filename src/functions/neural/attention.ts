import { message } from "../../_internal/message.ts";
import { readFunction, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { allocate } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { readOperands, toVariable } from "../../variable/operands.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/** Which keys a query may see, and how scores are scaled. */
export interface AttentionOptions {
  /**
   * 1 where a query may see a key, else 0; a shape that broadcasts to `[..., queries, keys]`. A query that may see
   * none gets zeros.
   */
  readonly mask?: Operand;
  /** Whether query i sees keys 0 to i only; false by default. */
  readonly causal?: boolean;
  /** The factor of the scores; by default `1 / sqrt(features)`. */
  readonly scale?: number;
  /** What is done with the weights of the values, `[..., queries, keys]`, before they are used: dropout, for example. */
  readonly mapWeights?: (weights: Variable) => Variable;
}

/**
 * Scaled dot-product attention, `softmax(query key' / sqrt(features)) value`.
 * Source: Vaswani et al., https://arxiv.org/abs/1706.03762
 *
 * @param query `[..., queries, features]`
 * @param key `[..., keys, features]`
 * @param value `[..., keys, valueFeatures]`
 * @param options `mask`, `causal`, `scale`, `mapWeights`
 * @returns `[..., queries, valueFeatures]`, in the widest dtype
 * @throws {TypeError} If the shapes do not fit
 *
 * @example
 * ```ts
 * import { scaledDotProductAttention } from "@tapegrad/tapegrad";
 *
 * const x = [[1, 0], [0, 1]];
 * const y = scaledDotProductAttention(x, x, [[10], [20]], { causal: true });
 * console.log(y.value); // [[10], [16.697615493266568]]
 * ```
 */
export function scaledDotProductAttention(
  query: Operand,
  key: Operand,
  value: Operand,
  options?: AttentionOptions,
): Variable {
  const name = "scaledDotProductAttention";
  const { mask, causal, scale, mapWeights } = readOptions(name, options, {
    mask: undefined,
    causal: false,
    scale: undefined,
    mapWeights: undefined,
  });
  const mapped = mapWeights === undefined
    ? (weights: Variable) => weights
    : readFunction(name, "the option mapWeights", mapWeights);
  const [q, k, v] = readOperands(query, key, value);
  const [queries, features] = q.shape.slice(-2);
  const [keys, keyFeatures] = k.shape.slice(-2);
  if ([q, k, v].some(({ rank }) => rank < 2) || features !== keyFeatures || v.shape.at(-2) !== keys) {
    throw new TypeError(
      message`Cannot attend: query, key and value of shapes
      ${[q.shape, k.shape, v.shape]} do not fit, expected [..., queries, features], [...,
      keys, features] and [..., keys, valueFeatures]`,
    );
  }
  const scaled = q.mul(scale === undefined ? 1 / Math.sqrt(features!) : readNumber(name, "scale", scale));
  const scores = apply(op.matmul, [scaled, k], { transposeX: false, transposeY: true });
  const last = causal ? causalMask(queries!, keys!, scores.dtype) : undefined;
  if (mask === undefined) {
    const visible = last === undefined ? scores : last.where(scores, -Infinity);
    return mapped(visible.softmax()).matmul(v);
  }
  const given = toVariable(mask, scores.dtype);
  const allowed = last === undefined ? given : given.logicalAnd(last);
  // A finite score keeps rows that see nothing from NaN; the second choice makes them zeros.
  const visible = allowed.where(scores, scores.dtype === "float64" ? -1e300 : -1e38);
  if (visible.size !== scores.size) {
    throw new TypeError(
      message`Cannot attend: a mask of shape ${given.shape} does not broadcast to the
      scores' shape ${scores.shape}`,
    );
  }
  return mapped(allowed.where(visible.softmax(), 0)).matmul(v);
}

/** Ones where the key is not behind the query. */
function causalMask(queries: number, keys: number, dtype: Variable["dtype"]): Variable {
  const data = allocate(dtype, queries * keys);
  for (let i = 0; i < queries; i++) data.fill(1, i * keys, i * keys + Math.min(keys, i + 1));
  return toVariable(new NdArray(data, [queries, keys]));
}
