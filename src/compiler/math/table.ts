import type { Lane, Lanes } from "./lanes.ts";
import { erf, erfc } from "./error_function.ts";
import { cosh, exp, exp2, expm1, sigmoid, sinh, tanh } from "./exponential.ts";
import { acos, asin, atan, atan2 } from "./inverse_trigonometry.ts";
import { acosh, asinh, atanh, log, log10, log1p, log2 } from "./logarithm.ts";
import { inDouble } from "./polynomial.ts";
import { hypot, pow, roughCubeRoot } from "./power.ts";
import { cos, sin, tan } from "./trigonometry.ts";

/** Builds the lane of a function from those of its operands. */
export type Builder = (L: Lanes, ...operands: Lane[]) => Lane;

/** A function, for each element type that has one. */
export interface VectorFunction {
  readonly f32?: Builder;
  readonly f64?: Builder;
}

/** A builder that suits both element types. */
function both<Operands extends Lane[]>(builder: (L: Lanes, ...operands: Operands) => Lane): VectorFunction {
  return { f32: builder as unknown as Builder, f64: builder as unknown as Builder };
}

/** A builder for doubles, which serves float32 as well. */
function throughDouble<Operands extends Lane[]>(
  builder: (L: Lanes, ...operands: Operands) => Lane,
): VectorFunction {
  const f64 = builder as unknown as Builder;
  return { f32: inDouble(f64), f64 };
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
  add: both((L, x, y) => L.add(x, y)),
  sub: both((L, x, y) => L.sub(x, y)),
  mul: both((L, x, y) => L.mul(x, y)),
  div: both((L, x, y) => L.div(x, y)),
  neg: both((L, x) => L.neg(x)),
  min: both((L, x, y) => smaller(L, x!, y!)),
  max: both((L, x, y) => larger(L, x!, y!)),
  abs: both((L, x) => L.abs(x)),
  sqrt: both((L, x) => L.sqrt(x)),
  floor: both((L, x) => L.floor(x)),
  ceil: both((L, x) => L.ceil(x)),
  trunc: both((L, x) => L.trunc(x)),
  round: both((L, x) => L.nearest(x)),
  pow: both(pow),
  exp: both(exp),
  exp2: both(exp2),
  expm1: both(expm1),
  log: both(log),
  log1p: both(log1p),
  log2: throughDouble(log2),
  log10: throughDouble(log10),
  sigmoid: both(sigmoid),
  tanh: both(tanh),
  sinh: throughDouble(sinh),
  cosh: throughDouble(cosh),
  asinh: throughDouble(asinh),
  acosh: throughDouble(acosh),
  atanh: throughDouble(atanh),
  sin: both(sin),
  cos: both(cos),
  tan: throughDouble(tan),
  asin: throughDouble(asin),
  acos: throughDouble(acos),
  atan: throughDouble(atan),
  atan2: throughDouble(atan2),
  erf: both(erf),
  erfc: both(erfc),
  cbrt: { f32: inDouble(roughCubeRoot) },
  hypot: throughDouble(hypot),
  // NaN and both zeros are their own signs.
  sign: both((L, x) => L.select(L.gt(L.abs(x!), L.constant(0)), L.withSign(L.constant(1), x!), x!)),
};
