import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import {
  concat,
  constant,
  grad,
  meshgrid,
  NdArray,
  repeat,
  split,
  stack,
  tile,
  unstack,
  type Variable,
} from "../../../mod.ts";

const X = [[1, 2], [3, 4]];

Deno.test("stack() joins along a new axis, and unstack() takes apart", () => {
  assertEquals(stack([[1, 2], [3, 4]]).value, X);
  assertEquals(stack([[1, 2], [3, 4]], { axis: -1 }).value, [[1, 3], [2, 4]]);
  assertEquals(stack([1, 2, 3]).value, [1, 2, 3]);
  assertEquals(stack([constant([1], { dtype: "float32" }), [2]]).dtype, "float32");
  assertEquals(unstack(X, { axis: 1 }).map((x) => x.value), [[1, 3], [2, 4]]);
  assertEquals(unstack([5, 6]).map((x) => x.value), [5, 6]);
  assertEquals(unstack([]), []);
  checkGradients((a, b) => stack([a, b, a], { axis: 1 }).square().sum(), [[1, 2], [3, 4]]);
  assertThrows(() => stack([]), TypeError, "Cannot apply stack: the list is an array of 0");
  assertThrows(() => stack([[1], [1, 2]]), TypeError, "shapes [1] and [2] differ");
  assertThrows(() => stack([[1]], { axis: 2 }), RangeError, "axis 2");
  assertThrows(() => unstack(1), RangeError, "Cannot apply unstack along axis 0");
});

Deno.test("split() cuts into equal parts or given lengths", () => {
  assertEquals(split([1, 2, 3, 4], 2).map((x) => x.value), [[1, 2], [3, 4]]);
  const [a, b, c] = split([1, 2, 3], [0, 1, 2]);
  assertEquals([a.value, b.value, c.value], [[], [1], [2, 3]]);
  assertEquals(split(X, [1, 1], { axis: -1 }).map((x) => x.value), [[[1], [3]], [[2], [4]]]);
  assertEquals(
    grad((x: Variable) => split(x, [1, 2]).reduce((s, part, i) => s.add(part.mul(i + 1).sum()), constant(0)))(
      [0, 0, 0],
    ),
    [1, 2, 2],
  );
  assertThrows(() => split([1, 2, 3], 2), RangeError, "into 2 equal parts: 3 is no multiple");
  assertThrows(() => split([1, 2, 3], [1, 1]), RangeError, "add up to 3");
  assertThrows(() => split([1, 2, 3], [4, -1]), RangeError, "the number of parts is [4, -1]");
  assertThrows(() => split([1], 0), RangeError, "the number of parts is 0");
  assertThrows(() => split(X, 1, { axis: 2 }), RangeError, "axis 2");
});

Deno.test("tile() repeats the whole, repeat() every element", () => {
  assertEquals(tile([1, 2], 2).value, [1, 2, 1, 2]);
  assertEquals(tile([1, 2], [2, 1]).value, [[1, 2], [1, 2]]);
  assertEquals(tile(X, 2).value, [[1, 2, 1, 2], [3, 4, 3, 4]]);
  assertEquals(tile(X, [2, 0]).shape, [4, 0]);
  assertEquals(tile(3, [2, 2]).value, [[3, 3], [3, 3]]);
  assertEquals(repeat([1, 2], 2).value, [1, 1, 2, 2]);
  assertEquals(repeat(X, 2).value, [1, 1, 2, 2, 3, 3, 4, 4]);
  assertEquals(repeat(X, 2, { axis: 1 }).value, [[1, 1, 2, 2], [3, 3, 4, 4]]);
  assertEquals(repeat(X, [0, 3], { axis: 0 }).value, [[3, 4], [3, 4], [3, 4]]);
  assertEquals(grad((x: Variable) => repeat(x, [3, 1]).sum().add(tile(x, 5).sum()))([1, 2]), [8, 6]);
  assertThrows(() => tile(X, -1), RangeError, "the number of repeats is -1");
  assertThrows(() => repeat(X, [1], { axis: 0 }), RangeError, "1 numbers of repeats are given, 2 are needed");
  assertThrows(() => repeat(X, 1.5), RangeError, "the number of repeats is 1.5");
  assertThrows(
    () => repeat(X, [1, -1], { axis: 0 }),
    RangeError,
    "the number of repeats is [1, -1], use integers from 0 up",
  );
});

Deno.test("meshgrid() repeats vectors along the axes of the others", () => {
  const [x, y] = meshgrid([[1, 2, 3], [10, 20]]);
  assertEquals(x.value, [[1, 2, 3], [1, 2, 3]]);
  assertEquals(y.value, [[10, 10, 10], [20, 20, 20]]);
  const [i, j] = meshgrid([[1, 2, 3], [10, 20]], { indexing: "ij" });
  assertEquals(i.value, [[1, 1], [2, 2], [3, 3]]);
  assertEquals(j.value, [[10, 20], [10, 20], [10, 20]]);
  assertEquals(meshgrid([[1, 2], 7, [1, 2, 3]]).map((v) => v.shape), [[1, 2, 3], [1, 2, 3], [1, 2, 3]]);
  assertEquals(meshgrid([[1, 2]])[0].value, [1, 2]);
  assertEquals(meshgrid([]).length, 0);
  assertThrows(() => meshgrid([[[1]]]), TypeError, "Cannot make a grid of shape [1, 1]");
  assertThrows(() => meshgrid([[1]], { indexing: "yx" as never }), RangeError, '"yx"');
});

Deno.test("joining what was cut gives the array again", () => {
  const sizes = fc.array(fc.nat(3), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(sizes, fc.nat(3), fc.nat(2), (parts, other, axis) => {
    const length = parts.reduce((a, b) => a + b, 0);
    const shape = [other, 2, other + 1];
    shape[axis] = length;
    const size = shape.reduce((a, b) => a * b, 1);
    const x = constant(new NdArray(Float64Array.from({ length: size }, (_, i) => i), shape));
    assertEquals(concat(split(x, parts, { axis }), { axis }).value, x.value);
    if (length > 0) assertEquals(stack(unstack(x, { axis }), { axis }).value, x.value);
  }));
});
