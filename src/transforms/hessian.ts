/** Second derivatives, and their products with vectors. */
import { checkOptions } from "../_internal/readers/mod.ts";
import { numbersToConstants, readArguments, readDerivativeOptions } from "./core/arguments.ts";
import { formLike } from "./core/differentiate.ts";
import { splitAux } from "./core/trace_function.ts";
import type { Gradient, Jacobian, Like, Lowered } from "./core/types.ts";
import { jvp } from "./directional.ts";
import { grad } from "./grad.ts";
import { jacobianForward, type JacobianOptions } from "./jacobian/jacobian.ts";
import { flattenTree, type Variable } from "../variable/mod.ts";

/** The Hessian by chosen arguments. */
export type HessianBy<P extends readonly unknown[], N> = N extends number ? Jacobian<P[N], P[N]>
  : N extends readonly number[] ? Jacobian<
      { -readonly [K in keyof N]: P[N[K] & keyof P] },
      { -readonly [K in keyof N]: P[N[K] & keyof P] }
    >
  : Jacobian<P[0], P[0]>;

/** A function of the arguments that gives a Hessian, and what the function returned beside. */
export type HessianFunction<P extends readonly unknown[], H extends boolean, X, N> = (
  ...args: { readonly [K in keyof P]: P[K] | Like<P[K]> }
) => H extends true ? [hessian: HessianBy<P, N>, aux: X] : HessianBy<P, N>;

/**
 * The second derivatives of a function: forwards over reverse, `jacobianForward(grad(f))`. For each leaf of the
 * input the result has a tree like the input; each leaf of that is a Variable of shape
 * `[...shape of the one, ...shape of the other]`.
 *
 * @param f Returns a rank-0 Variable; with `hasAux` a pair of it and anything else. It must not be async
 * @param options `argnums`: which arguments to differentiate by, 0 by default; `hasAux`: the result is
 *   `[hessian, aux]`
 * @throws {TypeError} When called: if f is async, or returns anything but a rank-0 Variable
 * @throws {RangeError} When called: if there is no such argument
 *
 * @example
 * ```ts
 * import { hessian, type Variable } from "@tapegrad/tapegrad";
 *
 * const f = (x: Variable) => x.square().sum().square();
 * console.log(hessian(f)([1, 2]).value); // [[28, 16], [16, 52]]
 * ```
 */
export function hessian<P extends readonly unknown[], const N extends number | readonly number[] = 0>(
  f: (...args: P) => Variable | number,
  options?: { readonly argnums?: N; readonly hasAux?: false },
): HessianFunction<P, false, never, N>;
/** The Hessian and what the function returns beside. */
export function hessian<P extends readonly unknown[], X, const N extends number | readonly number[] = 0>(
  f: (...args: P) => readonly [Variable | number, X],
  options: { readonly argnums?: N; readonly hasAux: true },
): HessianFunction<P, true, X, N>;
export function hessian(f: (...args: never[]) => unknown, options?: JacobianOptions<boolean>): unknown {
  readDerivativeOptions("hessian", f, options);
  return jacobianForward(grad(f as () => Variable, options as { argnums: 0 }), options as { argnums: 0 });
}

/** The product of a Hessian and a vector. */
export interface HvpFunction<P, R extends unknown[], H extends boolean = false, X = never> {
  /** Numbers and arrays in. */
  <B extends Lowered<P>>(x: B, v: Lowered<P>, ...rest: R): H extends true ? [Gradient<B>, X] : Gradient<B>;
  /** Variables in, so that it nests. */
  (x: P, v: P | Lowered<P>, ...rest: R): H extends true ? [P, X] : P;
}

/**
 * The product of a function's Hessian and a vector, without the Hessian: how fast the gradient at x changes along
 * v. One walk backwards and one forwards, whatever the number of inputs.
 *
 * @param f Returns a rank-0 Variable; with `hasAux` a pair of it and anything else. It must not be async
 * @param options `hasAux`: f returns `[value, aux]` and the result is `[product, aux]`
 * @returns A function of x, of v with the structure and shapes of x, and of the further arguments of f; the
 *   product has the form of x
 * @throws {TypeError} When called: if f is async or returns anything but a rank-0 Variable, or v does not fit
 *
 * @example
 * ```ts
 * import { hvp, type Variable } from "@tapegrad/tapegrad";
 *
 * const f = (x: Variable) => x.pow(3).sum();
 * console.log(hvp(f)([1, 2], [1, 0])); // [6, 0]
 * ```
 */
export function hvp<P, R extends unknown[]>(
  f: (x: P, ...rest: R) => Variable | number,
  options?: { readonly hasAux?: false },
): HvpFunction<P, R>;
/** The product and what the function returns beside. */
export function hvp<P, R extends unknown[], X>(
  f: (x: P, ...rest: R) => readonly [Variable | number, X],
  options: { readonly hasAux: true },
): HvpFunction<P, R, true, X>;
export function hvp(
  f: (...args: never[]) => unknown,
  options?: { readonly hasAux?: boolean },
): unknown {
  checkOptions("hvp", options, ["hasAux"]);
  const { hasAux } = readDerivativeOptions("hvp", f, options);
  return function hessianVectorProduct(x: unknown, v: unknown, ...rest: unknown[]): unknown {
    const read = readArguments("hvp", [numbersToConstants(x)], [0], [x]);
    let aux: unknown;
    const withRest = (y: unknown): unknown => {
      const [value, beside] = splitAux("hvp", f(...[y, ...rest] as never[]), hasAux);
      aux = beside;
      return value;
    };
    const [tree] = read.full(read.variables);
    const slope = grad(withRest as (y: unknown) => Variable);
    const [, moved, auxOut] = jvp(((y: unknown) => [slope(y as never), aux]) as never, { hasAux: true })(
      [tree] as never,
      [v] as never,
    ) as [unknown, unknown, unknown];
    const [product] = formLike("hvp", flattenTree(moved as Variable), read);
    return hasAux ? [product, auxOut] : product;
  };
}
