import { checkRange, type ElementRange } from "../../array/range.ts";
import { toArray } from "../../array/value.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive } from "../primitive.ts";

/** The operand itself, checked each time that it is computed: also in later calls of a compiled function. */
export const checked: Primitive<1, ElementRange> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], range) => {
    checkRange(toArray(x).data, range);
    return x;
  },
  vjp: [(_, g) => g],
  jvp: [(_, t) => t],
  batch: alongLeadingAxes,
  samples: [
    {
      shapes: [[2, 3]],
      attributes: { operation: "a test", what: "number", min: -1e9, max: 1e9, isInteger: false },
    },
  ],
};
