import { elementwise, type Lower } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** The largest integer up to a number; the derivative is zero everywhere. */
export const floor: Primitive<1> = step((s, x) => s.floor(x));

/** The smallest integer from a number on; the derivative is zero everywhere. */
export const ceil: Primitive<1> = step((s, x) => s.ceil(x));

/** The integer part; the derivative is zero everywhere. */
export const trunc: Primitive<1> = step((s, x) => s.trunc(x));

/** The nearest integer, a half to the even one; the derivative is zero everywhere. */
export const round: Primitive<1> = step((s, x) => s.round(x));

/** Remainder with the sign of the divisor. The derivative by the divisor is -floor(x / y). */
export const mod: Primitive<2> = elementwise({
  arity: 2,
  lower: (s, x, y) => s.mod(x, y),
  vjp: [
    (_, g) => g,
    ({ ops, x, y, output }, g) => ops.neg(ops.mul(g, ops.round(ops.div(ops.sub(x, output), y)))),
  ],
  domains: [[1.1, 1.9], [0.6, 0.9]],
});

/** x kept between bounds; the upper one wins where they cross. x itself has the derivative at a bound. */
export const clip: Primitive<3> = elementwise({
  arity: 3,
  lower: (s, x, low, high) => s.min(s.max(x, low), high),
  vjp: [
    ({ ops, inputs: [x, low, high] }, g) => ops.mul(g, ops.mul(ops.ge(x!, low!), ops.le(x!, high!))),
    ({ ops, inputs: [x, low, high] }, g) => ops.mul(g, ops.mul(ops.lt(x!, low!), ops.le(low!, high!))),
    ({ ops, inputs: [x, low, high] }, g) => ops.mul(g, ops.gt(ops.maximum(x!, low!), high!)),
  ],
});

/** A function that is constant between its jumps. */
function step(lower: Lower): Primitive<1> {
  return elementwise({ arity: 1, lower, vjp: [null], domains: [[0.6, 0.9]] });
}
