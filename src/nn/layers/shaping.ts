import { message } from "../../_internal/message.ts";
import { readIntegers } from "../../_internal/readers/mod.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import type { Variable } from "../../variable/mod.ts";
import type { LayerFactory, LayerOptions } from "../core/layer.ts";
import { defineOneInputLayer } from "./_one_input.ts";
import { endMask } from "../core/notes.ts";
import { cannotMake, checkRank, readCount, readLayerOptions } from "./_options.ts";

/**
 * Lays each example out as one row: `[batch, a, b]` becomes `[batch, a * b]`.
 *
 * @example
 * ```ts
 * import { flatten, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(flatten().apply(input({ shape: [2, 3] })).shape); // [6]
 * ```
 */
export const flatten: LayerFactory<Record<never, never>> = defineOneInputLayer(
  "flatten",
  (options: LayerOptions) => {
    readLayerOptions("flatten", options, {});
    return (x: Variable) => endMask(x, x.reshape([x.shape[0] ?? 1, sizeOf(x.shape.slice(1))]));
  },
);

/** Options of {@linkcode reshape}. */
export interface ReshapeLayerOptions extends LayerOptions {
  /** The shape of one example; one -1 stands for what is left. */
  readonly targetShape: Shape;
}

/**
 * Gives each example another shape.
 *
 * @param options The shape
 * @throws {RangeError} If a length is no integer from 1 up, or more than one is -1
 *
 * @example
 * ```ts
 * import { input, reshape } from "@tapegrad/tapegrad/nn";
 *
 * console.log(reshape({ targetShape: [2, -1] }).apply(input({ shape: [6] })).shape); // [2, 3]
 * ```
 */
export const reshape: LayerFactory<ReshapeLayerOptions> = defineOneInputLayer(
  "reshape",
  (options: ReshapeLayerOptions) => {
    const { targetShape } = readLayerOptions("reshape", options, { targetShape: undefined });
    const target = readIntegers("reshape", "targetShape", targetShape, -1);
    if (target.includes(0) || target.filter((n) => n === -1).length > 1) {
      throw cannotMake("reshape", message`targetShape is ${target}, use integers from 1 up, and -1 once`);
    }
    return (x: Variable) => {
      const size = sizeOf(x.shape.slice(1));
      const known = target.reduce((product, n) => n === -1 ? product : product * n, 1);
      const fits = target.includes(-1) ? size % known === 0 : size === known;
      if (!fits) {
        throw new TypeError(
          message`Cannot apply a reshape layer to examples of shape ${
            x.shape.slice(1)
          }: they do not fit into targetShape
          ${target}`,
        );
      }
      return endMask(x, x.reshape([x.shape[0] ?? 1, ...target.map((n) => n === -1 ? size / known : n)]));
    };
  },
);

/** Options of {@linkcode permute}. */
export interface PermuteOptions extends LayerOptions {
  /** The axes of the input in the order of the output, counted from 1: axis 0, the batch, stays. */
  readonly dims: readonly number[];
}

/**
 * Puts the axes of each example in another order.
 *
 * @param options The axes
 * @throws {RangeError} If the axes are not 1 to their number, each once
 *
 * @example
 * ```ts
 * import { input, permute } from "@tapegrad/tapegrad/nn";
 *
 * console.log(permute({ dims: [2, 1] }).apply(input({ shape: [10, 64] })).shape); // [64, 10]
 * ```
 */
export const permute: LayerFactory<PermuteOptions> = defineOneInputLayer(
  "permute",
  (options: PermuteOptions) => {
    const { dims } = readLayerOptions("permute", options, { dims: undefined });
    const axes = readIntegers("permute", "dims", dims, 1);
    if (!axes.every((_, i) => axes.includes(i + 1))) {
      throw cannotMake("permute", message`dims is ${axes}, use 1 to ${axes.length}, each once`);
    }
    return (x: Variable) => {
      checkRank("permute", x.shape, axes.length + 1, `${axes.length} axes, as dims ${axes.join(", ")} name`);
      return endMask(x, x.transpose([0, ...axes]));
    };
  },
);

/** Options of {@linkcode repeatVector}. */
export interface RepeatVectorOptions extends LayerOptions {
  /** How often. */
  readonly n: number;
}

/**
 * Repeats each example: `[batch, features]` becomes `[batch, n, features]`.
 *
 * @param options How often
 * @throws {RangeError} If n is not an integer from 1 up
 *
 * @example
 * ```ts
 * import { input, repeatVector } from "@tapegrad/tapegrad/nn";
 *
 * console.log(repeatVector({ n: 3 }).apply(input({ shape: [4] })).shape); // [3, 4]
 * ```
 */
export const repeatVector: LayerFactory<RepeatVectorOptions> = defineOneInputLayer(
  "repeatVector",
  (options: RepeatVectorOptions) => {
    const n = readCount("repeatVector", "n", readLayerOptions("repeatVector", options, { n: undefined }).n);
    return (x: Variable) => {
      checkRank("repeatVector", x.shape, 2, "[features]");
      const [batch = 1, features = 0] = x.shape;
      return endMask(x, x.reshape([batch, 1, features]).broadcastTo([batch, n, features]));
    };
  },
);
