/**
 * Random numbers from keys: the same key gives the same numbers, on every machine, in any number of threads.
 *
 * @module
 */
export {
  bernoulli,
  type BernoulliOptions,
  permutation,
  randint,
  type RandintOptions,
  shuffle,
} from "./discrete.ts";
export { normal, type NormalOptions, truncatedNormal, uniform, type UniformOptions } from "./continuous.ts";
export type { RandomOptions } from "./draw.ts";
export { dropout } from "./dropout.ts";
export { foldIn, type Key, key, split } from "./keys.ts";
