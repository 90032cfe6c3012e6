import { type ElementwiseKernel, elementwiseKernel } from "../../array/elementwise/loops.ts";
import { inputExpression, scalarAlgebra } from "../../array/elementwise/expression.ts";
import { broadcastShapes } from "../../array/shape.ts";
import { alongLeadingAxes } from "../batching.ts";
import type { Primitive, Rule } from "../primitive.ts";

/** The numbers of operands an element-wise primitive can have. */
type Count = 1 | 2 | 3;

/** The formula for one element. */
export type Lower = NonNullable<Primitive<Count>["lower"]>;

/** What an element-wise primitive must state; the rest follows. */
type Definition<A extends Count> =
  & Pick<Primitive<A>, "arity" | "untyped" | "display">
  & Required<Pick<Primitive<A>, "lower">>
  & {
    /**
     * One rule for each operand. The Jacobian of an element-wise operation is diagonal and so its own
     * transpose: the same rule maps cotangents back and tangents forward.
     */
    readonly vjp: readonly (Rule<undefined> | null)[];
    /** The range each operand is drawn from in tests. */
    readonly domains?: readonly (readonly [low: number, high: number])[];
  };

const SHAPES = {
  1: [[[]], [[3]], [[2, 3]], [[0]], [[1, 1]]],
  2: [[[], []], [[2, 3], [2, 3]], [[2, 3], [3]], [[3], [2, 3]], [[2, 1], [1, 3]], [[], [2]], [[0, 2], [2]]],
  3: [[[], [], []], [[2, 3], [2, 3], [2, 3]], [[3], [2, 1], []], [[2, 3], [], [3]]],
} as const;

/** Completes the definition of a primitive that works element by element on operands that broadcast. */
export function elementwise<A extends Count>(definition: Definition<A>): Primitive<A> {
  const { arity, lower, vjp, domains } = definition;
  let kernel: ElementwiseKernel | undefined;
  return {
    ...definition,
    jvp: vjp,
    batch: alongLeadingAxes,
    shape: (shapes, _, operation) => broadcastShapes(operation, ...shapes),
    forward: (inputs, _, shape, dtype) => {
      kernel ??= elementwiseKernel(
        lower(scalarAlgebra, inputExpression(0), inputExpression(1), inputExpression(2)),
        arity,
      );
      return kernel(inputs, shape, dtype);
    },
    samples: SHAPES[arity].map((shapes) => domains === undefined ? { shapes } : { shapes, domains }),
  };
}
