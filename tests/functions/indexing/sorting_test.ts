import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { argSort, constant, grad, searchSorted, sort, topK, type Variable } from "../../../mod.ts";

Deno.test("sort() and argSort() order along an axis, NaN as the largest", () => {
  assertEquals(sort([3, 1, 2]).value, [1, 2, 3]);
  assertEquals(sort([3, 1, 2], { descending: true }).value, [3, 2, 1]);
  assertEquals(sort([[3, 1], [2, 5]], { axis: 0 }).value, [[2, 1], [3, 5]]);
  assertEquals(sort([2, NaN, -Infinity, Infinity]).value, [-Infinity, 2, Infinity, NaN]);
  assertEquals(sort([2, NaN, 3], { descending: true }).value, [NaN, 3, 2]);
  assertEquals(argSort([30, 10, 20]).value, [1, 2, 0]);
  assertEquals(sort([]).value, []);
  assertEquals(sort(new Float32Array([2, 1])).dtype, "float32");
  assertEquals(argSort(constant([2, 1], { dtype: "float32" })).dtype, "float64");
});

Deno.test("equal elements stay in order, also in descending order", () => {
  const x = Float64Array.from({ length: 200 }, (_, i) => i % 3);
  const byHand = (sign: number): number[] =>
    Array.from(x.keys()).sort((i, j) => sign * (x[i]! - x[j]!) || i - j);
  assertEquals(argSort(x).value, byHand(1));
  assertEquals(argSort(x, { descending: true }).value, byHand(-1));
});

Deno.test("the derivative of sort() follows the elements", () => {
  assertEquals(grad((x: Variable) => sort(x).mul([1, 10, 100]).sum())([3, 1, 2]), [100, 1, 10]);
  assertEquals(grad((x: Variable) => sort(x).mul([1, 2, 3, 4]).sum())([2, 1, 2, 1]), [3, 1, 4, 2]);
  const g = grad((x: Variable) => sort(x, { axis: 0 }).mul([[1, 2], [3, 4]]).sum())([[3, 1], [2, 5]]);
  assertEquals(g, [[3, 2], [1, 4]]);
});

Deno.test("topK() gives the largest elements and their places", () => {
  const { values, indices } = topK([[1, 9, 5], [7, 7, 8]], 2);
  assertEquals(values.value, [[9, 5], [8, 7]]);
  assertEquals(indices.value, [[1, 2], [2, 0]]);
  assertEquals(topK([[1, 9], [7, 3]], 1, { axis: 0 }).values.value, [[7, 9]]);
  assertEquals(topK([1, 2], 0).values.value, []);
  assertEquals(grad((x: Variable) => topK(x, 2).values.sum())([2, 3, 3, 3]), [0, 1, 1, 0]);
  assertThrows(() => topK([1, 2], 3), RangeError, "Cannot take the 3 largest elements: axis 0 has 2");
  assertThrows(() => topK([1, 2], 1.5), RangeError, "k is 1.5");
  assertThrows(() => topK([1, 2], -1), RangeError, "k is -1");
});

Deno.test("searchSorted() finds places on either side of equal elements", () => {
  assertEquals(searchSorted([10, 20, 20, 30], [5, 20, 35]).value, [0, 1, 4]);
  assertEquals(searchSorted([10, 20, 20, 30], [5, 20, 35], { side: "right" }).value, [0, 3, 4]);
  assertEquals(searchSorted([1, 2, NaN], NaN).value, 2);
  assertEquals(searchSorted([1, 2, NaN], NaN, { side: "right" }).value, 3);
  assertEquals(searchSorted([], [[1, 2]]).value, [[0, 0]]);
  assertEquals(grad((x: Variable) => searchSorted([0, 1], x).sum().add(x.sum()))([0.5]), [1]);
  assertThrows(() => searchSorted([[1]], 1), TypeError, "shape [1, 1]");
  assertThrows(() => searchSorted([1], 1, { side: "middle" as never }), RangeError, '"middle"');
});

Deno.test("sorting needs an axis that is there", () => {
  assertThrows(() => sort(3), RangeError, "Cannot apply sort along axis -1");
  assertThrows(() => argSort([1], { axis: 1 }), RangeError, "Cannot apply argSort along axis 1");
});

Deno.test("sort() is Array.sort() by value, and searchSorted() keeps the order", () => {
  const list = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), {
    maxLength: 60,
  });
  fc.assert(fc.property(list, fc.double({ noNaN: true }), (x, v) => {
    const sorted = [...x].sort((a, b) => a - b);
    sort(x).data.forEach((y, i) => assertEquals(y - 0 === sorted[i]! - 0, true));
    const stable = Array.from(x.keys()).sort((i, j) => x[i] === x[j] ? i - j : x[i]! < x[j]! ? -1 : 1);
    assertEquals(argSort(x).value, stable);
    assertEquals(searchSorted(sorted, v).value, sorted.filter((y) => y < v).length);
    assertEquals(searchSorted(sorted, v, { side: "right" }).value, sorted.filter((y) => y <= v).length);
  }));
});
