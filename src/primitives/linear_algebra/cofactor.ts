import { message } from "../../_internal/message.ts";
import { cofactorArrays } from "../../array/linear_algebra/cofactor.ts";
import { sameShape } from "../../array/shape.ts";
import { everyBatched } from "../batching.ts";
import { checkSquare } from "./matrix_rules.ts";
import type { Primitive, RuleContext } from "../primitive.ts";
import { toArray } from "../../array/value.ts";

/**
 * The derivative of the cofactor matrix of the first operand in the directions of the others. The cofactors
 * are the gradient of the determinant, so this is a derivative of the determinant of order `k + 1` with one
 * slot left free: it is linear in each direction, and symmetric in all of them and the free slot. Hence each
 * rule is the operation itself with one more direction, or another one.
 */
export const cofactor: Primitive<"list"> = {
  arity: "list",
  shape: (shapes) => {
    const first = checkSquare("take the cofactors", shapes[0]!);
    if (shapes.every((shape) => sameShape(shape, first))) return first;
    throw new TypeError(message`Cannot take the cofactors: shapes ${shapes} must be equal`);
  },
  forward: ([a, ...v], _, shape, dtype) => cofactorArrays(toArray(a!), v.map(toArray), shape, dtype),
  vjp: [withDirection],
  jvp: [withDirection],
  batch: (c) => c.ops.cofactor(everyBatched(c)),
  samples: [
    { shapes: [[1, 1]] },
    { shapes: [[3, 3]] },
    { shapes: [[2, 4, 4]] },
    { shapes: [[3, 3], [3, 3]] },
    { shapes: [[4, 4], [4, 4], [4, 4]] },
  ],
};

function withDirection<T>({ ops, inputs }: RuleContext<T, undefined>, direction: T, k: number): T {
  return ops.cofactor([...inputs.filter((_, i) => i === 0 || i !== k), direction]);
}
