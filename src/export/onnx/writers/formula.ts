import type { Expression } from "../../../array/elementwise/expression.ts";
import type { SCALAR_FUNCTIONS } from "../../../array/elementwise/scalar_functions.ts";
import type { Refusal, Writing } from "./writing.ts";

type FunctionName = keyof typeof SCALAR_FUNCTIONS;
type Write = (w: Writing<unknown>, x: string, y: string, z: string) => string;

const operator = (name: string): Write => (w, x) => w.emit(name, [x]);
const operatorOfTwo = (name: string): Write => (w, x, y) => w.emit(name, [x, y]);
const comparison = (name: string): Write => (w, x, y) => w.truth(w.emit(name, [x, y]));
const refused = (refused: string): Refusal => ({ refused });

/** How each function that formulas are made of is written; a missing one does not compile. */
const FUNCTIONS: { readonly [K in FunctionName]: Write | Refusal } = {
  add: operatorOfTwo("Add"),
  sub: operatorOfTwo("Sub"),
  mul: operatorOfTwo("Mul"),
  div: operatorOfTwo("Div"),
  pow: operatorOfTwo("Pow"),
  min: operatorOfTwo("Min"),
  max: operatorOfTwo("Max"),
  neg: operator("Neg"),
  abs: operator("Abs"),
  sign: operator("Sign"),
  sqrt: operator("Sqrt"),
  exp: operator("Exp"),
  log: operator("Log"),
  sin: operator("Sin"),
  cos: operator("Cos"),
  tan: operator("Tan"),
  asin: operator("Asin"),
  acos: operator("Acos"),
  atan: operator("Atan"),
  sinh: operator("Sinh"),
  cosh: operator("Cosh"),
  tanh: operator("Tanh"),
  asinh: operator("Asinh"),
  acosh: operator("Acosh"),
  atanh: operator("Atanh"),
  sigmoid: operator("Sigmoid"),
  floor: operator("Floor"),
  ceil: operator("Ceil"),
  round: operator("Round"),
  erf: operator("Erf"),
  eq: comparison("Equal"),
  lt: comparison("Less"),
  le: comparison("LessOrEqual"),
  gt: comparison("Greater"),
  ge: comparison("GreaterOrEqual"),
  ne: (w, x, y) => w.truth(w.emit("Not", [w.emit("Equal", [x, y])])),
  select: (w, c, x, y) => w.emit("Where", [w.condition(c), x, y]),
  expm1: (w, x) => {
    // With t = tanh(x / 2) it is 2 t / (1 - t), in which nothing cancels near 0.
    const half = w.emit("Tanh", [w.emit("Mul", [x, w.number(0.5)])]);
    const near = w.emit("Div", [w.emit("Mul", [w.number(2), half]), w.emit("Sub", [w.number(1), half])]);
    const isNear = w.emit("Less", [w.emit("Abs", [x]), w.number(0.5)]);
    return w.emit("Where", [isNear, near, w.emit("Sub", [w.emit("Exp", [x]), w.number(1)])]);
  },
  log1p: (w, x) => {
    // Goldberg 1991, theorem 4: x log(u) / (u - 1) with u = 1 + x as it was rounded.
    const u = w.emit("Add", [x, w.number(1)]);
    const rounded = w.emit("Sub", [u, w.number(1)]);
    const lost = w.emit("Equal", [rounded, w.number(0)]);
    const divisor = w.emit("Where", [lost, w.number(1), rounded]);
    const log = w.emit("Log", [u]);
    const exact = w.emit("Mul", [x, w.emit("Div", [log, divisor])]);
    const isLarge = w.emit("Greater", [x, w.number(1)]);
    return w.emit("Where", [lost, x, w.emit("Where", [isLarge, log, exact])]);
  },
  log2: (w, x) => w.emit("Mul", [w.emit("Log", [x]), w.number(Math.LOG2E)]),
  log10: (w, x) => w.emit("Mul", [w.emit("Log", [x]), w.number(Math.LOG10E)]),
  cbrt: (w, x) => w.emit("Mul", [w.emit("Sign", [x]), w.emit("Pow", [w.emit("Abs", [x]), w.number(1 / 3)])]),
  trunc: (w, x) => w.emit("Mul", [w.emit("Sign", [x]), w.emit("Floor", [w.emit("Abs", [x])])]),
  erfc: (w, x) => w.emit("Sub", [w.number(1), w.emit("Erf", [x])]),
  mod: (w, x, y) => {
    const rest = w.emit("Mod", [x, y], { fmod: 1 });
    const opposite = w.emit("Less", [
      w.emit("Mul", [w.emit("Sign", [rest]), w.emit("Sign", [y])]),
      w.number(0),
    ]);
    return w.emit("Where", [opposite, w.emit("Add", [rest, y]), rest]);
  },
  hypot: (w, x, y) => {
    const [a, b] = [w.emit("Abs", [x]), w.emit("Abs", [y])];
    const [longer, shorter] = [w.emit("Max", [a, b]), w.emit("Min", [a, b])];
    const scales = w.emit("And", [
      w.emit("Greater", [longer, w.number(0)]),
      w.emit("Less", [longer, w.number(Infinity)]),
    ]);
    const ratio = w.emit("Div", [shorter, w.emit("Where", [scales, longer, w.number(1)])]);
    const root = w.emit("Sqrt", [w.emit("Add", [w.number(1), w.emit("Mul", [ratio, ratio])])]);
    return w.emit("Where", [scales, w.emit("Mul", [longer, root]), longer]);
  },
  atan2: (w, y, x) => {
    const isZero = w.emit("Equal", [x, w.number(0)]);
    const safe = w.emit("Where", [isZero, w.number(1), x]);
    const angle = w.emit("Atan", [w.emit("Div", [y, safe])]);
    const side = w.emit("Where", [w.emit("Less", [y, w.number(0)]), w.number(-Math.PI), w.number(Math.PI)]);
    const turned = w.emit("Where", [
      w.emit("Less", [x, w.number(0)]),
      w.emit("Add", [angle, side]),
      angle,
    ]);
    return w.emit("Where", [
      isZero,
      w.emit("Mul", [w.emit("Sign", [y]), w.number(Math.PI / 2)]),
      turned,
    ]);
  },
  erfinv: refused("ONNX has no inverse of the error function"),
  lgamma: refused("ONNX has no gamma function"),
  polygamma: refused("ONNX has no polygamma function"),
  sincDerivative: refused("ONNX has no derivatives of sinc"),
};

/** The reason why a formula can't be written; undefined if it can. */
export function refusalOf(formula: Expression): string | undefined {
  if (formula.operation === "input" || formula.operation === "number") return undefined;
  const written = FUNCTIONS[formula.operation as FunctionName];
  if (typeof written !== "function") return written.refused;
  return formula.operands.map(refusalOf).find((reason) => reason !== undefined);
}

/** Writes a formula, each part once. */
export function writeFormula(w: Writing<unknown>, formula: Expression): string {
  const names = new Map<Expression, string>();
  const write = (e: Expression): string => {
    if (e.operation === "number") return w.number(e.value);
    if (e.operation === "input") return w.inputs[e.value]!;
    let name = names.get(e);
    if (name === undefined) {
      const [x = "", y = "", z = ""] = e.operands.map(write);
      // A formula with a function that is refused does not get here.
      name = (FUNCTIONS[e.operation as FunctionName] as Write)(w, x, y, z);
      names.set(e, name);
    }
    return name;
  };
  return write(formula);
}
