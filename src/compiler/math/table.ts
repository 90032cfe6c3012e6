import type { Lane, Lanes } from "../lanes.ts";
import { exp, expm1, sigmoid } from "./exponential.ts";

/** Builds the lane of a function from those of its operands. */
export type Builder = (L: Lanes, ...operands: Lane[]) => Lane;

/** A function for both element types. */
export interface VectorFunction {
  readonly f32: Builder;
  readonly f64: Builder;
}

/** A builder that suits both element types. */
function both(builder: Builder): VectorFunction {
  return { f32: builder, f64: builder };
}

// Next to a constant, one machine instruction (and a zero added) does what the general one needs eight for.

function smaller(L: Lanes, x: Lane, y: Lane): Lane {
  if (L.numberOf(y) === undefined && L.numberOf(x) !== undefined) return smaller(L, y, x);
  const bound = L.numberOf(y) ?? NaN;
  return Number.isNaN(bound) || Object.is(bound, -0) ? L.min(x, y) : L.quickMin(x, y);
}

function larger(L: Lanes, x: Lane, y: Lane): Lane {
  if (L.numberOf(y) === undefined && L.numberOf(x) !== undefined) return larger(L, y, x);
  const bound = L.numberOf(y) ?? NaN;
  if (Number.isNaN(bound)) return L.max(x, y);
  return Object.is(bound, 0) ? L.add(L.quickMax(x, y), y) : L.quickMax(x, y);
}

/** Scalar functions as instructions on vectors; what is missing runs in the host for each element. */
export const vectorMath: Readonly<Record<string, VectorFunction>> = {
  add: both((L, x, y) => L.add(x!, y!)),
  sub: both((L, x, y) => L.sub(x!, y!)),
  mul: both((L, x, y) => L.mul(x!, y!)),
  div: both((L, x, y) => L.div(x!, y!)),
  neg: both((L, x) => L.neg(x!)),
  min: both((L, x, y) => smaller(L, x!, y!)),
  max: both((L, x, y) => larger(L, x!, y!)),
  abs: both((L, x) => L.abs(x!)),
  sqrt: both((L, x) => L.sqrt(x!)),
  floor: both((L, x) => L.floor(x!)),
  ceil: both((L, x) => L.ceil(x!)),
  trunc: both((L, x) => L.trunc(x!)),
  round: both((L, x) => L.nearest(x!)),
  exp: both((L, x) => exp(L, x!)),
  expm1: both((L, x) => expm1(L, x!)),
  sigmoid: both((L, x) => sigmoid(L, x!)),
  // NaN and both zeros are their own signs.
  sign: both((L, x) => L.select(L.gt(L.abs(x!), L.constant(0)), L.withSign(L.constant(1), x!), x!)),
};
