import type { FloatArray } from "../../array/dtype.ts";
import { LateArray } from "../../array/deferred_array.ts";
import type { NdArray } from "../../array/nd_array.ts";

/** Rows shorter than this are copied by a loop, which then is faster than `set`. */
const SHORT_ROW = 32;

/** Rows that are asked for together: their way from the memory to the processor overlaps, which takes half off. */
const TOGETHER = 8;

/** Numbers of a cache line of 64 bytes, in float32. */
const LINE = 16;

/** Some rows of an array, gathered when and where they are wanted. */
export class GatheredRows extends LateArray {
  readonly #from: NdArray;
  readonly #rows: Uint32Array;

  /**
   * @param from The array, `[rows, ...]`
   * @param rows Which rows; the list must stay as it is
   */
  constructor(from: NdArray, rows: Uint32Array) {
    super([rows.length, ...from.shape.slice(1)], from.dtype);
    this.#from = from;
    this.#rows = rows;
  }

  override writeTo(target: FloatArray, at: number): void {
    const rows = this.#rows;
    const source = this.#from.data;
    const width = this.size / (rows.length || 1);
    if (width < SHORT_ROW) {
      for (let i = 0; i < rows.length; i++) {
        for (let c = 0, start = rows[i]! * width; c < width; c++) target[at++] = source[start++]!;
      }
      return;
    }
    for (let i = 0; i < rows.length; i++) {
      if (i % TOGETHER === 0 && i + TOGETHER <= rows.length) touch(source, rows, i, width);
      target.set(source.subarray(rows[i]! * width, (rows[i]! + 1) * width), at + i * width);
    }
  }
}

/** Reads a number of each cache line of eight rows. */
function touch(source: ArrayLike<number>, rows: Uint32Array, at: number, width: number): void {
  const [a, b, c, d] = [rows[at]!, rows[at + 1]!, rows[at + 2]!, rows[at + 3]!];
  const [e, f, g, h] = [rows[at + 4]!, rows[at + 5]!, rows[at + 6]!, rows[at + 7]!];
  const [a0, b0, c0, d0] = [a * width, b * width, c * width, d * width];
  const [e0, f0, g0, h0] = [e * width, f * width, g * width, h * width];
  let sum = 0;
  for (let k = 0; k < width; k += LINE) {
    sum += source[a0 + k]! + source[b0 + k]! + source[c0 + k]! + source[d0 + k]! +
      source[e0 + k]! + source[f0 + k]! + source[g0 + k]! + source[h0 + k]!;
  }
  // A loop whose result nobody can see may be left out.
  _seen = sum;
}

/** What {@linkcode touch} read last. */
let _seen = 0;
