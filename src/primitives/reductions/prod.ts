import { prodArray } from "../../array/reductions.ts";
import { reducedShape, type Shape } from "../../array/shape.ts";
import { previousOf } from "./cumulative_rules.ts";
import { shiftAxis } from "../batching.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/** The attributes of {@linkcode prod}. */
interface Along {
  /** The axis, not negative. */
  readonly axis: number;
}

/** The product along an axis, which is dropped; its derivative does not divide, so zeros do no harm. */
export const prod: Primitive<1, Along> = {
  arity: 1,
  shape: ([shape], { axis }) => reducedShape(shape, [axis], false),
  forward: ([x], { axis }) => prodArray(toArray(x), axis),
  vjp: [(c, g) => c.ops.mul(c.ops.reshape(g, { shape: keptShape(c) }), productOfOthers(c))],
  jvp: [
    (c, dx) => c.ops.sum(c.ops.mul(dx, productOfOthers(c)), { axes: [c.attributes.axis], keepDims: false }),
  ],
  batch: shiftAxis,
  samples: [
    { shapes: [[4]], attributes: { axis: 0 } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
    { shapes: [[2, 1]], attributes: { axis: 1 } },
    { shapes: [[2, 0]], attributes: { axis: 1 } },
    { shapes: [[0, 2]], attributes: { axis: 1 } },
  ],
};

function keptShape<T>({ shapes, attributes: { axis } }: RuleContext<T, Along>): Shape {
  return reducedShape(shapes[0]!, [axis], true);
}

/** The product of all elements along the axis but the one: of those before it times those after it. */
function productOfOthers<T>({ ops, x, shapes: [shape], attributes: { axis } }: RuleContext<T, Along>): T {
  const [before, after] = [false, true].map((reverse) =>
    previousOf(ops, ops.cumProd(x, { axis, reverse }), shape!, { axis, reverse }, 1)
  );
  return ops.mul(before!, after!);
}
