import { assertEquals, assertThrows } from "@std/assert";
import * as t from "../../../mod.ts";
import { grad, type Variable } from "../../../mod.ts";
import { dropout, key } from "../../../src/random/mod.ts";

Deno.test("what dropout drops is 0 whatever it was, in value and derivative", () => {
  assertEquals(t.dropoutWithMask([1, NaN, Infinity, 4], [1, 0, 0, 1], 0.75).value, [4, 0, 0, 16]);
  const slope = grad((x: Variable) => t.dropoutWithMask(x.log(), [1, 0], 0.5).sum())([2, 4]);
  assertEquals(slope, [1, 0]);
  assertEquals(t.dropoutWithMask([[1, 2], [3, 4]], [1, 0], 0).value, [[1, 0], [3, 0]]);
});

Deno.test("dropout() drops as many as the rate says, the same for the same key, and keeps the mean", () => {
  const ones = t.constant(new Float32Array(10_000).fill(1));
  const y = dropout(key(1), ones, 0.25);
  assertEquals(y.dtype, "float32");
  const dropped = y.data.filter((v) => v === 0).length;
  assertEquals(Math.abs(dropped - 2500) < 4 * Math.sqrt(10_000 * 0.25 * 0.75), true);
  assertEquals(y.data.filter((v) => v === Math.fround(4 / 3)).length, 10_000 - dropped);
  assertEquals(dropout(key(1), ones, 0.25).data, y.data);
  assertEquals(dropout(key(1), ones, 0).data, ones.data);
});

Deno.test("gradients of rows that embedding() takes several times add up", () => {
  const table = t.constant([[1, 2], [3, 4], [5, 6]]);
  const indices = [[0, 2], [2, 2]];
  assertEquals(t.embedding(indices, table).shape, [2, 2, 2]);
  const slope = grad((w: Variable) => t.embedding(indices, w).sum())(table);
  assertEquals(slope.value, [[1, 1], [0, 0], [3, 3]]);
});

Deno.test("softmin() is the softmax of the opposite", () => {
  const x = [[1, 2], [3, -1]];
  assertEquals(t.softmin(x, { axis: 0 }).value, t.neg(x).softmax({ axis: 0 }).value);
  assertEquals(t.softmin([Infinity, 1]).value, [0, 1]);
});

Deno.test("softmax and its logarithm are right at infinities, in value and derivative", () => {
  const x = [-Infinity, 0, 1];
  assertEquals(t.softmax(x).value, [0, 1 / (1 + Math.E), 1 / (1 + Math.exp(-1))]);
  assertEquals(t.softmax([-Infinity, -Infinity]).value, [NaN, NaN]);
  const [a, b, c] = t.logSoftmax(x).data;
  assertEquals([a, b, c], [-Infinity, -1.3132616875182228, -0.31326168751822286]);
  const slope = grad((v: Variable) => v.logSoftmax().mul([1, 1, 0]).sum())(x) as number[];
  assertEquals(slope[0], 1);
  assertEquals((grad((v: Variable) => v.softmax().mul([1, 0, 0]).sum())(x) as number[])[0], 0);
  assertEquals(t.logSoftmax([0, 1000]).value, [-1000, 0]);
});

Deno.test("layer functions refuse what is out of range", () => {
  assertThrows(() => t.dropoutWithMask([1], [1], 1), RangeError, "the rate is 1");
  assertThrows(() => dropout(key(0), [1], -0.5), RangeError, "the rate is -0.5");
  assertThrows(() => t.dropoutWithMask([1, 2], [[1], [0]], 0.5), TypeError, "a mask of shape [2, 1]");
  assertThrows(() => t.embedding([0], [1, 2]), TypeError, "the table has shape [2]");
  assertThrows(() => t.embedding([2], [[1], [2]]), RangeError, "found the index 2");
  assertThrows(() => t.softmin(1), RangeError, "softmax along axis -1");
});
