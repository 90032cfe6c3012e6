import { message } from "../../_internal/message.ts";
import { readIntegers } from "../../_internal/readers/mod.ts";
import { scaledDotProductAttention } from "../../functions/mod.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { dropout as drop } from "../../random/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, Layer, type LayerFactory } from "../core/layer.ts";
import { maskOf, noteMask } from "../core/notes.ts";
import { cannotMake, readCount, readLayerOptions } from "./_options.ts";
import { readRate } from "./regularization.ts";
import { KERNEL, type KernelOptions, readActivity, readKernel, readWeight, type Weight } from "./_weights.ts";

/** Options of {@linkcode multiHeadAttention}. */
export interface MultiHeadAttentionOptions extends Omit<KernelOptions, "activation"> {
  /** The number of heads. */
  readonly numHeads: number;
  /** The number of features of queries and keys in each head. */
  readonly keyDim: number;
  /** The number of features of values in each head; by default `keyDim`. */
  readonly valueDim?: number;
  /** The probability with which attention to a value is dropped in training; 0 by default. */
  readonly dropout?: number;
  /** The shape of the result after its steps; by default the features of the query. */
  readonly outputShape?: number | Shape;
  /** Whether step i of the query sees steps 0 to i only; false by default. (Keras takes it at each call.) */
  readonly useCausalMask?: boolean;
}

/** What goes into {@linkcode multiHeadAttention}. */
export interface AttentionInputs {
  /** `[batch, queries, features]`. */
  readonly query: Variable;
  /** `[batch, keys, features]`; its mask says which steps are seen. */
  readonly value: Variable;
  /** `[batch, keys, features]`; by default the value. */
  readonly key?: Variable;
  /** 1 where a query may see a key, else 0: `[batch, queries, keys]`, or a shape that broadcasts to it. */
  readonly attentionMask?: Variable;
}

/**
 * Attention of several heads, each with projections of its own (`query`, `key`, `value`), whose results are projected
 * together (`attentionOutput`). Kernels are `[features, numHeads, keyDim]`, the last
 * `[numHeads, valueDim, features]`. Steps that the masks of value or key leave out are not seen.
 * Source: Vaswani et al., https://arxiv.org/abs/1706.03762
 *
 * @param options The number of heads and their features, dropout, initializers
 * @throws {RangeError} If a number is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { input, multiHeadAttention } from "@tapegrad/tapegrad/nn";
 *
 * const x = input({ shape: [10, 16] });
 * const layer = multiHeadAttention({ numHeads: 2, keyDim: 8, useCausalMask: true });
 * console.log(layer.apply({ query: x, value: x }).shape); // [10, 16]
 * ```
 */
export const multiHeadAttention: LayerFactory<MultiHeadAttentionOptions, AttentionInputs> = defineLayer(
  "multiHeadAttention",
  (options: MultiHeadAttentionOptions) => {
    const kind = "multiHeadAttention";
    const { activation: _, ...defaults } = KERNEL;
    const read = readLayerOptions(kind, options, {
      ...defaults,
      numHeads: undefined,
      keyDim: undefined,
      valueDim: undefined,
      dropout: 0,
      outputShape: undefined,
      useCausalMask: false,
    });
    const heads = readCount(kind, "numHeads", read.numHeads);
    const keyDim = readCount(kind, "keyDim", read.keyDim);
    const valueDim = readCount(kind, "valueDim", read.valueDim === undefined ? keyDim : read.valueDim);
    const rate = readRate(kind, read.dropout);
    const outputShape = read.outputShape === undefined
      ? undefined
      : readIntegers(kind, "outputShape", read.outputShape, 1);
    if (outputShape?.length === 0) throw cannotMake(kind, "outputShape is [], name one length or more");
    const kernel = readKernel({ ...read, activation: "linear" });
    const bias = read.useBias
      ? readWeight(read.biasInitializer, read.biasRegularizer, read.biasConstraint)
      : undefined;
    const regularize = readActivity(read.activityRegularizer);
    const project = (dim: number) => projection(kernel, bias, 1, () => [heads, dim]);
    const [ofQuery, ofKey, ofValue] = [project(keyDim), project(keyDim), project(valueDim)];
    const ofOutput = (features: number) => projection(kernel, bias, 2, () => outputShape ?? [features]);
    return ({ query, value, key = value, attentionMask }: AttentionInputs, c: Context) => {
      checkInputs(query, value, key);
      const split = (x: Variable): Variable => x.transpose([0, 2, 1, 3]);
      const q = split(c.call(ofQuery, query, "query"));
      const k = split(c.call(ofKey, key, "key"));
      const v = split(c.call(ofValue, value, "value"));
      const mask = visibleKeys(query, value, key, attentionMask);
      const attended = scaledDotProductAttention(q, k, v, {
        causal: read.useCausalMask,
        ...mask === undefined ? {} : { mask },
        ...c.training && rate > 0 ? { mapWeights: (w: Variable) => drop(c.key(), w, rate) } : {},
      });
      const result = c.call(ofOutput(query.shape[2] ?? 0), split(attended), "attentionOutput");
      // The steps of the result are those of the query, whatever mask the value has.
      return noteMask(regularize(c, result), maskOf(query) ?? null);
    };
  },
);

/** A product over the last axes of an input with a kernel `[...these axes, ...units]`, and a bias of shape units. */
function projection(
  kernel: Weight,
  bias: Weight | undefined,
  axes: number,
  unitsOf: () => readonly number[],
): Layer {
  return new Layer("projection", {}, (x: Variable, c: Context) => {
    const [outer, inner] = [x.shape.slice(0, x.rank - axes), x.shape.slice(x.rank - axes)];
    const units = unitsOf();
    const weights = kernel(c, "kernel", [...inner, ...units]).reshape([sizeOf(inner), sizeOf(units)]);
    const product = x.reshape([sizeOf(outer), sizeOf(inner)]).matmul(weights).reshape([...outer, ...units]);
    return bias === undefined ? product : product.add(bias(c, "bias", units));
  });
}

function checkInputs(query: Variable, value: Variable, key: Variable): void {
  const fit = [query, value, key].every((x) => x?.rank === 3 && x.shape[0] === query.shape[0]) &&
    value.shape[1] === key.shape[1];
  if (fit) return;
  throw new TypeError(
    message`Cannot apply a multiHeadAttention layer to query, value and key of shapes ${
      [query, value, key].map((x) => x?.shape ?? [])
    }: expected [batch, queries, features], [batch, keys, features] and [batch, keys, features]`,
  );
}

/** Which keys are seen, in a shape that broadcasts to `[batch, heads, queries, keys]`; undefined for all. */
function visibleKeys(
  query: Variable,
  value: Variable,
  key: Variable,
  given: Variable | undefined,
): Variable | undefined {
  const ofSteps = [maskOf(value), key === value ? undefined : maskOf(key)]
    .flatMap((mask) => mask === undefined ? [] : [mask.cast(query.dtype)])
    .map((mask) => mask.reshape([mask.shape[0] ?? 1, 1, 1, mask.shape[1] ?? 0]));
  const all = given === undefined ? ofSteps : [
    ...ofSteps,
    given.rank < 3 ? given : given.reshape([...given.shape.slice(0, -2), 1, ...given.shape.slice(-2)]),
  ];
  return all.length === 0 ? undefined : all.reduce((a, b) => a.logicalAnd(b));
}
