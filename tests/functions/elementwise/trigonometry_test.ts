import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@4";
import { acos, acosh, asin, atan2, atanh, constant, grad, sinc, type Variable } from "../../../mod.ts";

const both = { argnums: [0, 1] as const };

Deno.test("atan2() knows the quadrant, the sign of zero and infinities", () => {
  const { PI } = Math;
  assertEquals(atan2([0, -0, 1, -1, 0], [-1, -1, 0, 0, 0]).value, [PI, -PI, PI / 2, -PI / 2, 0]);
  assertEquals(atan2([Infinity, 1], [Infinity, -Infinity]).value, [PI / 4, PI]);
});

Deno.test("atan2() has derivatives that are 0 at the origin, and don't overflow", () => {
  const gradient = grad((y: Variable, x: Variable) => atan2(y, x), both);
  assertEquals(gradient(0, 0), [0, -0]);
  assertEquals(gradient(3e200, 4e200).map((d) => Math.round(d * 1e203)), [160, -120]);
  assertEquals(gradient(3e-200, 4e-200).map((d) => Math.round(d * 1e-197)), [160, -120]);
  assertEquals(gradient(1, Infinity), [0, -0]);
  const second = grad((y: Variable, x: Variable) => grad((v: Variable) => atan2(v, x))(y), both);
  assertEquals(second(0, 0), [0, 0]);
  // d2 / dy2 = -2 x y / r^4, d2 / dy dx = (y^2 - x^2) / r^4.
  second(1, 2).forEach((d, i) => assertAlmostEquals(d, [-4 / 25, -3 / 25][i]!, 1e-15));
});

Deno.test("inverse functions are NaN outside of their domain, and infinite in slope at its ends", () => {
  for (const f of [asin, acos, atanh]) {
    assertEquals(f([1.1, -1.1, Infinity]).value, [NaN, NaN, NaN]);
    assertEquals(grad((x: Variable) => f(x).sum())([1, -1]).map(Math.abs), [Infinity, Infinity]);
  }
  assertEquals(acosh([0.9, -5]).value, [NaN, NaN]);
  assertEquals(grad((x: Variable) => acosh(x).sum())([1, -5]), [Infinity, NaN]);
});

Deno.test("sinc() is smooth at 0 and exactly 0 at other integers", () => {
  assertEquals(sinc([1, -7, 1e15]).value, [0, -0, 0]);
  const derivatives = [sinc, grad(sinc), grad(grad(sinc)), grad(grad(grad(sinc)))];
  const series = [1, 0, -(Math.PI ** 2) / 3, 0];
  derivatives.forEach((f, i) =>
    assertAlmostEquals((f as (x: Variable) => Variable)(constant(0)).item(), series[i]!, 1e-15)
  );
});

Deno.test("sinc() solves the equation of its derivatives: x s'' + 2 s' + pi^2 x s = 0", () => {
  fc.assert(fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (x) => {
    const first = grad((v: Variable) => sinc(v));
    const second = grad((v: Variable) => first(v));
    const left = x * second(x) + 2 * first(x) + Math.PI ** 2 * x * sinc(x).item();
    assertAlmostEquals(left, 0, 1e-11);
  }));
});

Deno.test("atan2() refuses shapes that don't broadcast", () => {
  assertThrows(() => atan2([1, 2], [1, 2, 3]), TypeError);
});
