import type { Variable } from "../variable/mod.ts";
import { grad } from "./grad.ts";
import { readDerivativeOptions } from "./core/options.ts";
import { jacobianForward, type JacobianOptions } from "./jacobian/jacobian.ts";
import type { Jacobian, Like } from "./core/types.ts";

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
