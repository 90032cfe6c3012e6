import { where } from "../../../functions/mod.ts";
import type { Variable } from "../../../variable/mod.ts";
import { isFloat, typeOfCode } from "../element_types.ts";
import { convert, type OnnxValue, type Reader, type Reading } from "./reading.ts";

const unary = (f: (x: Variable) => Variable): Reader => (r) => r.like(f(r.x));
const binary = (f: (x: Variable, y: Variable, r: Reading) => Variable): Reader => (r) =>
  r.like(f(r.x, r.y, r));
const comparison = (f: (x: Variable, y: Variable) => Variable): Reader => (r) => truth(f(r.x, r.y));
const many = (f: (x: Variable, y: Variable) => Variable): Reader => (r) => r.like(r.all.reduce(f));

/** A truth value. */
const truth = (x: Variable): OnnxValue => ({
  x: x.dtype === "float64" ? x : x.cast("float64"),
  type: "bool",
});

const hardSigmoid = (r: Reading): Variable =>
  r.x.mul(r.number("alpha", 0.2)).add(r.number("beta", 0.5)).clip(0, 1);

const div = (x: Variable, y: Variable, r: Reading): Variable => r.isFloat(0) ? x.div(y) : x.div(y).trunc();

/** The remainder: with the sign of the divisor, or with that of x. */
const mod: Reader = (r) => {
  const rest = r.x.mod(r.y);
  if (!r.flag("fmod")) return r.like(rest);
  const opposite = rest.ne(0).mul(rest.mul(r.x).lt(0));
  return r.like(where(opposite, rest.sub(r.y), rest));
};

const gelu: Reader = (r) =>
  r.like(r.x.gelu(r.text("approximate", "none") === "tanh" ? { approximate: "tanh" } : {}));

const selu: Reader = (r) => {
  const alpha = r.number("alpha", 1.67326319217681884765625);
  return r.like(r.x.elu({ alpha }).mul(r.number("gamma", 1.05070102214813232421875)));
};

const clip: Reader = (r) => {
  const low = r.has(1) ? r.y : r.number("min", -Infinity);
  const high = r.has(2) ? r.variable(2) : r.number("max", Infinity);
  return r.like(r.x.clip(low, high));
};

const cast: Reader = (r) => {
  const to = typeOfCode(r.number("to", 0));
  if (to === undefined) throw r.unsupported("this element type");
  return convert(r.value(0), to);
};

const pow = (x: Variable, y: Variable): Variable => x.pow(y.dtype === x.dtype ? y : y.cast(x.dtype));

/** Operators that work on each element by itself. */
export const ELEMENTWISE: Readonly<Record<string, Reader>> = {
  Abs: unary((x) => x.abs()),
  Acos: unary((x) => x.acos()),
  Acosh: unary((x) => x.acosh()),
  Add: binary((x, y) => x.add(y)),
  And: comparison((x, y) => x.mul(y)),
  Asin: unary((x) => x.asin()),
  Asinh: unary((x) => x.asinh()),
  Atan: unary((x) => x.atan()),
  Atanh: unary((x) => x.atanh()),
  Cast: cast,
  CastLike: (r) => convert(r.value(0), r.type(1)),
  Ceil: unary((x) => x.ceil()),
  Celu: (r) => {
    const alpha = r.number("alpha", 1);
    return r.like(r.x.div(alpha).elu().mul(alpha));
  },
  Clip: clip,
  Cos: unary((x) => x.cos()),
  Cosh: unary((x) => x.cosh()),
  Div: binary(div),
  Dropout: (r) => r.node.outputs.length > 1 ? refuseMask(r) : r.value(0),
  Elu: (r) => r.like(r.x.elu({ alpha: r.number("alpha", 1) })),
  Equal: comparison((x, y) => x.eq(y)),
  Erf: unary((x) => x.erf()),
  Exp: unary((x) => x.exp()),
  Floor: unary((x) => x.floor()),
  Gelu: gelu,
  Greater: comparison((x, y) => x.gt(y)),
  GreaterOrEqual: comparison((x, y) => x.ge(y)),
  HardSigmoid: (r) => r.like(hardSigmoid(r)),
  HardSwish: unary((x) => x.mul(x.div(6).add(0.5).clip(0, 1))),
  Identity: (r) => r.value(0),
  IsInf: (r) => truth(r.x.abs().eq(Infinity)),
  IsNaN: (r) => truth(r.x.ne(r.x)),
  LeakyRelu: (r) => r.like(r.x.leakyRelu({ negativeSlope: r.number("alpha", 0.01) })),
  Less: comparison((x, y) => x.lt(y)),
  LessOrEqual: comparison((x, y) => x.le(y)),
  Log: unary((x) => x.log()),
  Max: many((x, y) => x.maximum(y)),
  Mean: (r) => r.like(r.all.reduce((x, y) => x.add(y)).div(r.count)),
  Min: many((x, y) => x.minimum(y)),
  Mish: unary((x) => x.mish()),
  Mod: mod,
  Mul: binary((x, y) => x.mul(y)),
  Neg: unary((x) => x.neg()),
  Not: (r) => truth(r.x.eq(0)),
  Or: comparison((x, y) => x.add(y).gt(0)),
  Pow: binary(pow),
  PRelu: binary((x, slope) => where(x.gt(0), x, x.mul(slope))),
  Reciprocal: unary((x) => x.reciprocal()),
  Relu: unary((x) => x.relu()),
  Round: unary((x) => x.round()),
  Selu: selu,
  Shrink: (r) => {
    const [lambd, bias] = [r.number("lambd", 0.5), r.number("bias", 0)];
    return r.like(where(r.x.gt(lambd), r.x.sub(bias), where(r.x.lt(-lambd), r.x.add(bias), 0)));
  },
  Sigmoid: unary((x) => x.sigmoid()),
  Sign: unary((x) => x.sign()),
  Sin: unary((x) => x.sin()),
  Sinh: unary((x) => x.sinh()),
  Softplus: unary((x) => x.softplus()),
  Softsign: unary((x) => x.softsign()),
  Sqrt: unary((x) => x.sqrt()),
  Sub: binary((x, y) => x.sub(y)),
  Sum: many((x, y) => x.add(y)),
  Tan: unary((x) => x.tan()),
  Tanh: unary((x) => x.tanh()),
  ThresholdedRelu: (r) => r.like(where(r.x.gt(r.number("alpha", 1)), r.x, 0)),
  Where: (r) => {
    const type = r.type(1);
    const chosen = where(r.x, r.y, r.variable(2));
    return { x: isFloat(type) ? chosen : convert({ x: chosen, type }, type).x, type };
  },
  Xor: comparison((x, y) => x.ne(y)),
};

function refuseMask(r: Reading): never {
  throw r.unsupported("the mask of what is dropped");
}
