import type { FloatArray } from "../../array/dtype.ts";
import type { NdArray, NestedNumbers } from "../../array/nd_array.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Like, Lowered, TakesNumbers } from "../core/types.ts";

/**
 * What comes out for a result when only numbers and arrays went in: the same tree, with numbers and arrays in the place
 * of Variables.
 */
export type Plain<R> = R extends Variable ? NestedNumbers | FloatArray | NdArray
  : R extends readonly unknown[] | object ? { readonly [K in keyof R]: Plain<R[K]> }
  : R;

/** The calls with numbers and arrays that compiling adds to a function of Variables. */
export interface PlainCalls<A extends unknown[], R> {
  /** Numbers and arrays in, numbers and arrays out. */
  (...args: { [K in keyof A]: Lowered<A[K]> }): Plain<R>;
  /** Variables and numbers or arrays in, Variables out. */
  (...args: { [K in keyof A]: Like<A[K]> }): R;
  /** Variables in, as the function itself takes them; transforms read off the types of what stands last. */
  (...args: A): R;
}

/**
 * How a compiled function is called: with Variables as before and, if it takes nothing but Variables, also with numbers
 * and arrays. What transforms make, such as `grad(f)`, says itself what it takes.
 */
export type CallsOf<F> = keyof TakesNumbers extends keyof F ? F
  : F extends (...args: infer A) => infer R
    ? A extends readonly [] ? F : number[] extends A[number] ? F : PlainCalls<A, R>
  : F;
