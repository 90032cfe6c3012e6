import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as fc from "npm:fast-check@4";
import { constant, grad, hypot, logAddExp, pow, rsqrt, type Variable, xlogy } from "../../../mod.ts";

type Pair = readonly [number, number];
type Scalar = (x: Variable, y: Variable) => Variable;

function gradients(f: Scalar, [x, y]: Pair): Pair {
  return grad(f as (x: Variable, y: Variable) => Variable, { argnums: [0, 1] })(x, y) as unknown as Pair;
}

/** The derivatives by x and x, by x and y, by y and y. */
function hessian(f: Scalar, [x, y]: Pair): readonly number[] {
  const first = (k: 0 | 1) => grad(f, { argnums: k }) as unknown as Scalar;
  return [...gradients(first(0), [x, y]), gradients(first(1), [x, y])[1]];
}

Deno.test("hypot() neither overflows nor underflows, in value and derivatives", () => {
  for (const scale of [1e300, 1, 1e-300, 1e-310]) {
    const point: Pair = [3 * scale, -4 * scale];
    assertAlmostEquals(hypot(...point).item() / scale, 5, 1e-9);
    const [dx, dy] = gradients(hypot, point);
    assertAlmostEquals(dx, 0.6, 1e-9);
    assertAlmostEquals(dy, -0.8, 1e-9);
  }
  assertEquals(hypot([Infinity, NaN, 5e-324], [NaN, -Infinity, 0]).value, [Infinity, Infinity, 5e-324]);
});

Deno.test("hypot() has the derivative 0 at the origin, to the second order", () => {
  assertEquals(gradients(hypot, [0, 0]), [0, 0]);
  assertEquals(hessian(hypot, [0, 0]), [0, 0, 0]);
  assertEquals(gradients(hypot, [-Infinity, 3]), [-1, 0]);
  assertEquals(gradients(hypot, [0, -2]), [0, -1]);
  const [xx, xy, yy] = hessian(hypot, [3, 4]);
  [xx! - 16 / 125, xy! + 12 / 125, yy! - 9 / 125].forEach((miss) => assertAlmostEquals(miss, 0, 1e-15));
});

Deno.test("hypot() is Math.hypot", () => {
  const number = fc.double({ noNaN: true });
  fc.assert(fc.property(number, number, (x, y) => {
    const [actual, expected] = [hypot(x, y).item(), Math.hypot(x, y)];
    assert(
      actual === expected || Math.abs(actual - expected) <= 4e-16 * expected + 5e-324,
      `${actual}, ${expected}`,
    );
  }));
});

Deno.test("logAddExp() is right for numbers of any size", () => {
  assertEquals(logAddExp(-Infinity, -Infinity).item(), -Infinity);
  assertEquals(logAddExp([Infinity, -Infinity, Infinity], [Infinity, 3, -Infinity]).value, [
    Infinity,
    3,
    Infinity,
  ]);
  assertEquals(logAddExp(1e308, 1e308).item(), 1e308);
  assertEquals(logAddExp(0, 0).item(), Math.LN2);
  assertEquals(logAddExp(0, -50).item(), Math.exp(-50));
  assertEquals(logAddExp(NaN, 1).item(), NaN);
});

Deno.test("logAddExp() shares its derivative, of which a sum of nothing has none", () => {
  assertEquals(gradients(logAddExp, [1e308, 1e308]), [0.5, 0.5]);
  assertEquals(gradients(logAddExp, [Infinity, 0]), [1, 0]);
  assertEquals(gradients(logAddExp, [-Infinity, 0]), [0, 1]);
  assertEquals(gradients(logAddExp, [-Infinity, -Infinity]), [0, 0]);
  assertEquals(gradients(logAddExp, [Infinity, Infinity]), [NaN, NaN]);
  assertEquals(hessian(logAddExp, [2, 2]), [0.25, -0.25, 0.25]);
});

Deno.test("xlogy() is 0 where x is 0, but for NaN, and so are its derivatives where y is not positive", () => {
  assertEquals(xlogy([0, 0, 0, 0, 2, NaN], [0, -1, Infinity, NaN, 0, 1]).value, [
    0,
    0,
    0,
    NaN,
    -Infinity,
    NaN,
  ]);
  assertEquals(gradients(xlogy, [0, 0]), [0, 0]);
  assertEquals(gradients(xlogy, [0, -1]), [0, 0]);
  assertEquals(hessian(xlogy, [0, 0]), [0, 0, 0]);
  assertEquals(gradients(xlogy, [0, 2]), [Math.LN2, 0]);
  assertEquals(hessian(xlogy, [0, 2]), [0, 0.5, -0]);
  assertEquals(grad((p: Variable) => xlogy(p, p).sum())([0, 1]), [0, 1]);
});

Deno.test("pow() of 1 is 1, and so is 1 or -1 to an infinite power", () => {
  assertEquals(pow([1, 1, -1, -1, 1, 0], [Infinity, NaN, Infinity, -Infinity, 3, 0]).value, [
    1,
    1,
    1,
    1,
    1,
    1,
  ]);
});

Deno.test("pow() keeps the mixed second derivative at exponent 0", () => {
  // d2 x^y / dx dy = x^(y - 1) (1 + y log x), which is 1 / x there.
  assertEquals(hessian(pow, [2, 0]), [0, 0.5, Math.LN2 ** 2]);
});

Deno.test("float32 operands give float32 results", () => {
  const x = constant([0.1, 0.2], { dtype: "float32" });
  assertEquals(hypot(x, 1).dtype, "float32");
  assertEquals(rsqrt(x).data, Float32Array.from(x.data, (v) => 1 / Math.sqrt(v)));
});
