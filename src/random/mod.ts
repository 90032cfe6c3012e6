/**
 * Random numbers from keys: the same key gives the same numbers, on every machine.
 *
 * @module
 */
export { foldIn, type Key, key, normal, permutation, type RandomOptions, split, uniform } from "./random.ts";
