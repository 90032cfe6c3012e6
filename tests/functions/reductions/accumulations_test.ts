import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  compile,
  constant,
  cumMax,
  cumMin,
  cumProd,
  cumSum,
  flip,
  grad,
  logCumSumExp,
  type Variable,
  vmap,
} from "../../../mod.ts";

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

/** Values and derivatives of the weighted sum, computed with 60 digits by Python's decimal module. */
const RUNNING = [
  {
    x: [0.5, -1.25, 2, 0.75],
    weights: [1, -2, 0.5, 3],
    value: [0.5, 0.6602241504380872, 2.2326219831020326, 2.4372280586139023],
    gradient: [-0.18318698898294447, -0.20560706891482464, 2.3336989253594678, 0.5550951325383015],
  },
  {
    x: [1000, 1000.5, -1000],
    weights: [1, 2, -1],
    value: [1000, 1000.9740769841801, 1000.9740769841801],
    gradient: [1.3775406687981455, 0.6224593312018546, 0],
  },
  {
    x: [-800, 3, -3, 700.25, 0],
    weights: [1, 1, 1, 1, 1],
    value: [-800, 3, 3.0024756851377306, 700.25, 700.25],
    gradient: [1, 1.9975273768433652, 0.0024726231566347743, 2, 7.678723813110872e-305],
  },
];

for (const { x, weights, value, gradient } of RUNNING) {
  for (const way of ["eager", "compiled"] as const) {
    for (const [dtype, rounding] of [["float64", 1e-14], ["float32", 2e-7]] as const) {
      Deno.test(`logCumSumExp() of ${x}, ${way}, in ${dtype}, is what 60 digits give`, () => {
        // Shares are exponentials of differences of values of this size.
        const tolerance = rounding * Math.max(...x.map(Math.abs));
        const close = (found: ArrayLike<number>, expected: readonly number[]) =>
          expected.forEach((e, i) => assertAlmostEquals(found[i]!, e, tolerance));
        const input = constant(x).cast(dtype);
        const running = (v: Variable) => logCumSumExp(v);
        const slope = grad((v: Variable) => logCumSumExp(v).mul(weights).sum());
        close((way === "eager" ? running : compile(running))(input).data, value);
        close((way === "eager" ? slope : compile(slope))(input).data, gradient);
      });
    }
  }
}

Deno.test("logCumSumExp() runs either way, without the element, and over a batch", () => {
  const rows = [[0, 1, 2], [3, -1, 0.5]];
  const running = (row: number[]) =>
    row.map((_, i) => Math.log(row.slice(0, i + 1).reduce((s, v) => s + Math.exp(v), 0)));
  const close = (found: unknown, expected: number[][]) =>
    expected.flat().forEach((e, i) =>
      e === -Infinity
        ? assertEquals((found as number[][]).flat()[i], e)
        : assertAlmostEquals((found as number[][]).flat()[i]!, e, 1e-14)
    );
  close(logCumSumExp(rows, { axis: 1 }).value, rows.map(running));
  close(vmap(logCumSumExp)(rows).value, rows.map(running));
  close(
    logCumSumExp(rows, { axis: 1, reverse: true }).value,
    rows.map((r) => running(r.toReversed()).toReversed()),
  );
  close(
    logCumSumExp(rows, { axis: 1, exclusive: true }).value,
    rows.map((r) => [-Infinity, ...running(r).slice(0, -1)]),
  );
});

Deno.test("logCumSumExp() has finite derivatives where what comes first, or all, is ruled out", () => {
  const loss = (v: Variable) => logCumSumExp(v).slice([2], [2]).sum();
  assertEquals(grad(loss)([-Infinity, -Infinity, 0, 0]), [0, 0, 1.5, 0.5]);
  assertEquals(grad((v: Variable) => logCumSumExp(v).sum())([-Infinity, -Infinity]), [0, 0]);
  assertEquals(grad((v: Variable) => grad(loss)(v).sum())([-Infinity, -Infinity, 0, 0]), [0, 0, 0, 0]);
  assertEquals(logCumSumExp([0, NaN, 1, Infinity]).value, [0, NaN, NaN, NaN]);
  assertEquals(logCumSumExp([0, Infinity, 1]).value, [0, Infinity, Infinity]);
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
