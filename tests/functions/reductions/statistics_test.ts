import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  constant,
  grad,
  median,
  quantile,
  standardDeviation,
  type Variable,
  variance,
} from "../../../mod.ts";

Deno.test("variance() and standardDeviation() follow NumPy, with its ddof", () => {
  assertEquals(variance([1, 2, 3, 4]).value, 1.25);
  assertAlmostEquals(variance([1, 2, 3, 4], { correction: 1 }).item(), 5 / 3, 1e-15);
  assertEquals(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]).value, 2);
  assertEquals(variance([[1, 3], [5, 5]], 1).value, [1, 0]);
  assertEquals(variance([[1, 3], [5, 5]], { axis: 0, keepDims: true, correction: 1 }).value, [[8, 2]]);
  assertEquals(variance(7).value, 0);
  assertEquals(standardDeviation(constant([1, 2], { dtype: "float32" })).dtype, "float32");
});

Deno.test("the variance of numbers far from 0 is not lost to rounding", () => {
  assertEquals(variance([1e9 + 1, 1e9 + 2, 1e9 + 3]).value, 2 / 3);
});

Deno.test("the variance of too few elements is NaN, as in JAX and PyTorch", () => {
  assertEquals(variance([5], { correction: 1 }).value, NaN);
  assertEquals(variance([]).value, NaN);
  assertEquals(standardDeviation([5], { correction: 2 }).value, NaN);
  assertEquals(grad((x: Variable) => standardDeviation(x, { correction: 1 }))([5]), [NaN]);
});

Deno.test("the derivative of standardDeviation() is 0 where all elements are equal", () => {
  assertEquals(grad((x: Variable) => standardDeviation(x))([2, 2, 2]), [0, 0, 0]);
  checkGradients((x) => standardDeviation(x, { axis: 1, correction: 1 }).mul([1, 2]).sum(), [
    [[1, 2, 4], [0, -3, 1]],
  ]);
  checkGradients((x) => variance(x, [0, 1]), [[[1, 2, 4], [0, -3, 1]]]);
});

Deno.test("variance() refuses corrections that are none", () => {
  assertThrows(() => variance([1], { correction: -1 }), RangeError, "correction is -1");
  assertThrows(() => variance([1], { correction: NaN }), RangeError, "correction is NaN");
  assertThrows(() => standardDeviation([1], 1), RangeError, "axis 1");
});

Deno.test("median() is the middle element or the mean of two", () => {
  assertEquals(median([5, 1, 9]).value, 5);
  assertEquals(median([5, 1, 9, 3]).value, 4);
  assertEquals(median([[3, 1], [2, 8], [9, 0]], 0).value, [3, 1]);
  assertEquals(median([[3, 1], [2, 8]], { axis: [0, 1], keepDims: true }).value, [[2.5]]);
  assertEquals(median([1, NaN, 3]).value, NaN);
  assertEquals(median([Infinity, Infinity]).value, Infinity);
  assertEquals(median(4).value, 4);
  assertEquals(grad((x: Variable) => median(x))([5, 1, 9, 3]), [0.5, 0, 0, 0.5]);
  assertThrows(() => median([]), TypeError, "Cannot take the median of no elements");
});

Deno.test("quantile() interpolates between elements as NumPy does", () => {
  const x = [15, 20, 35, 40, 50];
  // numpy.quantile([15, 20, 35, 40, 50], [0, 0.05, 0.3, 0.4, 0.5, 1])
  const expected = [15, 16, 23, 29, 35, 50];
  quantile(x, [0, 0.05, 0.3, 0.4, 0.5, 1]).data.forEach((v, i) => assertAlmostEquals(v, expected[i]!, 1e-13));
  assertEquals(quantile([[1, 2], [3, 4]], [0, 1], { axis: 1, keepDims: true }).shape, [2, 2, 1]);
  assertEquals(quantile([[1, 2], [3, 4]], 0.5, 0).value, [2, 3]);
  checkGradients((v) => quantile(v, [0.1, 0.7], 1).mul([[1, 2], [3, 4]]).sum(), [[[3, 1, 2], [5, 9, 7]]]);
  assertThrows(() => quantile(x, 1.5), RangeError, "the quantile is 1.5, use a number from 0 to 1");
  assertThrows(() => quantile(x, [0.5, NaN]), RangeError, "the quantile is NaN");
});

Deno.test("quantiles lie between the extremes and grow with q", () => {
  const list = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });
  const q = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(list, q, q, (x, a, b) => {
    const [low, high] = quantile(x, [Math.min(a, b), Math.max(a, b)]).data as unknown as [number, number];
    const slack = 1e-9;
    if (low > high + slack) throw new RangeError(`${low} > ${high}`);
    if (low < Math.min(...x) - slack || high > Math.max(...x) + slack) {
      throw new RangeError(`${low}, ${high}`);
    }
  }));
});
