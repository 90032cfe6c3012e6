import { elementwise } from "./define.ts";
import type { Primitive } from "../primitive.ts";

/** Binary cross-entropy of a logit and a label, `max(z, 0) - z*y + log(1 + exp(-|z|))`: finite for any logit. */
export const sigmoidCrossEntropy: Primitive<2> = elementwise({
  name: "sigmoidCrossEntropy",
  arity: 2,
  lower: (s, z, y) => s.add(s.sub(s.max(z, 0), s.mul(z, y)), s.log1p(s.exp(s.neg(s.abs(z))))),
  vjp: [
    ({ ops, x, y }, g) => ops.mul(g, ops.sub(ops.sigmoid(x), y)),
    ({ ops, x }, g) => ops.neg(ops.mul(g, x)),
  ],
  domains: [[-2, 2], [0, 1]],
});
