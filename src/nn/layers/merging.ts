import { message } from "../../_internal/message.ts";
import { readAxis, readIntegers } from "../../_internal/readers/mod.ts";
import { concat, normalizeL2, ones } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { defineLayer, type LayerFactory, type LayerOptions } from "../core/layer.ts";
import { maskOf, noteMask } from "../core/notes.ts";
import { article, cannotMake, readFeatureAxes, readLayerOptions } from "./_options.ts";

/** A layer that joins inputs element by element, which broadcast. */
function defineMerge(
  kind: string,
  join: (inputs: readonly Variable[]) => Variable,
  exactly?: number,
): LayerFactory<Record<never, never>, readonly Variable[]> {
  return defineLayer(kind, (options: LayerOptions) => {
    readLayerOptions(kind, options, {});
    return (inputs: readonly Variable[]) => {
      checkSeveral(kind, inputs, exactly);
      return noteEither(inputs, join(alignExamples(inputs)));
    };
  });
}

/** Notes that a step counts if it does in any of the inputs, as in Keras; all steps of an input without mask do. */
function noteEither(inputs: readonly Variable[], joined: Variable): Variable {
  const masks = inputs.flatMap((x) => maskOf(x) ?? []);
  if (masks.length === 0) return joined;
  return noteMask(joined, masks.length < inputs.length ? null : masks.reduce((a, b) => a.logicalOr(b)));
}

/** Puts axes of length 1 between the batch and the others where an input has fewer, so that examples broadcast. */
function alignExamples(inputs: readonly Variable[]): readonly Variable[] {
  const rank = Math.max(...inputs.map((x) => x.rank));
  return inputs.map((x) => {
    const missing = Array.from({ length: rank - x.rank }, () => 1);
    return missing.length === 0 ? x : x.reshape([x.shape[0] ?? 1, ...missing, ...x.shape.slice(1)]);
  });
}

/**
 * The sum of several inputs of the same shape, or shapes that broadcast.
 *
 * @example
 * ```ts
 * import { add, dense, input } from "@tapegrad/tapegrad/nn";
 *
 * const x = input({ shape: [4] });
 * console.log(add().apply([x, dense({ units: 4 }).apply(x)]).shape); // [4]
 * ```
 */
export const add: LayerFactory<Record<never, never>, readonly Variable[]> = defineMerge(
  "add",
  (inputs) => inputs.reduce((x, y) => x.add(y)),
);

/**
 * The first of two inputs minus the second.
 *
 * @example
 * ```ts
 * import { input, subtract } from "@tapegrad/tapegrad/nn";
 *
 * console.log(subtract().apply([input({ shape: [4] }), input({ shape: [4] })]).shape); // [4]
 * ```
 */
export const subtract: LayerFactory<Record<never, never>, readonly Variable[]> = defineMerge(
  "subtract",
  (inputs) => inputs.reduce((x, y) => x.sub(y)),
  2,
);

/**
 * The product, element by element, of several inputs of the same shape, or shapes that broadcast.
 *
 * @example
 * ```ts
 * import { input, multiply } from "@tapegrad/tapegrad/nn";
 *
 * console.log(multiply().apply([input({ shape: [4] }), input({ shape: [1] })]).shape); // [4]
 * ```
 */
export const multiply: LayerFactory<Record<never, never>, readonly Variable[]> = defineMerge(
  "multiply",
  (inputs) => inputs.reduce((x, y) => x.mul(y)),
);

/**
 * The mean, element by element, of several inputs of the same shape, or shapes that broadcast.
 *
 * @example
 * ```ts
 * import { average, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(average().apply([input({ shape: [4] }), input({ shape: [4] })]).shape); // [4]
 * ```
 */
export const average: LayerFactory<Record<never, never>, readonly Variable[]> = defineMerge(
  "average",
  (inputs) => inputs.reduce((x, y) => x.add(y)).div(inputs.length),
);

/**
 * The largest, element by element, of several inputs of the same shape, or shapes that broadcast.
 *
 * @example
 * ```ts
 * import { input, maximum } from "@tapegrad/tapegrad/nn";
 *
 * console.log(maximum().apply([input({ shape: [4] }), input({ shape: [4] })]).shape); // [4]
 * ```
 */
export const maximum: LayerFactory<Record<never, never>, readonly Variable[]> = defineMerge(
  "maximum",
  (inputs) => inputs.reduce((x, y) => x.maximum(y)),
);

/**
 * The smallest, element by element, of several inputs of the same shape, or shapes that broadcast.
 *
 * @example
 * ```ts
 * import { input, minimum } from "@tapegrad/tapegrad/nn";
 *
 * console.log(minimum().apply([input({ shape: [4] }), input({ shape: [4] })]).shape); // [4]
 * ```
 */
export const minimum: LayerFactory<Record<never, never>, readonly Variable[]> = defineMerge(
  "minimum",
  (inputs) => inputs.reduce((x, y) => x.minimum(y)),
);

/** Options of {@linkcode concatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** Along which axis of the batch `[batch, ...]`; the last by default. */
  readonly axis?: number;
}

/**
 * Several inputs one after the other along an axis. Along the axis of steps their masks are put together, too.
 *
 * @param options The axis, -1 by default
 * @throws {RangeError} If it is the batch
 *
 * @example
 * ```ts
 * import { concatenate, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(concatenate().apply([input({ shape: [4] }), input({ shape: [2] })]).shape); // [6]
 * ```
 */
export const concatenate: LayerFactory<ConcatenateOptions, readonly Variable[]> = defineLayer(
  "concatenate",
  (options: ConcatenateOptions) => {
    const { axis } = readLayerOptions("concatenate", options, { axis: -1 });
    return (inputs: readonly Variable[]) => {
      checkSeveral("concatenate", inputs);
      const [along] = readFeatureAxes("concatenate", axis, inputs[0]?.rank ?? 0);
      const joined = concat([...inputs], { axis: along });
      if (along !== 1 || joined.rank < 3) return noteEither(inputs, joined);
      if (inputs.every((x) => maskOf(x) === undefined)) return joined;
      const masks = inputs.map((x) =>
        maskOf(x)?.cast(joined.dtype) ?? ones(x.shape.slice(0, 2), { dtype: joined.dtype })
      );
      return noteMask(joined, concat(masks, { axis: 1 }));
    };
  },
);

/** Options of {@linkcode dot}. */
export interface DotLayerOptions extends LayerOptions {
  /** Along which axes the products are summed: one of the first and one of the second input, or one for both. */
  readonly axes: number | readonly [first: number, second: number];
  /** Whether vectors along the axes are divided by their length before; false by default. */
  readonly normalize?: boolean;
}

/**
 * Sums of products of two inputs along an axis of each, example by example: of `[batch, n, a]` and `[batch, b, n]`,
 * along axes 1 and 2, `[batch, a, b]`.
 *
 * @param options The axes, and whether the result is the cosine of angles
 * @throws {RangeError} If an axis is the batch, or not there
 *
 * @example
 * ```ts
 * import { dot, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(dot({ axes: 1 }).apply([input({ shape: [4] }), input({ shape: [4] })]).shape); // [1]
 * ```
 */
export const dot: LayerFactory<DotLayerOptions, readonly Variable[]> = defineLayer(
  "dot",
  (options: DotLayerOptions) => {
    const read = readLayerOptions("dot", options, { axes: undefined, normalize: false });
    const axes = readIntegers("a dot layer", "axes", read.axes);
    if (axes.length > 2 || axes.length === 0 || axes.includes(0)) {
      throw cannotMake("dot", message`axes is ${axes}, use one or two axes that are not the batch`);
    }
    return (inputs: readonly Variable[]) => {
      checkSeveral("dot", inputs, 2);
      const [x, y] = inputs.map((each, i) => {
        const axis = readAxis("a dot layer", axes[i] ?? axes[0], each.rank);
        const rows = read.normalize ? normalizeL2(each, { axis, epsilon: 1e-6 }) : each;
        const others = each.shape.map((_, k) => k).filter((k) => k !== axis && k > 0);
        const [batch = 1, length = 0] = [each.shape[0], each.shape[axis]];
        const rest = others.map((k) => each.shape[k] ?? 1);
        const matrix = rows.transpose([0, ...others, axis])
          .reshape([batch, rest.reduce((a, b) => a * b, 1), length]);
        return { matrix, rest, length };
      });
      if (x === undefined || y === undefined || x.length !== y.length) {
        throw new TypeError(
          message`Cannot apply a dot layer along axes ${axes}: inputs of shapes ${
            inputs.map((each) => each.shape)
          } have
          other lengths there`,
        );
      }
      const product = x.matrix.matmul(y.matrix.transpose([0, 2, 1]));
      const shape = [...x.rest, ...y.rest];
      return product.reshape([product.shape[0] ?? 1, ...shape.length === 0 ? [1] : shape]);
    };
  },
);

function checkSeveral(kind: string, inputs: readonly Variable[], exactly?: number): void {
  if (
    Array.isArray(inputs) && (exactly === undefined ? inputs.length > 0 : inputs.length === exactly)
  ) return;
  throw new TypeError(
    message`Cannot apply ${article(kind)} ${kind} layer: its input is an array of ${
      exactly ?? "one or more"
    } Variables`,
  );
}
