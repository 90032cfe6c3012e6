/** Numbers made of random bits. */
import { fillBits } from "../_internal/threefry.ts";
import type { FloatArray } from "./dtype.ts";

/** The words of as many counters as are drawn at a time: they stay in the cache. */
const words = new Uint32Array(2048);
/** How many counters that are. */
const CHUNK: number = words.length / 2;

/**
 * Fills an array with numbers from 0 up to but not including 1. In float64 element i has 53 of the 64 bits of
 * counter i; in float32 it has the upper 24 bits of word i, so that a counter serves two elements.
 */
export function fillUniform(key0: number, key1: number, out: FloatArray): void {
  if (out instanceof Float32Array) fillUniform32(key0, key1, out);
  else fillUniform64(key0, key1, out);
}

function fillUniform32(key0: number, key1: number, out: Float32Array): void {
  for (let first = 0; first < out.length; first += words.length) {
    const count = Math.min(words.length, out.length - first);
    draw(key0, key1, first / 2, (count + 1) >> 1);
    for (let k = 0; k < count; k++) out[first + k] = (words[k]! >>> 8) * (1 / 0x1000000);
  }
}

function fillUniform64(key0: number, key1: number, out: Float64Array): void {
  for (let first = 0; first < out.length; first += CHUNK) {
    const count = Math.min(CHUNK, out.length - first);
    draw(key0, key1, first, count);
    for (let i = 0; i < count; i++) {
      const bits = (words[2 * i]! >>> 5) * 0x4000000 + (words[2 * i + 1]! >>> 6);
      out[first + i] = bits * (1 / 0x20000000000000);
    }
  }
}

/**
 * Fills an array with the first words of all counters, then with their second words, each divided by 2^32 and
 * rounded to the array's dtype.
 */
export function fillWords(key0: number, key1: number, out: FloatArray): void {
  const half = out.length / 2;
  for (let first = 0; first < half; first += CHUNK) {
    const count = Math.min(CHUNK, half - first);
    draw(key0, key1, first, count);
    for (let i = 0; i < count; i++) {
      out[first + i] = words[2 * i]! * (1 / 0x100000000);
      out[half + first + i] = words[2 * i + 1]! * (1 / 0x100000000);
    }
  }
}

/** Draws the words of `count` counters from `first` on. */
function draw(key0: number, key1: number, first: number, count: number): void {
  fillBits(key0, key1, 0, first, count === CHUNK ? words : words.subarray(0, 2 * count));
}
