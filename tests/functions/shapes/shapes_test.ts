import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  broadcastTo,
  constant,
  expandDims,
  flip,
  grad,
  NdArray,
  pad,
  permute,
  roll,
  slice,
  slidingWindow,
  squeeze,
  type Variable,
} from "../../../mod.ts";

const X = [[1, 2, 3], [4, 5, 6]];

function counting(shape: readonly number[]): NdArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return new NdArray(Float64Array.from({ length: size }, (_, i) => i + 1), shape);
}

Deno.test("expandDims() and squeeze() add and drop axes of length 1", () => {
  assertEquals(expandDims(X, 0).shape, [1, 2, 3]);
  assertEquals(expandDims(X, -1).shape, [2, 3, 1]);
  assertEquals(expandDims(X, [0, -1]).shape, [1, 2, 3, 1]);
  assertEquals(expandDims(5, 0).value, [5]);
  assertEquals(squeeze([[[1], [2]]]).value, [1, 2]);
  assertEquals(squeeze([[[1], [2]]], -1).shape, [1, 2]);
  assertEquals(squeeze([[[1]]]).value, 1);
  assertThrows(() => expandDims(X, 3), RangeError, "axis 3");
  assertThrows(() => expandDims(X, [1, 1]), RangeError, "axis 1 is named twice");
  assertThrows(() => squeeze(X, 0), RangeError, "Cannot squeeze axis 0 of shape [2, 3]");
});

Deno.test("permute() puts axes in another order", () => {
  assertEquals(permute(counting([2, 3, 4]), [2, 0, 1]).shape, [4, 2, 3]);
  assertThrows(() => permute(X, [0, 0]), RangeError, "must name each axis once");
});

Deno.test("flip() reverses axes", () => {
  assertEquals(flip(X).value, [[6, 5, 4], [3, 2, 1]]);
  assertEquals(flip(X, { axis: -1 }).value, [[3, 2, 1], [6, 5, 4]]);
  assertEquals(flip(X, { axis: [0] }).value, [[4, 5, 6], [1, 2, 3]]);
  assertEquals(flip([]).value, []);
  assertEquals(flip(3).value, 3);
  assertEquals(grad((x: Variable) => flip(x).mul([1, 2, 3]).sum())([0, 0, 0]), [3, 2, 1]);
  assertThrows(() => flip(X, { axis: 2 }), RangeError, "axis 2");
});

Deno.test("roll() moves elements round", () => {
  assertEquals(roll([1, 2, 3, 4], 1).value, [4, 1, 2, 3]);
  assertEquals(roll([1, 2, 3, 4], -5).value, [2, 3, 4, 1]);
  assertEquals(roll(X, 2).value, [[5, 6, 1], [2, 3, 4]]);
  assertEquals(roll(X, [1, -1], { axis: [0, 1] }).value, [[5, 6, 4], [2, 3, 1]]);
  assertEquals(roll([], 3).value, []);
  assertEquals(grad((x: Variable) => roll(x, 1).mul([1, 2, 3]).sum())([0, 0, 0]), [2, 3, 1]);
  assertThrows(() => roll(X, 0.5), RangeError, "the shift is 0.5");
  assertThrows(() => roll(X, [1, 2], { axis: 0 }), RangeError, "Cannot roll 1 axes by 2 shifts");
  assertThrows(() => roll(X, 1, { axis: 2 }), RangeError, "axis 2");
});

Deno.test("pad() puts values, mirrored elements or edges around", () => {
  assertEquals(pad([1, 2, 3], 1).value, [0, 1, 2, 3, 0]);
  assertEquals(pad([[1, 2]], [1, 0], { value: 9 }).value, [[9, 9, 9], [9, 1, 2]]);
  assertEquals(pad([1, NaN], 1, { value: -Infinity }).value, [-Infinity, 1, NaN, -Infinity]);
  // numpy.pad([1, 2, 3], (4, 6), "reflect")
  assertEquals(pad([1, 2, 3], [4, 6], { mode: "reflect" }).value, [1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1]);
  assertEquals(pad([5], 2, { mode: "reflect" }).value, [5, 5, 5, 5, 5]);
  assertEquals(pad(X, [[0, 1], [2, 0]], { mode: "edge" }).value, [[1, 1, 1, 2, 3], [4, 4, 4, 5, 6], [
    4,
    4,
    4,
    5,
    6,
  ]]);
  assertEquals(pad(7, 3).value, 7);
  assertEquals(pad(new Float32Array([1]), 1, { value: 2 }).dtype, "float32");
});

Deno.test("pad() with negative widths takes elements away", () => {
  assertEquals(pad([1, 2, 3, 4], [-1, 2]).value, [2, 3, 4, 0, 0]);
  assertEquals(pad([1, 2, 3, 4], [-3, -1], { value: 5 }).value, []);
  assertEquals(pad([1, 2], [-3, 4]).value, [0, 0, 0]);
  assertEquals(pad([1, 2], [3, -3], { value: 8 }).value, [8, 8]);
  assertEquals(pad([1, 2, 3, 4], [-1, 1], { mode: "edge" }).value, [2, 3, 4, 4]);
  assertThrows(() => pad([1, 2], [-2, -1]), RangeError, "Cannot pad shape [2]");
});

Deno.test("pad() refuses widths and modes that are none", () => {
  assertThrows(() => pad(X, [[1, 1]]), RangeError, "Cannot pad shape [2, 3] by [[1,1]]");
  assertThrows(() => pad(X, 0.5), RangeError, "a pair of widths is [0.5, 0.5], use integers");
  assertThrows(() => pad(X, 1, { mode: "wrap" as never }), RangeError, '"wrap"');
  assertThrows(() => pad([], 1, { mode: "edge" }), RangeError, "it has no elements");
});

Deno.test("derivatives of padding return to where the elements came from", () => {
  const weights = [1, 2, 4, 8, 16, 32, 64];
  const by = (f: (x: Variable) => Variable): number[] =>
    grad((x: Variable) => f(x).mul(weights).sum())([5, 6, 7]);
  assertEquals(by((x) => pad(x, 2)), [4, 8, 16]);
  assertEquals(by((x) => pad(x, 2, { value: 3 })), [4, 8, 16]);
  assertEquals(by((x) => pad(x, 2, { mode: "edge" })), [7, 8, 112]);
  assertEquals(by((x) => pad(x, 2, { mode: "reflect" })), [68, 42, 17]);
  checkGradients((x) => pad(x, [[1, -1], [0, 2]], { mode: "reflect" }).square().sum(), [X]);
});

Deno.test("slidingWindow() takes windows along an axis", () => {
  assertEquals(slidingWindow([1, 2, 3, 4, 5], 3, { step: 2 }).value, [[1, 2, 3], [3, 4, 5]]);
  assertEquals(slidingWindow(X, 2, { axis: 0 }).value, [[[1, 2, 3], [4, 5, 6]]]);
  assertEquals(slidingWindow(X, 2).shape, [2, 2, 2]);
  assertEquals(grad((x: Variable) => slidingWindow(x, 2).sum())([1, 2, 3]), [1, 2, 1]);
  assertThrows(() => slidingWindow([1, 2], 3), RangeError, "Cannot slide a window of 3");
  assertThrows(() => slidingWindow([1, 2], 1, { step: 0 }), RangeError, "the step is 0");
  assertThrows(() => slidingWindow([1, 2], 0), RangeError, "the size is 0");
});

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });

Deno.test("transposing there and back gives the array again", () => {
  fc.assert(fc.property(shapes, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), (shape, keys) => {
    const axes = shape.map((_, i) => i).sort((i, j) => keys[i]! - keys[j]!);
    const x = constant(counting(shape));
    const back = axes.map((_, i) => axes.indexOf(i));
    assertEquals(permute(permute(x, axes), back).value, x.value);
    assertEquals(permute(x, axes).shape, axes.map((a) => shape[a]!));
  }));
});

Deno.test("slicing what was padded gives the array again", () => {
  const width = fc.tuple(fc.nat(3), fc.nat(3));
  const modes = fc.constantFrom("constant" as const, "reflect" as const, "edge" as const);
  fc.assert(
    fc.property(shapes, fc.array(width, { minLength: 4, maxLength: 4 }), modes, (shape, all, mode) => {
      if (mode !== "constant" && shape.includes(0)) return;
      const widths = shape.map((_, i) => all[i]!);
      const x = constant(counting(shape));
      const padded = pad(x, widths, { mode });
      assertEquals(padded.shape, shape.map((n, i) => n + widths[i]![0] + widths[i]![1]));
      assertEquals(slice(padded, widths.map(([before]) => before), shape).value, x.value);
    }),
  );
});

Deno.test("flipping twice and rolling back give the array again", () => {
  fc.assert(fc.property(shapes, fc.integer({ min: -9, max: 9 }), (shape, by) => {
    const x = constant(counting(shape));
    assertEquals(flip(flip(x)).value, x.value);
    assertEquals(roll(roll(x, by, { axis: 0 }), -by, { axis: 0 }).value, x.value);
    assertEquals(roll(roll(x, by), -by).value, x.value);
  }));
});

Deno.test("the derivative of broadcastTo() counts the repeats", () => {
  fc.assert(fc.property(shapes, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (shape, ones) => {
    const from = shape.map((n, i) => ones[i] ? 1 : n);
    const x = constant(counting(from));
    const g = grad((v: Variable) => broadcastTo(v, [2, ...shape]).sum())(x);
    const repeats = 2 * shape.reduce((p, n, i) => ones[i] ? p * n : p, 1);
    g.data.forEach((d) => assertEquals(d, repeats));
    const wide = broadcastTo(x, [2, ...shape]);
    assertEquals(wide.sum().value, x.sum().mul(repeats).value);
  }));
});
