import type { Variable } from "../variable/mod.ts";
import {
  type DerivativeOptions,
  numbersToConstants,
  readArgnums,
  readDerivativeOptions,
} from "./core/arguments.ts";
import { differentiate } from "./core/differentiate.ts";
import type { GradFunction, Gradient, Lowered, TakesNumbers, ValueAndGradFunction } from "./core/types.ts";

/** Options of {@linkcode grad} and {@linkcode valueAndGrad} for one argument. */
export interface GradOptions {
  /** Which argument to differentiate by, 0 by default, or a list of them. */
  readonly argnums?: number | readonly number[];
  /** Whether the function returns `[value, aux]`, with anything as `aux`; false by default. */
  readonly hasAux?: boolean;
}

/** Arguments of which some may be numbers and arrays. */
export type LoweredArguments<A extends readonly unknown[]> = {
  readonly [K in keyof A]: A[K] | Lowered<A[K]>;
};

/** One gradient for each chosen argument. */
export type Gradients<A extends readonly unknown[], N> = N extends number ? Gradient<A[N]>
  : N extends readonly number[] ? { -readonly [K in keyof N]: Gradient<A[N[K] & keyof A]> }
  : never;

/**
 * The gradient of a function: `grad(f)(x)` has the structure of x and says how fast `f(x)` changes with each
 * number in it.
 *
 * Inputs are Variables, numbers, nested or typed arrays, or trees (arrays and objects) of them; an array of
 * nothing but numbers is one vector or matrix. A number in gives a number out, and so on. Unused inputs give
 * zeros. Gradients nest: `grad(grad(f))(x)` is the second derivative.
 *
 * The gradient is by the arguments only: the `grad` of a trainable Variable that f reads from outside is not filled. To
 * have the derivative by it, pass it as an argument, as in the second example, or call `f(x).backward()`.
 *
 * @param f Returns a rank-0 Variable; with `hasAux` a pair of it and anything else. It must not be async
 * @param options `argnums`: which arguments to differentiate by (numbers and arrays in the others then become
 *   constants; without it they are passed on as they are); `hasAux`: returns `[gradient, aux]`
 * @throws {TypeError} When called: if f is async, or returns anything but a rank-0 Variable
 * @throws {RangeError} When called: if there is no such argument
 *
 * @example
 * ```ts
 * import { grad, type Variable } from "@tapegrad/tapegrad";
 *
 * const f = (x: Variable) => x.pow(3);
 * console.log(grad(f)(2)); // 12
 * console.log(grad(grad(f))(2)); // 12
 * ```
 *
 * @example A parameter from outside
 * ```ts
 * import { grad, type Variable, variable } from "@tapegrad/tapegrad";
 *
 * const w = variable(3);
 * const f = (x: Variable, w: Variable) => x.square().mul(w);
 * console.log(grad((x: Variable) => f(x, w))(2), w.grad); // 12 null
 * console.log(grad(f, { argnums: [0, 1] })(2, 3)); // [12, 4]: by x, by w
 * ```
 */
export function grad<P, R extends unknown[]>(f: (x: P, ...rest: R) => Variable | number): GradFunction<P, R>;
/** The gradient by chosen arguments. */
export function grad<
  F extends (...args: never[]) => Variable | number,
  const N extends number | readonly number[] = 0,
>(
  f: F,
  options: { readonly argnums?: N; readonly hasAux?: false },
): TakesNumbers & (<A extends LoweredArguments<Parameters<F>>>(...args: A) => Gradients<A, N>);
/** The gradient and what the function returns beside its value. */
export function grad<
  X,
  F extends (...args: never[]) => readonly [Variable | number, X],
  const N extends number | readonly number[] = 0,
>(
  f: F & ((...args: never[]) => readonly [Variable | number, X]),
  options: { readonly argnums?: N; readonly hasAux: true },
):
  & TakesNumbers
  & (<A extends LoweredArguments<Parameters<F>>>(
    ...args: A
  ) => [gradient: Gradients<A, N>, aux: ReturnType<F>[1]]);
export function grad(f: (...args: never[]) => unknown, options?: GradOptions): unknown {
  const read = readDerivativeOptions("grad", f, options);
  return function gradient(...args: unknown[]): unknown {
    const { gradient, aux } = run("grad", f, read, args);
    return read.hasAux ? [gradient, aux] : gradient;
  };
}

/**
 * The value and the gradient of a function, from one run: `valueAndGrad(f)(x)` is `[f(x), grad(f)(x)]`.
 *
 * @param f Returns a rank-0 Variable; with `hasAux` a pair of it and anything else. It must not be async
 * @param options `argnums` and `hasAux` as for {@linkcode grad}; with `hasAux` the result is
 *   `[[value, aux], gradient]`
 * @throws {TypeError} When called: if f is async, or returns anything but a rank-0 Variable
 * @throws {RangeError} When called: if there is no such argument
 *
 * @example
 * ```ts
 * import { type Variable, valueAndGrad } from "@tapegrad/tapegrad";
 *
 * const loss = ({ w, b }: { w: Variable; b: Variable }) => w.mul([1, 2]).sum().add(b).square();
 * console.log(valueAndGrad(loss)({ w: [3, 4], b: 1 })); // [144, { w: [24, 48], b: 24 }]
 * ```
 */
export function valueAndGrad<P, R extends unknown[]>(
  f: (x: P, ...rest: R) => Variable | number,
): ValueAndGradFunction<P, R>;
/** The value, and the gradient by chosen arguments. */
export function valueAndGrad<
  F extends (...args: never[]) => Variable | number,
  const N extends number | readonly number[] = 0,
>(
  f: F,
  options: { readonly argnums?: N; readonly hasAux?: false },
):
  & TakesNumbers
  & (<A extends LoweredArguments<Parameters<F>>>(
    ...args: A
  ) => [value: ValueOf<A>, gradient: Gradients<A, N>]);
/** The value with what the function returns beside it, and the gradient. */
export function valueAndGrad<
  X,
  F extends (...args: never[]) => readonly [Variable | number, X],
  const N extends number | readonly number[] = 0,
>(
  f: F & ((...args: never[]) => readonly [Variable | number, X]),
  options: { readonly argnums?: N; readonly hasAux: true },
):
  & TakesNumbers
  & (<A extends LoweredArguments<Parameters<F>>>(
    ...args: A
  ) => [valueAndAux: [value: ValueOf<A>, aux: ReturnType<F>[1]], gradient: Gradients<A, N>]);
export function valueAndGrad(f: (...args: never[]) => unknown, options?: GradOptions): unknown {
  const read = readDerivativeOptions("valueAndGrad", f, options);
  return function valueAndGradient(...args: unknown[]): unknown {
    const { value, gradient, aux } = run("valueAndGrad", f, read, args);
    return [read.hasAux ? [value, aux] : value, gradient];
  };
}

/** Whether a value is a Variable or a number depends on what went in. */
export type ValueOf<A extends readonly unknown[]> = HasVariable<A[number]> extends true ? Variable : number;

/** Whether a tree has a Variable among its leaves. */
export type HasVariable<T> = true extends (
  T extends Variable ? true
    : T extends number | string | ArrayBufferView ? false
    : T extends object ? HasVariable<T[keyof T & (number | string)]>
    : false
) ? true
  : false;

/** What both transforms do: the value, what comes beside it, and the gradient in the form of `argnums`. */
function run(
  name: string,
  f: (...args: never[]) => unknown,
  options: DerivativeOptions,
  args: readonly unknown[],
): { value: unknown; aux: unknown; gradient: unknown } {
  const { argnums, hasAux } = options;
  const chosen = readArgnums(name, f, argnums ?? 0, args.length);
  const given = argnums === undefined ? args : args.map(numbersToConstants);
  const { value, gradients, aux } = differentiate(
    name,
    f,
    given,
    chosen,
    hasAux,
    args,
    name === "valueAndGrad",
  );
  return {
    value,
    aux,
    gradient: argnums === undefined || typeof argnums === "number" ? gradients[0] : gradients,
  };
}
