import { assert, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@4";
import { ceil, clip, floor, grad, lerp, mod, round, trunc, type Variable } from "../../../mod.ts";

const POINTS = [-Infinity, -2.5, -1.5, -0.5, -0, 0, 0.5, 1.5, 2.5, 2 ** 52 - 0.5, 2 ** 53 + 2, Infinity, NaN];

Deno.test("round() takes a half to the even integer and keeps the sign of zero", () => {
  const expected = [-Infinity, -2, -2, -0, -0, 0, 0, 2, 2, 2 ** 52, 2 ** 53 + 2, Infinity, NaN];
  assertEquals([...round(POINTS).data], expected);
  assertEquals(round(0.49999999999999994).item(), 0);
});

Deno.test("floor(), ceil() and trunc() keep infinities, NaN and the sign of zero", () => {
  assertEquals(floor([-Infinity, -0.5, -0, 1.9, NaN]).value, [-Infinity, -1, -0, 1, NaN]);
  assertEquals(ceil([Infinity, -0.5, 0, 1.1, NaN]).value, [Infinity, -0, 0, 2, NaN]);
  assertEquals(trunc([-Infinity, -1.7, -0.5, 1.7, NaN]).value, [-Infinity, -1, -0, 1, NaN]);
});

Deno.test("rounding has the derivative 0 everywhere", () => {
  for (const f of [floor, ceil, trunc, round]) {
    assertEquals(grad((x: Variable) => f(x).sum())(POINTS), POINTS.map(() => 0));
  }
});

Deno.test("mod() has the sign of the divisor, as Python's %", () => {
  assertEquals(mod([5, -5, 5, -5, 6, -6], [3, 3, -3, -3, 3, -3]).value, [2, 1, -1, -2, 0, -0]);
  assertEquals(mod([1, Infinity, 5, -5, 5, NaN], [0, 3, Infinity, Infinity, -Infinity, 1]).value, [
    NaN,
    NaN,
    5,
    Infinity,
    -Infinity,
    NaN,
  ]);
});

Deno.test("mod() has the derivatives 1 and -floor(x / y)", () => {
  const gradient = grad((x: Variable, y: Variable) => mod(x, y).sum(), { argnums: [0, 1] });
  assertEquals(gradient([7.5, -7.5, 7.5, -7.5], [2, 2, -2, -2]), [[1, 1, 1, 1], [-3, 4, 4, -3]]);
});

Deno.test("mod() lies between 0 and the divisor and differs from x by a multiple of it", () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(fc.property(number, number.filter((y) => Math.abs(y) > 1e-3), (x, y) => {
    const rest = mod(x, y).item();
    assert(rest === 0 || rest > 0 === y > 0, `sign of ${rest}`);
    assertLessOrEqual(Math.abs(rest), Math.abs(y), `size of ${rest}`);
    const turns = (x - rest) / y;
    assertLessOrEqual(
      Math.abs(turns - Math.round(turns)),
      1e-9 * Math.max(1, Math.abs(turns)),
      `${turns} turns`,
    );
  }));
});

Deno.test("clip() gives the derivative to x between the bounds and at them", () => {
  const x = [-Infinity, -1, -0.5, 0, 0.5, 1, Infinity, NaN];
  assertEquals(clip(x, -0.5, 0.5).value, [-0.5, -0.5, -0.5, 0, 0.5, 0.5, 0.5, NaN]);
  assertEquals(grad((x: Variable) => clip(x, -0.5, 0.5).sum())(x), [0, 0, 1, 1, 1, 0, 0, 0]);
  assertEquals(clip([-5, 5], -Infinity, 2).value, [-5, 2]);
});

Deno.test("clip() gives the derivative to the bound that is taken; crossed, the upper one wins", () => {
  const gradient = grad((x: Variable, low: Variable, high: Variable) => clip(x, low, high).sum(), {
    argnums: [0, 1, 2],
  });
  assertEquals(clip([-2, 0, 2, 0], [-1, -1, -1, 3], [1, 1, 1, -3]).value, [-1, 0, 1, -3]);
  assertEquals(gradient([-2, 0, 2, 0], [-1, -1, -1, 3], [1, 1, 1, -3]), [
    [0, 1, 0, 0],
    [1, 0, 0, 0],
    [0, 0, 1, 1],
  ]);
});

Deno.test("clip() refuses a lower number above the upper", () => {
  assertThrows(
    () => clip([1], 2, -2),
    RangeError,
    "Cannot clip to 2 .. -2: the lower bound is above the upper, swap them",
  );
  assertThrows(() => clip([1, 2, 3], [1, 2], 3), TypeError);
});

Deno.test("lerp() is exact at both ends, and its derivatives are the weights and the distance", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), (end) => {
    assertEquals(lerp(0.1, end, 0).item(), 0.1);
    assertEquals(lerp(0.1, end, 1).item() + 0, end + 0);
  }));
  const gradient = grad((a: Variable, b: Variable, w: Variable) => lerp(a, b, w), { argnums: [0, 1, 2] });
  assertEquals(gradient(10, 20, 0.25), [0.75, 0.25, 10]);
});
