import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as t from "../../../mod.ts";
import { grad, type Variable } from "../../../mod.ts";

const row = (...x: number[]): Variable => t.constant(Float64Array.from(x)).reshape([1, x.length, 1]);

Deno.test("of equal elements under a window the first has the derivative", () => {
  const slope = grad((x: Variable) => t.maxPool1d(x, 2).sum())(row(2, 2, 1, 1, 5, 5));
  assertEquals([...slope.data], [1, 0, 1, 0, 1, 0]);
  const square = t.constant(new Float64Array(9)).reshape([1, 3, 3, 1]);
  const overlapping = grad((x: Variable) => t.maxPool2d(x, 2, { strides: 1 }).sum())(square);
  assertEquals([...overlapping.data], [1, 1, 0, 1, 1, 0, 0, 0, 0]);
});

Deno.test("an element that several windows choose adds up", () => {
  const slope = grad((x: Variable) => t.maxPool1d(x, 3, { strides: 1 }).square().sum())(row(1, 2, 9, 3, 4));
  assertEquals([...slope.data], [0, 0, 54, 0, 0]);
});

Deno.test("NaN and infinities win or lose as numbers, and padding takes no part", () => {
  assertEquals([...t.maxPool1d(row(1, NaN, 3, 2), 2).data], [NaN, 3]);
  assertEquals([...t.maxPool1d(row(NaN, 1, -Infinity, -Infinity), 2).data], [NaN, -Infinity]);
  assertEquals([...t.maxPool1d(row(-5, -6, -7), 2, { padding: "same" }).data], [-5, -7]);
  assertEquals([...t.avgPool1d(row(4, 6, 8), 2, { padding: "same" }).data], [5, 8]);
  assertEquals([...t.avgPool1d(row(4, 6, 8), 2, { padding: "same", countIncludePadding: true }).data], [
    5,
    4,
  ]);
  assertEquals([...t.avgPool1d(row(1, Infinity, 3, 5), 2).data], [Infinity, 4]);
});

Deno.test("pooling works on each channel of each image by itself", () => {
  const x = t.constant(Float64Array.from({ length: 2 * 2 * 2 * 3 }, (_, i) => i)).reshape([2, 2, 2, 3]);
  assertEquals(t.maxPool2d(x, 2).reshape([2, 3]).value, [[9, 10, 11], [21, 22, 23]]);
  assertEquals(t.avgPool2d(x, 2).reshape([2, 3]).value, [[4.5, 5.5, 6.5], [16.5, 17.5, 18.5]]);
  assertEquals(t.globalAvgPool(x).value, t.avgPool2d(x, 2).reshape([2, 3]).value);
  assertEquals(t.globalMaxPool(x).value, t.maxPool2d(x, 2).reshape([2, 3]).value);
});

Deno.test("max pooling keeps float32, also behind 2^24 elements' worth of positions", () => {
  const x = t.constant(new Float32Array([1, 3, 2, 4])).reshape([1, 2, 2, 1]);
  const [value, slope] = t.valueAndGrad((v: Variable) => t.maxPool2d(v, 2).sum())(x);
  assertEquals([value.dtype, value.item(), [...slope.data]], ["float32", 4, [0, 0, 0, 1]]);
  const large = new Float32Array(2 ** 24 + 4);
  large[large.length - 1] = 7;
  const pooled = t.maxPool1d(t.constant(large).reshape([1, large.length, 1]), 4);
  assertEquals(pooled.data.at(-1), 7);
});

Deno.test("the gradient of average pooling spreads evenly over the pixels that count", () => {
  const options = { padding: 1, strides: 1 } as const;
  const slope = grad((x: Variable) => t.avgPool1d(x, 3, options).sum())(row(1, 2, 3));
  [1 / 2 + 1 / 3, 1 / 2 + 1 / 3 + 1 / 2, 1 / 3 + 1 / 2].forEach((v, i) =>
    assertAlmostEquals(slope.data[i]!, v, 1e-15)
  );
});

Deno.test("adaptiveAvgPool2d() to one pixel is the mean, to the same size the image", () => {
  const x = t.constant(Float64Array.from({ length: 24 }, (_, i) => i * i)).reshape([1, 3, 4, 2]);
  assertEquals(t.adaptiveAvgPool2d(x, [3, 4]).data, x.data);
  assertEquals(t.adaptiveAvgPool2d(x, [1, 1]).data, t.globalAvgPool(x).data);
});

Deno.test("resizeBilinear() to the same size is the image, and reproduces straight lines inside", () => {
  const x = t.constant(Float64Array.from({ length: 6 }, (_, i) => i)).reshape([1, 1, 6, 1]);
  for (const alignCorners of [false, true]) {
    assertEquals(t.resizeBilinear(x, [1, 6], { alignCorners }).data, x.data);
  }
  const fine = t.resizeBilinear(x, [1, 11], { alignCorners: true });
  fine.data.forEach((v, i) => assertAlmostEquals(v, i / 2, 1e-15));
  assertEquals(t.resizeBilinear(x, [2, 1], { alignCorners: true }).data, new Float64Array([0, 0]));
});

Deno.test("extractPatches() times filters is convolution", () => {
  const x = t.constant(Float64Array.from({ length: 2 * 5 * 4 * 3 }, (_, i) => Math.sin(i))).reshape([
    2,
    5,
    4,
    3,
  ]);
  const w = t.constant(Float64Array.from({ length: 3 * 2 * 3 * 2 }, (_, i) => Math.cos(i))).reshape([
    3,
    2,
    3,
    2,
  ]);
  for (
    const options of [{}, { padding: "same" }, { strides: [2, 1], padding: 1, dilations: [1, 2] }] as const
  ) {
    const expected = t.conv2d(x, w, options);
    const patches = t.extractPatches(x, [3, 2], options);
    const product = patches.matmul(w.reshape([18, 2]));
    assertEquals(product.shape, expected.shape);
    product.data.forEach((v, i) => assertAlmostEquals(v, expected.data[i]!, 1e-13));
  }
});

const image = t.constant(new Float64Array(16)).reshape([1, 4, 4, 1]);
const BAD: readonly [string, () => unknown, ErrorConstructor, string][] = [
  ["images of two axes", () => t.maxPool2d([[1]], 1), TypeError, "shape [1, 1]"],
  ["a window of 0", () => t.avgPool2d(image, 0), RangeError, "the window is 0"],
  [
    "a window larger than the image",
    () => t.maxPool2d(image, 5),
    TypeError,
    "the window [5, 5] with dilations",
  ],
  [
    "a window larger than the image",
    () => t.avgPool2d(image, 5),
    TypeError,
    "the window [5, 5] with dilations",
  ],
  [
    "windows of padding only",
    () => t.maxPool2d(image, 2, { padding: 2 }),
    RangeError,
    "some window [2, 2] holds no pixel of shape [1, 4, 4, 1]",
  ],
  ["windows of padding only", () => t.avgPool2d(image, 2, { padding: 2 }), RangeError, "holds no pixel"],
  ["sequences of two axes", () => t.maxPool1d([[1]], 1), TypeError, "expected [batch, length, channels]"],
  ["sequences of two axes", () => t.avgPool1d([[1]], 1), TypeError, "expected [batch, length, channels]"],
  ["global pooling of a vector", () => t.globalAvgPool([1]), TypeError, "expected [batch, ..., channels]"],
  ["global pooling of a vector", () => t.globalMaxPool([1]), TypeError, "expected [batch, ..., channels]"],
  ["a size of 0", () => t.resizeBilinear(image, [0, 1]), RangeError, "the size is [0, 1]"],
  ["a size of 0", () => t.adaptiveAvgPool2d(image, [1, 0]), RangeError, "the size is [1, 0]"],
  [
    "an image without pixels",
    () => t.resizeBilinear(new t.NdArray(new Float64Array(0), [1, 0, 2, 1]), [1, 1]),
    TypeError,
    "is empty",
  ],
  ["patches larger than the image", () => t.extractPatches(image, 5), TypeError, "the window [5, 5]"],
];
for (const [index, [what, run, type, message]] of BAD.entries()) {
  Deno.test(`pooling refuses ${what} (${index})`, () => {
    assertThrows(run, type, message);
  });
}
