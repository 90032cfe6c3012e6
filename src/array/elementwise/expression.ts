import { SCALAR_FUNCTIONS } from "./scalar_functions.ts";
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

type ScalarFunction = keyof typeof SCALAR_FUNCTIONS;
type Operand = Expression | number;

/** Builds expressions: `s.mul(x, s.add(y, 1))`. */
export type ScalarAlgebra = {
  readonly [K in ScalarFunction]: (
    ...operands: Parameters<(typeof SCALAR_FUNCTIONS)[K]["write"]> extends [string] ? [Operand]
      : Parameters<(typeof SCALAR_FUNCTIONS)[K]["write"]> extends [string, string] ? [Operand, Operand]
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
    const text = (SCALAR_FUNCTIONS[e.operation as ScalarFunction].write as (...o: string[]) => string)(
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

/**
 * Whether code may be made of text: not under a Content-Security-Policy without `unsafe-eval`, and not on some hosts.
 * Where it may not, {@linkcode evaluator} computes the same formulas step by step.
 */
export const CAN_COMPILE: boolean = canCompile();

function canCompile(): boolean {
  try {
    return new Function("return true")();
  } catch {
    return false;
  }
}

/** One step of an evaluation: a function of what earlier steps gave. */
interface Step {
  readonly compute: (a: number, b: number, c: number) => number;
  readonly operands: readonly [number, number, number];
}

/** Makes a function that computes an expression without making code of it, in the same operations and order. */
export function evaluator(expression: Expression, inputCount: number): (inputs: ArrayLike<number>) => number {
  const places = new Map<Expression, number>();
  const steps: Step[] = [];
  const place = (e: Expression): number => {
    if (e.operation === "input") return e.value;
    const known = places.get(e);
    if (known !== undefined) return known;
    const [a = 0, b = 0, c = 0] = e.operands.map(place);
    const compute = e.operation === "number"
      ? () => e.value
      : SCALAR_FUNCTIONS[e.operation as ScalarFunction].compute as Step["compute"];
    steps.push({ compute, operands: [a, b, c] });
    places.set(e, inputCount + steps.length - 1);
    return inputCount + steps.length - 1;
  };
  const result = place(expression);
  const values = new Float64Array(inputCount + steps.length);
  return (inputs) => {
    for (let k = 0; k < inputCount; k++) values[k] = inputs[k]!;
    for (let i = 0; i < steps.length; i++) {
      const { compute, operands: [a, b, c] } = steps[i]!;
      values[inputCount + i] = compute(values[a]!, values[b]!, values[c]!);
    }
    return values[result]!;
  };
}
