/** Random bits, and uniform numbers made of them. */
import { message } from "../_internal/message.ts";
import { threefry as drawWords } from "../_internal/threefry.ts";
import { allocate, type DType } from "../array/dtype.ts";
import { NdArray } from "../array/nd_array.ts";
import { fillUniform, fillWords } from "../array/random_bits.ts";
import { broadcastShapes, type Shape, sizeOf } from "../array/shape.ts";
import { broadcastArray } from "../array/strided_copy.ts";
import { toArray } from "../array/value.ts";
import { alignBatches } from "./batching.ts";
import type { Primitive } from "./primitive.ts";

/**
 * The random bits of counters under keys, by Threefry-2x32 with 20 rounds: two 32-bit words for two, held in
 * float64. Keys `[..., 2]` and counters `[..., 2]` broadcast. It has no derivative.
 * Source: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, 2011
 */
export const threefry: Primitive<2> = {
  arity: 2,
  shape: ([key, counters]) => {
    if (key!.at(-1) === 2 && counters!.at(-1) === 2) return broadcastShapes("threefry", key!, counters!);
    throw new TypeError(
      message`Cannot draw bits of keys ${key!} and counters ${counters!}: the last axis of both has length 2`,
    );
  },
  forward: ([keys, counters], _, shape) => {
    const [key, counter] = [keys, counters].map((x) => broadcastArray(toArray(x!), shape).data);
    const out = new Float64Array(sizeOf(shape));
    for (let i = 0; i < out.length; i += 2) {
      out.set(drawWords(key![i]!, key![i + 1]!, counter![i]!, counter![i + 1]!), i);
    }
    return new NdArray(out, shape);
  },
  vjp: [null, null],
  jvp: [null, null],
  untyped: [0, 1],
  dtype: () => "float64",
  batch: (context) => {
    const [key, counters] = alignBatches(context);
    return context.ops.threefry(key!, counters!);
  },
  samples: [
    { shapes: [[2], [2]], ...wordsOf(2) },
    { shapes: [[2], [3, 2]], ...wordsOf(2) },
    { shapes: [[3, 2], [2]], ...wordsOf(2) },
    { shapes: [[2, 3, 2], [3, 2]], ...wordsOf(2) },
  ],
};

/** Words as far as float32 holds them exactly, for each operand. */
function wordsOf(
  operands: number,
): { integers: number[]; domains: (readonly [number, number])[] } {
  const all = Array.from({ length: operands }, (_, k) => k);
  return { integers: all, domains: all.map(() => [0, 2 ** 24]) };
}

/** The leading axes of keys `[..., 2]`. */
function axesOfKeys(operation: string, key: Shape): Shape {
  if (key.at(-1) === 2) return key.slice(0, -1);
  throw new TypeError(message`Cannot apply ${operation}: a key has shape [2], found ${key}`);
}

/** The attributes of {@linkcode randomUniform}. */
export interface DrawAttributes {
  /** The shape of what is drawn under one key. */
  readonly shape: Shape;
  /** Its element type. */
  readonly dtype: DType;
  /**
   * `"unit"` for numbers from 0 up to but not including 1; `"words"` for the two words of each counter, divided by
   * 2^32, along a first axis of length 2.
   */
  readonly form: "unit" | "words";
}

/**
 * Random numbers under keys `[..., 2]`: counter i of the key for element i, two elements of float32 for one counter.
 * It has no derivative.
 */
export const randomUniform: Primitive<1, DrawAttributes> = {
  arity: 1,
  shape: ([key], { shape, form }) => [
    ...axesOfKeys("randomUniform", key!),
    ...(form === "words" ? [2] : []),
    ...shape,
  ],
  forward: ([key], { dtype, form }, shape) => {
    const keys = toArray(key!).data;
    const data = allocate(dtype, sizeOf(shape));
    const size = data.length / (keys.length / 2);
    const fill = form === "words" ? fillWords : fillUniform;
    for (let k = 0; 2 * k < keys.length; k++) {
      fill(keys[2 * k]!, keys[2 * k + 1]!, data.subarray(k * size, (k + 1) * size));
    }
    return new NdArray(data, shape);
  },
  vjp: [null],
  jvp: [null],
  untyped: [0],
  dtype: ({ dtype }) => dtype,
  // A batch of keys is what it takes anyway.
  batch: ({ ops, inputs: [key], attributes }) => ops.randomUniform(key!, attributes),
  samples: [
    { shapes: [[2]], attributes: { shape: [5], dtype: "float64", form: "unit" }, ...wordsOf(1) },
    { shapes: [[2]], attributes: { shape: [], dtype: "float64", form: "unit" }, ...wordsOf(1) },
    { shapes: [[3, 2]], attributes: { shape: [2, 7], dtype: "float32", form: "unit" }, ...wordsOf(1) },
    { shapes: [[2]], attributes: { shape: [51], dtype: "float32", form: "unit" }, ...wordsOf(1) },
    { shapes: [[2]], attributes: { shape: [29], dtype: "float64", form: "words" }, ...wordsOf(1) },
    { shapes: [[2, 2]], attributes: { shape: [27], dtype: "float32", form: "words" }, ...wordsOf(1) },
    { shapes: [[2]], attributes: { shape: [0, 3], dtype: "float64", form: "unit" }, ...wordsOf(1) },
  ],
};
