import type { FloatArray, NumericArray } from "../../array/dtype.ts";
import type { NdArray, NestedNumbers } from "../../array/nd_array.ts";
import type { Variable } from "../../variable/mod.ts";

/** What may be passed where a function takes Variables: the same tree with numbers or arrays as leaves. */
export type Lowered<P> = P extends Variable ? NestedNumbers | NumericArray | NdArray
  : P extends NestedNumbers ? P
  : P extends readonly unknown[] | object ? { readonly [K in keyof P]: Lowered<P[K]> }
  : P;

/** What comes back for an input: the same tree, with a number for a number and an array for an array. */
export type Gradient<B> = B extends number ? number
  : B extends Variable | NdArray ? B
  : B extends NumericArray ? FloatArray
  : NestedNumbers extends B ? NestedNumbers
  : B extends readonly unknown[] | object ? { -readonly [K in keyof B]: Gradient<B[K]> }
  : B;

/** Marks functions of which the type says how numbers and arrays are taken; never there at run time. */
export interface TakesNumbers {
  /** Nothing. */
  readonly takesNumbers?: never;
}

/** The gradient of a function by its first argument. */
export interface GradFunction<P, R extends unknown[]> extends TakesNumbers {
  /** Numbers and arrays in. */
  <B extends Lowered<P>>(x: B, ...rest: R): Gradient<B>;
  /** Variables in, so that gradients nest. */
  (x: P, ...rest: R): P;
}

/** The value and gradient of a function by its first argument. */
export interface ValueAndGradFunction<P, R extends unknown[]> extends TakesNumbers {
  /** Numbers and arrays in. */
  <B extends Lowered<P>>(x: B, ...rest: R): [value: number, gradient: Gradient<B>];
  /** Variables in, so that gradients nest. */
  (x: P, ...rest: R): [value: Variable, gradient: P];
}

/** A tree with a Variable in place of each leaf. */
export type Variables<T> = T extends Variable | NestedNumbers | NumericArray | NdArray ? Variable
  : T extends readonly unknown[] | object ? { -readonly [K in keyof T]: Variables<T[K]> }
  : T;

/** The derivatives of each leaf of one tree by each leaf of another: a tree of trees. */
export type Jacobian<Y, X> = Y extends Variable | NestedNumbers | NumericArray | NdArray ? Variables<X>
  : Y extends readonly unknown[] | object ? { -readonly [K in keyof Y]: Jacobian<Y[K], X> }
  : never;

/** A tree of Variables, in which numbers and arrays may stand for some. */
export type Like<T> = T extends number ? number
  : T extends Variable | NestedNumbers | NumericArray | NdArray
    ? Variable | NestedNumbers | NumericArray | NdArray
  : T extends readonly unknown[] | object ? { readonly [K in keyof T]: Like<T[K]> }
  : T;
