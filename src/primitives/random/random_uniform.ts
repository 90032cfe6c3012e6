import { allocate, type DType } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { fillUniform, fillWords } from "../../array/random_bits.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { toArray } from "../../array/value.ts";
import type { Primitive } from "../primitive.ts";
import { axesOfKeys, wordsOf } from "./threefry.ts";

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
