/** Numbers made of random bits. */
import { fillBits } from "../_internal/threefry.ts";
import type { FloatArray } from "./dtype.ts";

/** How many counters are drawn at a time; their words stay in the cache. */
const CHUNK = 2048;

/**
 * Fills an array with numbers from 0 up to but not including 1. In float64 element i has 53 of the 64 bits of
 * counter i; in float32 it has the upper 24 bits of word i, so that a counter serves two elements.
 */
export function fillUniform(key0: number, key1: number, out: FloatArray): void {
  if (out instanceof Float32Array) return fillUniform32(key0, key1, out);
  drawChunks(key0, key1, out.length, (bits, start, end) => {
    for (let i = start, k = 0; i < end; i++, k += 2) {
      out[i] = ((bits[k]! >>> 5) * 0x4000000 + (bits[k + 1]! >>> 6)) / 0x20000000000000;
    }
  });
}

function fillUniform32(key0: number, key1: number, out: Float32Array): void {
  drawChunks(key0, key1, (out.length + 1) >> 1, (bits, start) => {
    const first = 2 * start;
    const count = Math.min(bits.length, out.length - first);
    for (let k = 0; k < count; k++) out[first + k] = (bits[k]! >>> 8) * (1 / 0x1000000);
  });
}

/**
 * Fills an array with the first words of all counters, then with their second words, each divided by 2^32 and
 * rounded to the array's dtype.
 */
export function fillWords(key0: number, key1: number, out: FloatArray): void {
  const count = out.length >> 1;
  drawChunks(key0, key1, count, (bits, start, end) => {
    for (let i = start, k = 0; i < end; i++, k += 2) {
      // In float32, rounding a word before the exact division is what vectors do as well.
      out[i] = bits[k]! / 0x100000000;
      out[count + i] = bits[k + 1]! / 0x100000000;
    }
  });
}

/** Draws the two words of counters 0 to `count`, a chunk at a time. */
function drawChunks(
  key0: number,
  key1: number,
  count: number,
  use: (bits: Uint32Array, start: number, end: number) => void,
): void {
  const bits = new Uint32Array(2 * Math.min(CHUNK, count));
  for (let start = 0; start < count; start += CHUNK) {
    fillBits(key0, key1, 0, start, bits);
    use(bits, start, Math.min(start + CHUNK, count));
  }
}
