import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@4";
import * as t from "../../../mod.ts";
import { grad, type Variable } from "../../../mod.ts";

type Activation = (x: Variable) => Variable;

function slopes(f: Activation, x: readonly number[]): number[] {
  return grad((v: Variable) => f(v).sum())(x as number[]) as number[];
}

Deno.test("kinks have the derivatives that are documented", () => {
  assertEquals(slopes((x) => t.leakyRelu(x, { negativeSlope: 0.2 }), [-1, -0, 0, 1]), [0.2, 0.2, 0.2, 1]);
  assertEquals(slopes((x) => t.elu(x, { alpha: 2 }), [0, 1]), [2, 1]);
  assertEquals(slopes((x) => t.relu6(x), [-1, 0, 3, 6, 7]), [0, 0, 1, 0, 0]);
  assertEquals(slopes((x) => t.hardSigmoid(x), [-4, -3, 0, 3, 4]), [0, 0, 1 / 6, 0, 0]);
  assertEquals(slopes((x) => t.hardTanh(x), [-2, -1, 0, 1, 2]), [0, 1, 1, 1, 0]);
  assertEquals(slopes((x) => t.softshrink(x), [-1, -0.5, 0, 0.5, 1]), [1, 0, 0, 0, 1]);
  assertEquals(slopes((x) => t.softsign(x), [0, Infinity]), [1, 0]);
  const [selu] = slopes((x) => t.selu(x), [0]);
  assertAlmostEquals(selu!, 1.7580993408473766, 1e-15);
});

Deno.test("activations are right at infinities", () => {
  const at = [-Infinity, Infinity];
  assertEquals(t.leakyRelu(at).value, [-Infinity, Infinity]);
  assertEquals(t.elu(at).value, [-1, Infinity]);
  assertEquals(t.relu6(at).value, [0, 6]);
  assertEquals(t.hardSigmoid(at).value, [0, 1]);
  assertEquals(t.hardTanh(at).value, [-1, 1]);
  assertEquals(t.softsign(at).value, [-1, 1]);
  assertEquals(t.softshrink(at).value, [-Infinity, Infinity]);
  for (const f of [t.gelu, t.silu, t.mish]) {
    assertEquals((f as Activation)(t.constant(Infinity)).item(), Infinity);
  }
});

Deno.test("NaN stays NaN", () => {
  const all: Activation[] = [
    (x) => t.leakyRelu(x),
    (x) => t.elu(x),
    t.selu,
    (x) => t.gelu(x),
    t.silu,
    t.mish,
    t.relu6,
    t.hardSigmoid,
    (x) => t.hardTanh(x),
    t.softsign,
    (x) => t.softshrink(x),
    t.tanhshrink,
  ];
  for (const f of all) assertEquals(f(t.constant(NaN)).item(), NaN, f.toString());
});

Deno.test("gelu() by the hyperbolic tangent is the formula, also where the cube overflows", () => {
  const approximate = (x: t.Operand): Variable => t.gelu(x, { approximate: "tanh" });
  fc.assert(fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
    const u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
    assertAlmostEquals(approximate(x).item(), 0.5 * x * (1 + Math.tanh(u)), 1e-15 * 10);
  }));
  assertEquals(approximate([1e200, -1e200, 0]).value, [1e200, -0, 0]);
  assertEquals(slopes(approximate, [1e200, -1e200, 0]), [1, 0, 0.5]);
});

Deno.test("prelu() has a derivative by the slope, summed where it was broadcast", () => {
  const gradient = grad((x: Variable, slope: Variable) => t.prelu(x, slope).sum(), { argnums: [0, 1] });
  assertEquals(gradient([[-1, 2], [-3, -4]], [0.5, 0.1]), [[[0.5, 1], [0.5, 0.1]], [-4, -4]]);
});

Deno.test("elu() with alpha has a second derivative that is alpha exp(x) on the left", () => {
  const second = grad((x: Variable) => grad((v: Variable) => t.elu(v, { alpha: 2 }))(x));
  assertEquals([second(-1), second(0), second(1), second(1e3)], [2 * Math.exp(-1), 2, 0, 0]);
});

Deno.test("selu() keeps a standard normal variable at mean 0 and variance 1", () => {
  // The trapezoidal rule is exact to rounding for analytic integrands that fade out; selu has a kink at 0.
  let [mean, square] = [0, 0];
  const h = 1e-3;
  for (let x = -10 + h / 2; x < 10; x += h) {
    const weight = h * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    const y = t.selu(x).item();
    mean += weight * y;
    square += weight * y * y;
  }
  assertLess(Math.abs(mean), 1e-6, `${mean}, ${square}`);
  assertLess(Math.abs(square - 1), 1e-6, `${mean}, ${square}`);
});

Deno.test("bad options are refused", () => {
  assertThrows(
    () => t.gelu(1, { approximate: "sigmoid" as "tanh" }),
    RangeError,
    'Cannot apply gelu: approximate is "sigmoid", use "none" or "tanh"',
  );
  assertThrows(
    () => t.softshrink(1, { lambda: -1 }),
    RangeError,
    "Cannot apply softshrink: lambda is -1, use a number from 0 up",
  );
  assertThrows(() => t.hardTanh(1, { min: 2, max: 1 }), RangeError, "Cannot clip to 2 .. 1");
  assertThrows(() => t.prelu([1, 2, 3], [1, 2]), TypeError);
});

Deno.test("methods do what the functions do", () => {
  const x = t.constant([0.3, 0.7]);
  const names =
    ("rsqrt cbrt reciprocal exp2 log2 log10 floor ceil trunc round asin acos atan sinh cosh asinh atanh " +
      "erf erfc erfinv lgamma digamma sinc softsign logit isNan isFinite logicalNot relu6 leakyRelu elu selu gelu " +
      "silu mish hardSigmoid hardTanh softshrink tanhshrink").split(" ");
  const methods = x as unknown as { [name: string]: (y?: t.Operand) => Variable };
  const functions = t as unknown as { [name: string]: (x: t.Operand, y?: t.Operand) => Variable };
  for (const name of names) assertEquals(methods[name]!().value, functions[name]!(x).value, name);
  for (const name of "atan2 hypot logAddExp mod xlogy prelu logicalAnd logicalOr logicalXor".split(" ")) {
    assertEquals(methods[name]!([2, 0.5]).value, functions[name]!(x, [2, 0.5]).value, name);
  }
  assertEquals(x.acosh().value, t.acosh(x).value);
  assertEquals(x.clip(0.4, 0.6).value, [0.4, 0.6]);
  assertEquals(x.lerp([1.3, 1.7], 0.5).value, t.lerp(x, [1.3, 1.7], 0.5).value);
});

Deno.test("plain numbers take the dtype of the other operands, on either side", () => {
  const x = t.constant([0.25, 0.5], { dtype: "float32" });
  const all: Variable[] = [
    x.lerp(1, 0.25),
    t.lerp(0, x, 0.25),
    t.lerp([0, 1], 2, x),
    x.clip(0, 1),
    t.clip(0.3, x, 1),
    x.logicalAnd(1),
    t.logicalOr(1, x),
    t.logicalXor([1, 0], x),
    t.prelu(-1, x),
    t.hypot(1, x),
    t.mod(1, x),
    t.digamma(x),
    t.sinc(x),
    t.selu(x),
    t.gelu(x, { approximate: "tanh" }),
    t.hardSigmoid(x),
    t.softshrink(x),
    t.mish(x),
    t.isFinite(x),
  ];
  all.forEach((result, i) => assertEquals(result.dtype, "float32", `the result with number ${i}`));
});
