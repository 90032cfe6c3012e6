/** Formulas as lanes: comparisons as masks, functions by their table, anything else by the host. */
import { type Expression, scalarAlgebra } from "../../array/elementwise/expression.ts";
import { erf, erfc } from "./error_function.ts";
import { cosh, exp, exp2, expm1, hypot, pow, roughCubeRoot, sigmoid, sinh, tanh } from "./exponential.ts";
import { hostFunction } from "./host.ts";
import type { Lane, Lanes } from "./lanes.ts";
import { acosh, asinh, atanh, log, log10, log1p, log2 } from "./logarithm.ts";
import { inDouble } from "./polynomial.ts";
import { acos, asin, atan, atan2, cos, sin, tan } from "./trigonometry.ts";

type PartialBuilder = (L: Lanes, ...operands: Lane[]) => Lane | undefined;

/** A mask as the numbers 1 and 0. */
function asNumber(L: Lanes, mask: Lane): Lane {
  return L.and(mask, L.constant(1));
}

/** The mask that a lane is the number of, if there is one. */
function maskOf(L: Lanes, lane: Lane): Lane | undefined {
  const [mask, one] = lane.operands;
  return lane.operation === "and" && mask!.isMask && one === L.constant(1) ? mask : undefined;
}

function comparison(name: "eq" | "ne" | "lt" | "le" | "gt" | "ge"): PartialBuilder {
  return (L, x, y) => {
    const mask = maskOf(L, x!);
    if (y === L.constant(0) && mask !== undefined) {
      if (name === "ne" || name === "gt") return x;
      if (name === "eq" || name === "le") return asNumber(L, L.not(mask));
    }
    return asNumber(L, name === "ne" && x === y ? L.isNan(x!) : L[name](x!, y!));
  };
}

/** Combines two masks, if both operands are masks. */
function combination(name: "and" | "or"): PartialBuilder {
  return (L, x, y) => {
    const [first, second] = [maskOf(L, x!), maskOf(L, y!)];
    return first && second && asNumber(L, L[name](first, second));
  };
}

/** The product of a mask's numbers and 0. */
function timesZero(L: Lanes, mask: Lane, factor: Lane): Lane | undefined {
  return factor === L.constant(0) && maskOf(L, mask) !== undefined ? factor : undefined;
}

/**
 * Comparisons and what is done with their results, which are the numbers 1 and 0 but stay masks as long as they
 * are only combined or tested. A function that has no such form gives undefined.
 */
export const logic: Readonly<Record<string, PartialBuilder>> = {
  eq: comparison("eq"),
  ne: comparison("ne"),
  lt: comparison("lt"),
  le: comparison("le"),
  gt: comparison("gt"),
  ge: comparison("ge"),
  mul: (L, x, y) => combination("and")(L, x!, y!) ?? timesZero(L, x!, y!) ?? timesZero(L, y!, x!),
  min: combination("and"),
  max: combination("or"),
  sub: (L, x, y) => {
    const mask = maskOf(L, y!);
    return x === L.constant(1) && mask !== undefined ? asNumber(L, L.not(mask)) : undefined;
  },
  select: (L, condition, x, y) => {
    const known = L.numberOf(condition!);
    if (known !== undefined) return known !== 0 ? x : y;
    const mask = maskOf(L, condition!);
    if (mask?.operation === "not") return L.select(mask.operands[0]!, y!, x!);
    return L.select(mask ?? L.ne(condition!, L.constant(0)), x!, y!);
  },
};

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

/** Whether an expression can be written as lanes; what has no vector form calls the host for each element. */
export function canLower(expression: Expression): boolean {
  const { operation, operands } = expression;
  return (operation === "input" || operation === "number" || operation in scalarAlgebra) &&
    operands.every(canLower);
}

/** Writes a scalar expression as lanes, given those of its inputs. */
export function lowerExpression(expression: Expression, L: Lanes, inputs: readonly Lane[]): Lane {
  const known = new Map<Expression, Lane>();
  const visit = (e: Expression): Lane => {
    if (e.operation === "input") return inputs[e.value]!;
    if (e.operation === "number") return L.constant(e.value);
    let lane = known.get(e);
    if (lane === undefined) known.set(e, lane = lowerOperation(e.operation, L, e.operands.map(visit)));
    return lane;
  };
  return visit(expression);
}

function lowerOperation(operation: string, L: Lanes, operands: readonly Lane[]): Lane {
  const numbers = operands.map((operand) => L.numberOf(operand));
  if (numbers.every((x) => x !== undefined)) {
    return L.constant(hostFunction(operation, operands.length).run(...numbers));
  }
  const masked = logic[operation]?.(L, ...operands);
  if (masked !== undefined) return masked;
  const builder = vectorMath[operation]?.[L.isNarrow ? "f32" : "f64"];
  return builder !== undefined
    ? builder(L, ...operands)
    : L.call(hostFunction(operation, operands.length), operands);
}
