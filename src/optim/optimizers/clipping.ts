import type { Variable } from "../../variable/mod.ts";
import { checkPositive, type OptimizerOptions } from "./options.ts";
import { mapWeights, type Parameters, readWeights, replaceWeights, type Weights } from "./weights.ts";
import { root } from "./root.ts";

/**
 * Brings each element of gradients into `-limit` to `limit`.
 *
 * @param gradients Variables, numbers or arrays, in arrays and objects
 * @param limit Above 0
 * @returns The same structure, shapes and dtypes
 * @throws {TypeError} If the gradients are not made of numbers
 * @throws {RangeError} If the limit is not above 0 and finite
 *
 * @example
 * ```ts
 * import { clipByValue } from "@tapegrad/tapegrad/optim";
 *
 * console.log(clipByValue({ w: [3, -0.5] }, 1)); // { w: [1, -0.5] }
 * ```
 */
export function clipByValue<P extends Parameters>(gradients: P, limit: number): P {
  return clip("clipByValue", gradients, { clipValue: checkPositive("clipByValue", "limit", limit) });
}

/**
 * Shortens each gradient to a Euclidean norm where it is longer.
 *
 * @param gradients Variables, numbers or arrays, in arrays and objects
 * @param limit The largest norm of each, above 0
 * @returns The same structure, shapes and dtypes
 * @throws {TypeError} If the gradients are not made of numbers
 * @throws {RangeError} If the limit is not above 0 and finite
 *
 * @example
 * ```ts
 * import { clipByNorm } from "@tapegrad/tapegrad/optim";
 *
 * console.log(clipByNorm({ w: [30, 40], b: 0.5 }, 5)); // { w: [3, 4], b: 0.5 }
 * ```
 */
export function clipByNorm<P extends Parameters>(gradients: P, limit: number): P {
  return clip("clipByNorm", gradients, { clipNorm: checkPositive("clipByNorm", "limit", limit) });
}

/**
 * Shortens gradients by one factor where their Euclidean norm together is larger than a limit.
 * Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013
 *
 * @param gradients Variables, numbers or arrays, in arrays and objects
 * @param limit The largest norm of all together, above 0
 * @returns The same structure, shapes and dtypes
 * @throws {TypeError} If the gradients are not made of numbers
 * @throws {RangeError} If the limit is not above 0 and finite
 *
 * @example
 * ```ts
 * import { clipByGlobalNorm } from "@tapegrad/tapegrad/optim";
 *
 * console.log(clipByGlobalNorm({ w: [30], b: 40 }, 5)); // { w: [3], b: 4 }
 * ```
 */
export function clipByGlobalNorm<P extends Parameters>(gradients: P, limit: number): P {
  return clip("clipByGlobalNorm", gradients, {
    globalClipNorm: checkPositive("clipByGlobalNorm", "limit", limit),
  });
}

function clip<P extends Parameters>(name: string, tree: P, options: OptimizerOptions): P {
  const leaves = readWeights(`apply ${name}`, tree);
  const weights = Object.fromEntries([...leaves].map(([path, { variable }]) => [path, variable]));
  const clipped = clipWeights(weights, options);
  return replaceWeights(tree, leaves, (path) => clipped[path]!);
}

/** Clips gradients as the options of an optimizer say. */
export function clipWeights(gradients: Weights, options: OptimizerOptions): Weights {
  const { clipValue, clipNorm, globalClipNorm } = options;
  if (clipValue !== undefined) return mapWeights(gradients, (g) => g.clip(-clipValue, clipValue));
  if (clipNorm !== undefined) {
    return mapWeights(gradients, (g) => shorten(g, factorFor(squares([g]), clipNorm)));
  }
  if (globalClipNorm === undefined || Object.keys(gradients).length === 0) return gradients;
  const factor = factorFor(squares(Object.values(gradients)), globalClipNorm);
  return mapWeights(gradients, (g) => shorten(g, factor));
}

/** The sum of the squares, in float64: those of float32 may be too large for float32. */
function squares(gradients: readonly Variable[]): Variable {
  return gradients.map((g) => g.cast("float64").square().sum()).reduce((sum, next) => sum.add(next));
}

/** What brings a norm down to a limit: 1 below it. A NaN goes through. */
function factorFor(squares: Variable, limit: number): Variable {
  const norm = root(squares);
  const isLonger = norm.gt(limit);
  return isLonger.where(isLonger.where(norm, 1).reciprocal().mul(limit), 1);
}

function shorten(gradient: Variable, factor: Variable): Variable {
  return gradient.mul(factor.cast(gradient.dtype));
}
