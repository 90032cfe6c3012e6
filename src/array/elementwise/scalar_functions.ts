import * as special from "./scalar_math.ts";

/** A function of numbers, twice: as JavaScript, given that of its operands, and to be called. */
interface Written<Text, Call> {
  /** JavaScript for a call. */
  readonly write: Text;
  /** The function itself. */
  readonly compute: Call;
}

type Unary = Written<(a: string) => string, (a: number) => number>;
type Binary = Written<(a: string, b: string) => string, (a: number, b: number) => number>;
type Ternary = Written<
  (c: string, a: string, b: string) => string,
  (c: number, a: number, b: number) => number
>;

const unary = (write: Unary["write"], compute: Unary["compute"]): Unary => ({ write, compute });
const binary = (write: Binary["write"], compute: Binary["compute"]): Binary => ({ write, compute });
const ternary = (write: Ternary["write"], compute: Ternary["compute"]): Ternary => ({ write, compute });
// Math.max and the like take any number of numbers: each gets as many as it is written with.
const unaryOf = (name: string, compute: Unary["compute"]): Unary =>
  unary((a) => `${name}(${a})`, (a) => compute(a));
const binaryOf = (name: string, compute: Binary["compute"]): Binary =>
  binary((a, b) => `${name}(${a}, ${b})`, (a, b) => compute(a, b));

/** The names of the functions of one number. */
// deno-fmt-ignore
type UnaryName =
  "neg" | "abs" | "sign" | "sqrt" | "exp" | "expm1" | "log" | "log1p" | "sin" | "cos" 
  | "tan" | "tanh" | "sigmoid" | "cbrt" | "log2" | "log10" | "floor" | "ceil" | "trunc" 
  | "asin" | "acos" | "atan" | "sinh" | "cosh" | "asinh" | "acosh" | "atanh" | "round" 
  | "erf" | "erfc" | "erfinv" | "lgamma";
/** Those of two. */
// deno-fmt-ignore
type BinaryName =
  "add" | "sub" | "mul" | "div" | "pow" | "min" | "max" | "atan2" | "mod" | "hypot" 
  | "polygamma" | "sincDerivative" | "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** The functions that formulas are made of, by name. */
// deno-fmt-ignore
export const SCALAR_FUNCTIONS:
  & { readonly [K in UnaryName]: Unary }
  & { readonly [K in BinaryName]: Binary }
  & { readonly select: Ternary } = {
  add: binary((a, b) => `(${a} + ${b})`, (a, b) => a + b),
  sub: binary((a, b) => `(${a} - ${b})`, (a, b) => a - b),
  mul: binary((a, b) => `(${a} * ${b})`, (a, b) => a * b),
  div: binary((a, b) => `(${a} / ${b})`, (a, b) => a / b),
  neg: unary((a) => `(-${a})`, (a) => -a),
  pow: binaryOf("Math.pow", Math.pow),
  min: binaryOf("Math.min", Math.min),
  max: binaryOf("Math.max", Math.max),
  abs: unaryOf("Math.abs", Math.abs),
  sign: unaryOf("Math.sign", Math.sign),
  sqrt: unaryOf("Math.sqrt", Math.sqrt),
  exp: unaryOf("Math.exp", Math.exp),
  expm1: unaryOf("Math.expm1", Math.expm1),
  log: unaryOf("Math.log", Math.log),
  log1p: unaryOf("Math.log1p", Math.log1p),
  sin: unaryOf("Math.sin", Math.sin),
  cos: unaryOf("Math.cos", Math.cos),
  tan: unaryOf("Math.tan", Math.tan),
  tanh: unaryOf("Math.tanh", Math.tanh),
  sigmoid: unary((a) => `(1 / (1 + Math.exp(-${a})))`, (a) => 1 / (1 + Math.exp(-a))),
  cbrt: unaryOf("Math.cbrt", Math.cbrt),
  log2: unaryOf("Math.log2", Math.log2),
  log10: unaryOf("Math.log10", Math.log10),
  floor: unaryOf("Math.floor", Math.floor),
  ceil: unaryOf("Math.ceil", Math.ceil),
  trunc: unaryOf("Math.trunc", Math.trunc),
  asin: unaryOf("Math.asin", Math.asin),
  acos: unaryOf("Math.acos", Math.acos),
  atan: unaryOf("Math.atan", Math.atan),
  atan2: binaryOf("Math.atan2", Math.atan2),
  sinh: unaryOf("Math.sinh", Math.sinh),
  cosh: unaryOf("Math.cosh", Math.cosh),
  asinh: unaryOf("Math.asinh", Math.asinh),
  acosh: unaryOf("Math.acosh", Math.acosh),
  atanh: unaryOf("Math.atanh", Math.atanh),
  round: unaryOf("special.round", special.round),
  mod: binaryOf("special.mod", special.mod),
  hypot: binaryOf("special.hypot", special.hypot),
  erf: unaryOf("special.erf", special.erf),
  erfc: unaryOf("special.erfc", special.erfc),
  erfinv: unaryOf("special.erfinv", special.erfinv),
  lgamma: unaryOf("special.lgamma", special.lgamma),
  polygamma: binaryOf("special.polygamma", special.polygamma),
  sincDerivative: binaryOf("special.sincDerivative", special.sincDerivative),
  eq: binary((a, b) => `(${a} === ${b} ? 1 : 0)`, (a, b) => a === b ? 1 : 0),
  ne: binary((a, b) => `(${a} !== ${b} ? 1 : 0)`, (a, b) => a !== b ? 1 : 0),
  lt: binary((a, b) => `(${a} < ${b} ? 1 : 0)`, (a, b) => a < b ? 1 : 0),
  le: binary((a, b) => `(${a} <= ${b} ? 1 : 0)`, (a, b) => a <= b ? 1 : 0),
  gt: binary((a, b) => `(${a} > ${b} ? 1 : 0)`, (a, b) => a > b ? 1 : 0),
  ge: binary((a, b) => `(${a} >= ${b} ? 1 : 0)`, (a, b) => a >= b ? 1 : 0),
  select: ternary((c, a, b) => `(${c} !== 0 ? ${a} : ${b})`, (c, a, b) => c !== 0 ? a : b),
};
