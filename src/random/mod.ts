/**
 * Random numbers from keys: the same key gives the same numbers, on every machine.
 *
 * @module
 */
export { bernoulli, randint, shuffle } from "./discrete.ts";
export { dropout } from "./dropout.ts";
export {
  foldIn,
  type Key,
  key,
  normal,
  permutation,
  type RandomOptions,
  split,
  truncatedNormal,
  uniform,
} from "./random.ts";
