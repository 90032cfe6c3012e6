import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import type { NdArray } from "../../array/nd_array.ts";
import { tape } from "../../tape/mod.ts";
import { hvp, jacobianForward, valueAndGrad } from "../../transforms/mod.ts";
import { constant, noGrad, Variable } from "../../variable/mod.ts";
import { join, type Unknowns } from "./unknowns.ts";

/** The value of a function at a point, and its gradient there. */
export interface Evaluation {
  /** The value. */
  readonly value: number;
  /** The gradient. */
  readonly gradient: Float64Array;
}

/** A function that returns a Variable, of the tree that the user starts from. */
export type UserFunction = (x: never) => unknown;

type OfLeaves = (leaves: Variable[]) => Variable;

/** A user's function as one of the leaves of its tree. */
function ofLeaves(f: UserFunction, unknowns: Unknowns): OfLeaves {
  return (leaves) => f(unknowns.regroup(leaves) as never) as Variable;
}

/**
 * Checks that a search would not cut derivatives that an enclosing `grad` wants.
 *
 * @param name The function the user called, for messages
 * @throws {TypeError} If the function depends on what is being differentiated by
 */
export function refuseNesting(name: string, f: UserFunction, unknowns: Unknowns): void {
  if (tape.depth === 0) return;
  const result = ofLeaves(f, unknowns)(constants(unknowns, unknowns.start)) as unknown;
  if (result instanceof Variable && result.row >= 0) {
    throw new TypeError(
      message`Cannot differentiate through ${name}(): its function depends on a Variable
      that an enclosing grad() differentiates by; pass stopGradient() of it`,
    );
  }
}

/** The leaves of a point as Variables that nothing is differentiated by. */
function constants(unknowns: Unknowns, x: Float64Array): Variable[] {
  return unknowns.split(x).map((array) => constant(array));
}

/** The value and gradient of a function at a point. */
export function evaluate(f: UserFunction, unknowns: Unknowns, x: Float64Array): Evaluation {
  const [value, gradient] = valueAndGrad(ofLeaves(f, unknowns))(unknowns.split(x));
  return { value, gradient: join(gradient as NdArray[]) };
}

/** The product of the Hessian of a function at a point and a vector. */
export function hessianProduct(
  f: UserFunction,
  unknowns: Unknowns,
  x: Float64Array,
  v: Float64Array,
): Float64Array {
  return join(hvp(ofLeaves(f, unknowns))(unknowns.split(x), unknowns.split(v)) as NdArray[]);
}

/**
 * The residuals at a point.
 *
 * @throws {TypeError} If the function returns anything but a Variable of rank 1
 */
export function evaluateResiduals(f: UserFunction, unknowns: Unknowns, x: Float64Array): Float64Array {
  const residuals = noGrad(() => ofLeaves(f, unknowns)(constants(unknowns, x))) as unknown;
  if (!(residuals instanceof Variable)) {
    throw new TypeError(
      message`Cannot fit by least squares: residuals must return a Variable of rank 1, it
      returned
      ${residuals instanceof Promise ? "a Promise; await the data first" : describeValue(residuals)}`,
    );
  }
  if (residuals.rank !== 1) {
    throw new TypeError(
      message`Cannot fit by least squares: residuals must have one axis, they have shape
      ${residuals.shape};
      ${residuals.rank === 0 ? "return them one by one, not summed" : "use reshape([-1])"}`,
    );
  }
  return Float64Array.from(residuals.toArray().data);
}

/** The columns of the Jacobian of the residuals at a point: by walks forwards, for there are fewer parameters. */
export function jacobianColumns(f: UserFunction, unknowns: Unknowns, x: Float64Array): Float64Array[] {
  return jacobianForward(ofLeaves(f, unknowns))(unknowns.split(x)).flatMap((block) => {
    const rows = block.toArray().data;
    const [m, n] = [block.shape[0]!, block.size / block.shape[0]!];
    return Array.from({ length: n }, (_, j) => Float64Array.from({ length: m }, (_, i) => rows[i * n + j]!));
  });
}
