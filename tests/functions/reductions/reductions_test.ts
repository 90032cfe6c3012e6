import { assertAlmostEquals, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  all,
  any,
  argMax,
  argMin,
  clipByNorm,
  constant,
  grad,
  norm,
  prod,
  type Variable,
} from "../../../mod.ts";

const X = [[[1, 2], [3, 4], [5, 6]], [[-1, 1], [2, -2], [0.5, 4]]];

Deno.test("prod() multiplies along axes, neighbours or not", () => {
  assertEquals(prod([2, 3, 4]).value, 24);
  assertEquals(prod(X, 1).value, [[15, 48], [-1, -8]]);
  assertEquals(prod(X, [0, 2]).value, [-2, -48, 60]);
  assertEquals(prod(X, { axis: [1, 2], keepDims: true }).value, [[[720]], [[8]]]);
  assertEquals(prod(X, { keepDims: true }).shape, [1, 1, 1]);
  assertEquals(prod([]).value, 1);
  assertEquals(prod([[], []], 1).value, [1, 1]);
  assertEquals(prod(3).value, 3);
  assertEquals(prod(new Float32Array([3, 4])).dtype, "float32");
  assertThrows(() => prod([1, 2], 1), RangeError, "Cannot apply prod along axis 1");
});

Deno.test("the derivative of prod() is the product of the others, with any number of zeros", () => {
  const g = grad((x: Variable) => prod(x));
  assertEquals(g([2, 3, 4]), [12, 8, 6]);
  assertEquals(g([0, 3, 4]), [12, 0, 0]);
  assertEquals(g([0, 3, 0]), [0, 0, 0]);
  assertEquals(g([5]), [1]);
  assertEquals(g([]), []);
  for (const point of [[0, 3, 4, -2], [0, 3, 0, 5], [0, 0, 0, 7], [1, -2, 3, 4]]) {
    checkGradients((x) => prod(x), [point]);
    // The second derivative by i and j is the product without both.
    const along = grad((x: Variable) => grad((y: Variable) => prod(y))(x).mul([1, 2, 3, 4]).sum())(point);
    along.forEach((value, i) => {
      const expected = point.reduce(
        (sum, _, j) =>
          j === i ? sum : sum + (j + 1) * point.reduce((p, x, k) => k === i || k === j ? p : p * x, 1),
        0,
      );
      assertAlmostEquals(value, expected, 1e-12);
    });
  }
});

Deno.test("norm() gives the lengths of vectors for every order", () => {
  assertEquals(norm([3, -4]).value, 5);
  assertEquals(norm([[3, -4]], { ord: "fro" }).value, 5);
  assertEquals(norm([3, -4], { ord: 1 }).value, 7);
  assertEquals(norm([3, -4], { ord: Infinity }).value, 4);
  assertAlmostEquals(norm([3, -4], { ord: 3 }).item(), 4.497941445275415, 1e-15);
  assertEquals(norm([[3, 4], [6, 8]], 1).value, [5, 10]);
  assertEquals(norm([[3, 4], [6, 8]], { axis: 0, keepDims: true, ord: 1 }).value, [[9, 12]]);
  for (const ord of [1, 2, 3, Infinity]) assertEquals(norm([], { ord }).value, 0);
  assertEquals(norm(-3).value, 3);
  assertEquals(norm([NaN, Infinity]).value, NaN);
  assertEquals(norm([1, -Infinity]).value, Infinity);
});

Deno.test("norm() neither overflows nor underflows", () => {
  assertAlmostEquals(norm([3e300, -4e300]).item() / 5e300, 1, 1e-15);
  assertAlmostEquals(norm([3e-300, 4e-300]).item() / 5e-300, 1, 1e-15);
  assertEquals(norm([5e-324, 0]).value, 5e-324);
  assertEquals(norm([Number.MAX_VALUE, 0]).value, Number.MAX_VALUE);
  const g = grad((x: Variable) => norm(x))([3e-300, 4e-300]);
  assertAlmostEquals(g[0]!, 0.6, 1e-15);
});

Deno.test("the derivative of norm() at 0 is 0, to any order", () => {
  assertEquals(grad((x: Variable) => norm(x))([3, 4]), [0.6, 0.8]);
  for (const ord of [1, 2, 3, Infinity]) {
    assertEquals(grad((x: Variable) => norm(x, { ord }))([0, 0]), [0, 0], `order ${ord}`);
  }
  const second = grad((x: Variable) => grad((y: Variable) => norm(y))(x).sum());
  assertEquals(second([0, 0]), [0, 0]);
  for (const ord of [1.5, 2, 4]) {
    checkGradients((x) => norm(x, { ord, axis: 0 }).sum(), [[[1, -2], [0.5, 3]]]);
  }
});

Deno.test("norm() refuses orders that are none", () => {
  for (const ord of [0.5, 0, -Infinity, NaN]) {
    assertThrows(() => norm([1, 2], { ord }), RangeError, `ord is ${ord}, use a number from 1 up`);
  }
  assertThrows(() => norm([1, 2], { ord: "nuc" as never }), RangeError, 'ord is "nuc", use "fro"');
});

Deno.test("clipByNorm() scales long vectors and leaves others", () => {
  assertEquals(clipByNorm([30, 40], 5).value, [3, 4]);
  assertEquals(clipByNorm([0.3, 0.4], 5).value, [0.3, 0.4]);
  assertEquals(clipByNorm([0, 0], 0).value, [0, 0]);
  assertEquals(clipByNorm([[30, 40], [3, 4]], 5, 1).value, [[3, 4], [3, 4]]);
  assertEquals(grad((x: Variable) => clipByNorm(x, 1).sum())([0, 0]), [1, 1]);
  checkGradients((x) => clipByNorm(x, 2, { axis: 1 }).square().sum({ axis: 0 }).mul([1, 2]).sum(), [
    [[3, 4], [0.1, 0.2]],
  ]);
  assertThrows(() => clipByNorm([1], -1), RangeError, "maxNorm is -1");
});

Deno.test("any() and all() look for elements that are not 0", () => {
  assertEquals(any([[0, 1], [0, 0]], 1).value, [1, 0]);
  assertEquals(all([[2, 1], [0, 1]], { axis: 1, keepDims: true }).value, [[1], [0]]);
  assertEquals([any([]).value, all([]).value], [0, 1]);
  assertEquals([any([NaN]).value, all([NaN, -1]).value], [1, 1]);
  assertEquals(grad((x: Variable) => any(x).add(all(x)))([1, 2]), [0, 0]);
});

Deno.test("argMax() and argMin() find the first of equal elements, and NaN", () => {
  assertEquals(argMax([1, 7, 3, 7]).value, 1);
  assertEquals(argMin([1, 7, 0, 0]).value, 2);
  assertEquals(argMax([1, NaN, 9, NaN]).value, 1);
  assertEquals(argMin([1, NaN, 9, NaN]).value, 1);
  assertEquals(argMax([-Infinity, -Infinity]).value, 0);
  assertEquals(argMax(X).value, 5);
  assertEquals(argMax(X, -1).value, [[1, 1, 1], [1, 0, 1]]);
  assertEquals(argMin(X, { axis: 1, keepDims: true }).value, [[[0, 0]], [[0, 1]]]);
  assertEquals(argMax(5).value, 0);
  assertEquals(argMax(constant([1, 2], { dtype: "float32" })).dtype, "float64");
  assertThrows(() => argMax([]), TypeError, "Cannot find the largest of no elements");
  assertThrows(() => argMax([1], 1), RangeError, "axis 1");
});

Deno.test("reductions are those of loops", () => {
  const matrix = fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(fc.property(matrix, (rows) => {
    assertEquals(prod(rows, 1).value, rows.map((r) => r.reduce((a, b) => a * b, 1)));
    assertEquals(argMax(rows, 1).value, rows.map((r) => r.indexOf(Math.max(...r))));
    assertEquals(any(rows, 1).value, rows.map((r) => Number(r.some((x) => x !== 0))));
    norm(rows, 1).data.forEach((n, i) => assertAlmostEquals(n, Math.hypot(...rows[i]!), 1e-13));
    assertLessOrEqual(norm(rows).item(), norm(rows, { ord: 1 }).item() + 1e-12);
  }));
});
