import * as special from "./scalar_math.ts";

/**
 * A scalar formula as data: what an element-wise operation computes for one element. Loops over arrays and
 * functions of plain numbers are both made from it, so that each formula is written once.
 */
export interface Expression {
  /** A name of {@linkcode SCALAR_FUNCTIONS}, `"input"` or `"number"`. */
  readonly operation: string;
  /** The operands. */
  readonly operands: readonly Expression[];
  /** The number, or the index of the input. */
  readonly value: number;
}

/** JavaScript for each scalar function, given JavaScript for its operands. */
const SCALAR_FUNCTIONS = {
  add: (a: string, b: string): string => `(${a} + ${b})`,
  sub: (a: string, b: string): string => `(${a} - ${b})`,
  mul: (a: string, b: string): string => `(${a} * ${b})`,
  div: (a: string, b: string): string => `(${a} / ${b})`,
  neg: (a: string): string => `(-${a})`,
  pow: (a: string, b: string): string => `Math.pow(${a}, ${b})`,
  min: (a: string, b: string): string => `Math.min(${a}, ${b})`,
  max: (a: string, b: string): string => `Math.max(${a}, ${b})`,
  abs: (a: string): string => `Math.abs(${a})`,
  sign: (a: string): string => `Math.sign(${a})`,
  sqrt: (a: string): string => `Math.sqrt(${a})`,
  exp: (a: string): string => `Math.exp(${a})`,
  expm1: (a: string): string => `Math.expm1(${a})`,
  log: (a: string): string => `Math.log(${a})`,
  log1p: (a: string): string => `Math.log1p(${a})`,
  sin: (a: string): string => `Math.sin(${a})`,
  cos: (a: string): string => `Math.cos(${a})`,
  tan: (a: string): string => `Math.tan(${a})`,
  tanh: (a: string): string => `Math.tanh(${a})`,
  sigmoid: (a: string): string => `(1 / (1 + Math.exp(-${a})))`,
  cbrt: (a: string): string => `Math.cbrt(${a})`,
  log2: (a: string): string => `Math.log2(${a})`,
  log10: (a: string): string => `Math.log10(${a})`,
  floor: (a: string): string => `Math.floor(${a})`,
  ceil: (a: string): string => `Math.ceil(${a})`,
  trunc: (a: string): string => `Math.trunc(${a})`,
  asin: (a: string): string => `Math.asin(${a})`,
  acos: (a: string): string => `Math.acos(${a})`,
  atan: (a: string): string => `Math.atan(${a})`,
  atan2: (a: string, b: string): string => `Math.atan2(${a}, ${b})`,
  sinh: (a: string): string => `Math.sinh(${a})`,
  cosh: (a: string): string => `Math.cosh(${a})`,
  asinh: (a: string): string => `Math.asinh(${a})`,
  acosh: (a: string): string => `Math.acosh(${a})`,
  atanh: (a: string): string => `Math.atanh(${a})`,
  round: (a: string): string => `special.round(${a})`,
  mod: (a: string, b: string): string => `special.mod(${a}, ${b})`,
  hypot: (a: string, b: string): string => `special.hypot(${a}, ${b})`,
  erf: (a: string): string => `special.erf(${a})`,
  erfc: (a: string): string => `special.erfc(${a})`,
  erfinv: (a: string): string => `special.erfinv(${a})`,
  lgamma: (a: string): string => `special.lgamma(${a})`,
  polygamma: (a: string, b: string): string => `special.polygamma(${a}, ${b})`,
  sincDerivative: (a: string, b: string): string => `special.sincDerivative(${a}, ${b})`,
  eq: (a: string, b: string): string => `(${a} === ${b} ? 1 : 0)`,
  ne: (a: string, b: string): string => `(${a} !== ${b} ? 1 : 0)`,
  lt: (a: string, b: string): string => `(${a} < ${b} ? 1 : 0)`,
  le: (a: string, b: string): string => `(${a} <= ${b} ? 1 : 0)`,
  gt: (a: string, b: string): string => `(${a} > ${b} ? 1 : 0)`,
  ge: (a: string, b: string): string => `(${a} >= ${b} ? 1 : 0)`,
  select: (c: string, a: string, b: string): string => `(${c} !== 0 ? ${a} : ${b})`,
};

type ScalarFunction = keyof typeof SCALAR_FUNCTIONS;
type Operand = Expression | number;

/** Builds expressions: `s.mul(x, s.add(y, 1))`. */
export type ScalarAlgebra = {
  readonly [K in ScalarFunction]: (
    ...operands: Parameters<(typeof SCALAR_FUNCTIONS)[K]> extends [string] ? [Operand]
      : Parameters<(typeof SCALAR_FUNCTIONS)[K]> extends [string, string] ? [Operand, Operand]
      : [Operand, Operand, Operand]
  ) => Expression;
};

/** The constant `value`. */
export function numberExpression(value: number): Expression {
  return { operation: "number", operands: [], value };
}

/** The input with the given index. */
export function inputExpression(index: number): Expression {
  return { operation: "input", operands: [], value: index };
}

/** The algebra that `lower` rules are written in. */
export const scalarAlgebra: ScalarAlgebra = Object.fromEntries(
  Object.keys(SCALAR_FUNCTIONS).map((operation) => [
    operation,
    (...operands: Operand[]): Expression => ({
      operation,
      operands: operands.map((o) => typeof o === "number" ? numberExpression(o) : o),
      value: 0,
    }),
  ]),
) as ScalarAlgebra;

/**
 * Writes an expression as JavaScript: statements for parts that are used more than once, and the result.
 *
 * @param inputs The JavaScript names of the inputs
 */
export function toJavaScript(
  expression: Expression,
  inputs: readonly string[],
): { statements: string; result: string } {
  const uses = new Map<Expression, number>();
  const count = (e: Expression): void => {
    const seen = uses.get(e) ?? 0;
    uses.set(e, seen + 1);
    if (seen === 0) e.operands.forEach(count);
  };
  count(expression);
  const names = new Map<Expression, string>();
  let statements = "";
  const write = (e: Expression): string => {
    if (e.operation === "number") return Object.is(e.value, -0) ? "(-0)" : `(${e.value})`;
    if (e.operation === "input") return inputs[e.value]!;
    const known = names.get(e);
    if (known !== undefined) return known;
    const text = (SCALAR_FUNCTIONS[e.operation as ScalarFunction] as (...o: string[]) => string)(
      ...e.operands.map(write),
    );
    if (uses.get(e) === 1) return text;
    const name = `t${names.size}`;
    statements += `const ${name} = ${text}; `;
    names.set(e, name);
    return name;
  };
  const result = write(expression);
  return { statements, result };
}

/** A plain object, whose properties compiled code reads faster than those of a module. */
const SPECIAL = { ...special };

/** Compiles a function whose body may call what {@linkcode toJavaScript} writes. */
export function compileFunction(parameters: readonly string[], body: string): unknown {
  return new Function("special", `return function (${parameters.join(", ")}) { ${body} };`)(SPECIAL);
}
