import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import { cumMax, cumMin, cumProd, cumSum, flip, grad, type Variable } from "../../../mod.ts";

const X = [[1, 2, 3], [4, 5, 6]];

Deno.test("cumSum() and cumProd() run along an axis, either way, with or without the element", () => {
  assertEquals(cumSum(X).value, [[1, 2, 3], [5, 7, 9]]);
  assertEquals(cumSum(X, { axis: -1 }).value, [[1, 3, 6], [4, 9, 15]]);
  assertEquals(cumSum(X, { axis: 1, reverse: true }).value, [[6, 5, 3], [15, 11, 6]]);
  assertEquals(cumSum(X, { axis: 1, exclusive: true }).value, [[0, 1, 3], [0, 4, 9]]);
  assertEquals(cumSum(X, { axis: 1, exclusive: true, reverse: true }).value, [[5, 3, 0], [11, 6, 0]]);
  assertEquals(cumProd(X, { axis: 1 }).value, [[1, 2, 6], [4, 20, 120]]);
  assertEquals(cumProd(X, { axis: 1, reverse: true }).value, [[6, 6, 3], [120, 30, 6]]);
  assertEquals(cumProd(X, { axis: 1, exclusive: true }).value, [[1, 1, 2], [1, 4, 20]]);
  assertEquals(cumProd(X, { axis: 0, exclusive: true, reverse: true }).value, [[4, 5, 6], [1, 1, 1]]);
  assertEquals(cumSum([], { exclusive: true }).value, []);
  assertEquals(cumSum(new Float32Array([1, 2]), { exclusive: true }).dtype, "float32");
});

Deno.test("the derivative of cumProd() is right where elements are 0, to the second order", () => {
  // d y[i] / d x[j] is the product of the others up to i.
  const point = [2, 0, 3, 0, 4];
  const weights = [1, -2, 3, 0.5, -1];
  const others = (i: number, ...without: number[]): number =>
    point.slice(0, i + 1).reduce((p, x, k) => without.includes(k) ? p : p * x, 1);
  const g = grad((x: Variable) => cumProd(x).mul(weights).sum())(point);
  g.forEach((value, j) => {
    const expected = weights.reduce((sum, w, i) => i < j ? sum : sum + w * others(i, j), 0);
    assertAlmostEquals(value, expected, 1e-13);
  });
  const second = grad((x: Variable) => grad((y: Variable) => cumProd(y).mul(weights).sum())(x).sum())(point);
  second.forEach((value, j) => {
    let expected = 0;
    for (let k = 0; k < 5; k++) {
      if (k !== j) weights.forEach((w, i) => expected += i >= Math.max(j, k) ? w * others(i, j, k) : 0);
    }
    assertAlmostEquals(value, expected, 1e-13);
  });
  for (const reverse of [false, true]) {
    checkGradients((x) => cumProd(x, { axis: 1, reverse, exclusive: true }).square().sum(), [X]);
  }
});

Deno.test("cumMax() and cumMin() keep the extreme so far; ties go to the last, NaN stays", () => {
  assertEquals(cumMax([1, 3, 2, 3, 4]).value, [1, 3, 3, 3, 4]);
  assertEquals(cumMin(X.map((row) => row.map((x) => -x)), { axis: 1 }).value, [[-1, -2, -3], [-4, -5, -6]]);
  assertEquals(cumMax([1, NaN, 3]).value, [1, NaN, NaN]);
  assertEquals(cumMin([3, 1, 2]).value, [3, 1, 1]);
  assertEquals(grad((x: Variable) => cumMax(x).sum())([1, 3, 3, 2, 3]), [1, 1, 2, 0, 1]);
  assertEquals(grad((x: Variable) => cumMin(x).sum())([3, 1, 2]), [1, 2, 0]);
  assertEquals(cumMax([]).value, []);
});

Deno.test("accumulations need an axis that is there", () => {
  assertThrows(() => cumSum(3), RangeError, "Cannot apply cumSum along axis 0");
  assertThrows(() => cumProd(X, { axis: 2 }), RangeError, "Cannot apply cumProd along axis 2");
  assertThrows(() => cumMax(X, { axis: -3 }), RangeError, "Cannot apply cumMax along axis -3");
  assertThrows(() => cumMin(3), RangeError, "Cannot apply cumMin along axis 0");
});

Deno.test("accumulations are those of loops", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 12 }), (x) => {
    let [sum, product] = [0, 1];
    const sums = x.map((v) => sum += v);
    const products = x.map((v) => product *= v);
    assertEquals(cumSum(x).value, sums);
    cumProd(x).data.forEach((v, i) => assertAlmostEquals(v, products[i]!));
    assertEquals(cumMax(x).value, x.map((_, i) => Math.max(...x.slice(0, i + 1))));
    assertEquals(cumSum(x, { reverse: true }).value, flip(cumSum(flip(x))).value);
  }));
});
