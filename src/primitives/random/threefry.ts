import { message } from "../../_internal/message.ts";
import { threefry as drawWords } from "../../_internal/threefry.ts";
import { NdArray } from "../../array/nd_array.ts";
import { broadcastShapes, type Shape, sizeOf } from "../../array/shape.ts";
import { broadcastArray } from "../../array/strided_copy.ts";
import { toArray } from "../../array/value.ts";
import { alignBatches } from "../batching.ts";
import type { Primitive } from "../primitive.ts";

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
export function wordsOf(
  operands: number,
): { integers: number[]; domains: (readonly [number, number])[] } {
  const all = Array.from({ length: operands }, (_, k) => k);
  return { integers: all, domains: all.map(() => [0, 2 ** 24]) };
}

/** The leading axes of keys `[..., 2]`. */
export function axesOfKeys(operation: string, key: Shape): Shape {
  if (key.at(-1) === 2) return key.slice(0, -1);
  throw new TypeError(message`Cannot apply ${operation}: a key has shape [2], found ${key}`);
}
