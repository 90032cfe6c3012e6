import { triangleArray } from "../../array/linear_algebra/triangular.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The attributes of {@linkcode triangle}. */
interface TrianglePart {
  /** Whether the upper part is kept, not the lower. */
  readonly upper: boolean;
  /** The last diagonal that is kept: 0 the main one, 1 the next above it, -1 the next below it. */
  readonly diagonal: number;
}

/** Matrices with zeros above a diagonal (or below it). */
export const triangle: Primitive<1, TrianglePart> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { upper, diagonal }) => triangleArray(toArray(x), upper, diagonal),
  vjp: [({ ops, attributes }, g) => ops.triangle(g, attributes)],
  linear: true,
  batch: alongLeadingAxes,
  samples: [
    { shapes: [[3, 3]], attributes: { upper: false, diagonal: 0 } },
    { shapes: [[2, 3, 4]], attributes: { upper: true, diagonal: 1 } },
    { shapes: [[4, 2]], attributes: { upper: false, diagonal: -2 } },
    { shapes: [[0, 2]], attributes: { upper: true, diagonal: 5 } },
  ],
};
