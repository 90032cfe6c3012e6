import type { Expression } from "../../../array/elementwise/expression.ts";
import type { SCALAR_FUNCTIONS } from "../../../array/elementwise/scalar_functions.ts";
import { inputExpression, scalarAlgebra } from "../../../array/elementwise/expression.ts";
import type { Shape } from "../../../array/shape.ts";
import type { Body, Comparison, Tensor } from "../body.ts";
import { type ElementType, typeText } from "../types.ts";
import type { Operation } from "../../../primitives/mod.ts";
import { writeSincDerivative } from "./sinc.ts";
import type { Writer } from "./writing.ts";

/** Writes a function of elements. */
type Write = (body: Body, ...operands: Tensor[]) => Tensor;

const plain = (name: string): Write => (body, ...operands) => body.elementwise(name, ...operands);
const special = (name: string): Write => (body, ...operands) => {
  const { shape, type } = operands[0]!;
  const types = operands.map(() => typeText(shape, type)).join(", ");
  const names = operands.map((o) => o.name).join(", ");
  return body.value(`chlo.${name} ${names} : ${types} -> ${typeText(shape, type)}`, shape, type);
};
const like = (body: Body, x: Tensor, value: number): Tensor => body.constant(value, x.shape, x.type);
const times = (name: string, factor: number): Write => (body, x) =>
  body.elementwise("multiply", body.elementwise(name, x), like(body, x, factor));

/** What the functions of formulas are written as, but for those that give truth values. */
const FUNCTIONS: {
  readonly [K in Exclude<keyof typeof SCALAR_FUNCTIONS, keyof typeof COMPARISONS | "select">]: Write;
} = {
  add: plain("add"),
  sub: plain("subtract"),
  mul: plain("multiply"),
  div: plain("divide"),
  neg: plain("negate"),
  pow: plain("power"),
  min: plain("minimum"),
  max: plain("maximum"),
  abs: plain("abs"),
  sign: plain("sign"),
  sqrt: plain("sqrt"),
  exp: plain("exponential"),
  expm1: plain("exponential_minus_one"),
  log: plain("log"),
  log1p: plain("log_plus_one"),
  sin: plain("sine"),
  cos: plain("cosine"),
  tan: plain("tan"),
  tanh: plain("tanh"),
  sigmoid: plain("logistic"),
  cbrt: plain("cbrt"),
  log2: times("log", Math.LOG2E),
  log10: times("log", Math.LOG10E),
  floor: plain("floor"),
  ceil: plain("ceil"),
  trunc: (body, x) =>
    body.select(
      body.compare("LT", x, like(body, x, 0)),
      body.elementwise("ceil", x),
      body.elementwise("floor", x),
    ),
  round: plain("round_nearest_even"),
  asin: special("asin"),
  acos: special("acos"),
  atan: (body, x) => body.elementwise("atan2", x, like(body, x, 1)),
  atan2: plain("atan2"),
  sinh: special("sinh"),
  cosh: special("cosh"),
  asinh: special("asinh"),
  acosh: special("acosh"),
  atanh: special("atanh"),
  mod: writeMod,
  hypot: writeHypot,
  erf: special("erf"),
  erfc: special("erfc"),
  erfinv: special("erf_inv"),
  lgamma: special("lgamma"),
  polygamma: special("polygamma"),
  sincDerivative: writeSincDerivative,
};

const COMPARISONS = { eq: "EQ", ne: "NE", lt: "LT", le: "LE", gt: "GT", ge: "GE" } as const satisfies Record<
  string,
  Comparison
>;

/** The remainder with the sign of the divisor. */
function writeMod(body: Body, x: Tensor, y: Tensor): Tensor {
  const zero = like(body, x, 0);
  const rest = body.elementwise("remainder", x, y);
  const isNegative = (t: Tensor): Tensor => body.compare("LT", t, zero);
  const differ = body.elementwise("xor", isNegative(rest), isNegative(y));
  const wrong = body.elementwise("and", differ, body.compare("NE", rest, zero));
  return body.select(wrong, body.elementwise("add", rest, y), rest);
}

/** The length of a vector, divided by its larger part so that no square overflows. */
function writeHypot(body: Body, x: Tensor, y: Tensor): Tensor {
  const [a, b] = [x, y].map((t) => body.elementwise("abs", t)) as [Tensor, Tensor];
  const [zero, one, infinity] = [0, 1, Infinity].map((v) => like(body, x, v)) as [Tensor, Tensor, Tensor];
  const large = body.elementwise("maximum", a, b);
  const isZero = body.compare("EQ", large, zero);
  const ratio = body.elementwise(
    "divide",
    body.elementwise("minimum", a, b),
    body.select(isZero, one, large),
  );
  const length = body.elementwise(
    "sqrt",
    body.elementwise("add", one, body.elementwise("multiply", ratio, ratio)),
  );
  const isInfinite = body.elementwise("or", body.compare("EQ", a, infinity), body.compare("EQ", b, infinity));
  return body.select(isInfinite, infinity, body.elementwise("multiply", large, length));
}

const formulas = new Map<Operation, Expression>();

/** The writer of an element-wise operation. */
export function formulaWriter(operation: Operation): Writer<unknown> {
  return ({ body, inputs, shape, type }) => {
    let formula = formulas.get(operation);
    if (formula === undefined) {
      const [x, y, z] = [0, 1, 2].map(inputExpression) as [Expression, Expression, Expression];
      formulas.set(operation, formula = operation.primitive.lower!(scalarAlgebra, x, y, z));
    }
    return writeFormula(body, formula, inputs, shape, type);
  };
}

/** Writes the formula of an element-wise operation for operands that broadcast to a shape. */
function writeFormula(
  body: Body,
  formula: Expression,
  inputs: readonly Tensor[],
  shape: Shape,
  type: ElementType,
): Tensor {
  const numbers = new Map<Expression, Tensor>();
  const truths = new Map<Expression, Tensor>();
  const kept = (known: Map<Expression, Tensor>, e: Expression, write: () => Tensor): Tensor => {
    let found = known.get(e);
    if (found === undefined) known.set(e, found = write());
    return found;
  };
  const input = (e: Expression): Tensor => {
    const x = inputs[e.value]!;
    const spread = body.broadcast(x, shape);
    const truth = body.truths.get(x.name);
    if (truth !== undefined && spread !== x) body.truths.set(spread.name, body.broadcast(truth, shape));
    return spread;
  };
  const numeric = (e: Expression): Tensor =>
    kept(numbers, e, () => {
      if (e.operation === "number") return body.constant(e.value, shape, type);
      // Operands that have no say in the dtype may have another.
      if (e.operation === "input") return body.convert(input(e), type);
      if (e.operation === "select") {
        const [c, x, y] = e.operands as [Expression, Expression, Expression];
        return body.select(truth(c), numeric(x), numeric(y));
      }
      if (e.operation in COMPARISONS) return truthNumber(body, truth(e), type);
      return FUNCTIONS[e.operation as keyof typeof FUNCTIONS](body, ...e.operands.map(numeric));
    });
  const isTruth = (e: Expression): boolean =>
    e.operation in COMPARISONS || (e.operation === "mul" && e.operands.every(isTruth));
  const truth = (e: Expression): Tensor =>
    kept(truths, e, () => {
      if (e.operation in COMPARISONS) {
        const [x, y] = e.operands.map(numeric) as [Tensor, Tensor];
        return body.compare(COMPARISONS[e.operation as keyof typeof COMPARISONS], x, y);
      }
      if (isTruth(e)) return body.elementwise("and", ...e.operands.map(truth));
      return truthOf(body, e.operation === "input" ? input(e) : numeric(e));
    });
  return numeric(formula);
}

/** 1 where a condition holds, else 0. */
function truthNumber(body: Body, condition: Tensor, type: ElementType): Tensor {
  const number = body.convert(condition, type);
  body.truths.set(number.name, condition);
  return number;
}

/** Whether elements are not 0. */
function truthOf(body: Body, x: Tensor): Tensor {
  return body.truths.get(x.name) ?? body.compare("NE", x, body.constant(0, x.shape, x.type));
}
