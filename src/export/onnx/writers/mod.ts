import { inputExpression, scalarAlgebra } from "../../../array/elementwise/expression.ts";
import type { Expression } from "../../../array/elementwise/expression.ts";
import type { Attributes, Operation, PrimitiveName } from "../../../primitives/mod.ts";
import { refusalOf, writeFormula } from "./formula.ts";
import * as cumulative from "./cumulative.ts";
import * as indexing from "./indexing.ts";
import * as linearAlgebra from "./linear_algebra.ts";
import * as neural from "./neural.ts";
import * as reductions from "./reductions.ts";
import * as shapes from "./shapes.ts";
import type { Refusal, Writer } from "./writing.ts";

/** Says that a primitive is written by the formula for one element that it has. */
const FORMULA = "formula";

const refused = (refused: string): Refusal => ({ refused });
const operator = (name: string): Writer<undefined> => (w) => w.emit(name, w.inputs);
const passOn: Writer<unknown> = (w) => w.x;

const NO_FACTORS = refused("ONNX has no operator for systems of equations and decompositions of matrices");
const NO_RANDOM = refused("ONNX draws random numbers by no key; pass what is drawn as an input");
const NO_LOOP = refused("a loop that ends by its values has no fixed number of steps to write");
const NO_ARGUMENTS = refused("ONNX keeps no positions along an axis");

/** How each primitive is written; one without an entry does not compile. */
const WRITERS: { readonly [K in PrimitiveName]: Writer<Attributes<K>> | Refusal | typeof FORMULA } = {
  ...cumulative,
  ...indexing,
  ...linearAlgebra,
  ...neural,
  ...reductions,
  ...shapes,
  add: FORMULA,
  sub: FORMULA,
  mul: FORMULA,
  div: FORMULA,
  neg: FORMULA,
  abs: FORMULA,
  sign: FORMULA,
  maximum: FORMULA,
  minimum: FORMULA,
  identity: passOn,
  stopGradient: passOn,
  checked: passOn,
  custom: (w) => w.dtypes.at(-1) === w.dtype ? w.inputs.at(-1)! : w.cast(w.inputs.at(-1)!, w.dtype),
  loop: NO_LOOP,
  sigmoid: operator("Sigmoid"),
  relu: operator("Relu"),
  softplus: operator("Softplus"),
  softsign: operator("Softsign"),
  leakyRelu: FORMULA,
  elu: FORMULA,
  gelu: FORMULA,
  sigmoidCrossEntropy: FORMULA,
  eq: FORMULA,
  ne: FORMULA,
  lt: FORMULA,
  le: FORMULA,
  gt: FORMULA,
  ge: FORMULA,
  where: (w) => w.emit("Where", [w.condition(w.x, w.dtypes[0]), w.y, w.inputs[2]!]),
  exp: FORMULA,
  exp2: FORMULA,
  expm1: FORMULA,
  log: FORMULA,
  log2: FORMULA,
  log10: FORMULA,
  log1p: FORMULA,
  logAddExp: FORMULA,
  xlogy: FORMULA,
  pow: FORMULA,
  square: FORMULA,
  sqrt: FORMULA,
  rsqrt: FORMULA,
  cbrt: FORMULA,
  hypot: FORMULA,
  floor: FORMULA,
  ceil: FORMULA,
  trunc: FORMULA,
  round: FORMULA,
  mod: FORMULA,
  clip: FORMULA,
  erf: FORMULA,
  erfc: FORMULA,
  erfinv: FORMULA,
  lgamma: FORMULA,
  polygamma: FORMULA,
  logit: FORMULA,
  sin: FORMULA,
  cos: FORMULA,
  tan: FORMULA,
  asin: FORMULA,
  acos: FORMULA,
  atan: FORMULA,
  atan2: FORMULA,
  sinh: FORMULA,
  cosh: FORMULA,
  tanh: FORMULA,
  asinh: FORMULA,
  acosh: FORMULA,
  atanh: FORMULA,
  sincDerivative: FORMULA,
  randomUniform: NO_RANDOM,
  threefry: NO_RANDOM,
  cholesky: NO_FACTORS,
  cofactor: NO_FACTORS,
  determinantSign: (w) => w.emit("Sign", [linearAlgebra.determinant(w)]),
  eigh: NO_FACTORS,
  inverse: NO_FACTORS,
  logDeterminant: (w) => w.emit("Log", [w.emit("Abs", [linearAlgebra.determinant(w)])]),
  matrixExp: NO_FACTORS,
  pseudoInverse: NO_FACTORS,
  qr: NO_FACTORS,
  solve: NO_FACTORS,
  svd: NO_FACTORS,
  triangularSolve: NO_FACTORS,
  argCumMax: NO_ARGUMENTS,
};

/** How the rows of an operation are written, or why they can't be. */
export function writerOf(operation: Operation): Writer<unknown> | Refusal {
  const entry = WRITERS[operation.name as PrimitiveName] as Writer<unknown> | Refusal | typeof FORMULA;
  if (entry !== FORMULA) return entry;
  const formula = formulaOf(operation);
  const refusal = refusalOf(formula);
  return refusal === undefined ? (w) => writeFormula(w, formula) : refused(refusal);
}

const formulas = new Map<Operation, Expression>();

/** The formula of an element-wise operation. */
function formulaOf(operation: Operation): Expression {
  let formula = formulas.get(operation);
  if (formula === undefined) {
    const [x, y, z] = [0, 1, 2].map(inputExpression) as [Expression, Expression, Expression];
    formulas.set(operation, formula = operation.primitive.lower!(scalarAlgebra, x, y, z));
  }
  return formula;
}
