import { cumProdArray } from "../../array/reductions.ts";
import { type Direction, DIRECTION_SAMPLES, opposite, previousOf } from "./cumulative_rules.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/**
 * Products up to each element along an axis. The derivative of `y[i]` by `x[j]` is the product before j times
 * the product between j and i; recurrences add these up without dividing, so zeros do no harm.
 */
export const cumProd: Primitive<1, Direction> = {
  arity: 1,
  shape: ([shape]) => shape,
  forward: ([x], { axis, reverse }) => cumProdArray(toArray(x), axis, reverse),
  vjp: [
    (c, g) => {
      const { ops, x, attributes, shape } = c;
      const back = opposite(attributes);
      return ops.mul(productBefore(c), ops.linearRecurrence(previousOf(ops, x, shape, back, 0), g, back));
    },
  ],
  jvp: [
    (c, dx) => c.ops.linearRecurrence(c.x, c.ops.mul(dx, productBefore(c)), c.attributes),
  ],
  batch: shiftAxis,
  samples: DIRECTION_SAMPLES,
};

function productBefore<T>({ ops, output, shape, attributes }: RuleContext<T, Direction>): T {
  return previousOf(ops, output, shape, attributes, 1);
}
