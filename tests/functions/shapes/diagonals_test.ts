import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { diag, diagonal, grad, NdArray, tril, triu, type Variable } from "../../../mod.ts";

const X = [[1, 2, 3], [4, 5, 6]];

Deno.test("triu() and tril() keep a triangle", () => {
  assertEquals(triu(X).value, [[1, 2, 3], [0, 5, 6]]);
  assertEquals(triu(X, { offset: 1 }).value, [[0, 2, 3], [0, 0, 6]]);
  assertEquals(tril(X).value, [[1, 0, 0], [4, 5, 0]]);
  assertEquals(tril([X], { offset: -1 }).value, [[[0, 0, 0], [4, 0, 0]]]);
  assertEquals(grad((x: Variable) => tril(x).sum())(X), [[1, 0, 0], [1, 1, 0]]);
  assertThrows(() => triu([1]), TypeError, "Cannot apply triu: shape [1] has no matrices");
  assertThrows(() => tril(X, { offset: 0.5 }), RangeError, "the offset is 0.5");
});

Deno.test("diagonal() reads diagonals, inside the matrix or out", () => {
  assertEquals(diagonal(X).value, [1, 5]);
  assertEquals(diagonal(X, { offset: 1 }).value, [2, 6]);
  assertEquals(diagonal(X, { offset: 2 }).value, [3]);
  assertEquals(diagonal(X, { offset: -1 }).value, [4]);
  assertEquals(diagonal(X, { offset: 3 }).value, []);
  assertEquals(diagonal(X, { offset: -9 }).value, []);
  assertEquals(diagonal([X, X]).value, [[1, 5], [1, 5]]);
  assertEquals(grad((x: Variable) => diagonal(x, { offset: 1 }).mul([10, 20]).sum())(X), [[0, 10, 0], [
    0,
    0,
    20,
  ]]);
  assertThrows(() => diagonal([1]), TypeError, "Cannot apply diagonal");
});

Deno.test("diag() makes a matrix of a vector and takes a vector from a matrix", () => {
  assertEquals(diag([1, 2]).value, [[1, 0], [0, 2]]);
  assertEquals(diag([1, 2], { offset: 1 }).value, [[0, 1, 0], [0, 0, 2], [0, 0, 0]]);
  assertEquals(diag([7], { offset: -2 }).value, [[0, 0, 0], [0, 0, 0], [7, 0, 0]]);
  assertEquals(diag(X, { offset: 1 }).value, [2, 6]);
  assertEquals(diag([]).shape, [0, 0]);
  assertEquals(grad((x: Variable) => diag(x).mul([[1, 2], [3, 4]]).sum())([5, 6]), [1, 4]);
  assertThrows(() => diag(1), TypeError, "Cannot apply diag to shape []");
  assertThrows(() => diag([1], { offset: NaN }), RangeError, "offset is NaN, use an integer");
});

Deno.test("a matrix is its two triangles, and its diagonal is where they meet", () => {
  fc.assert(fc.property(fc.nat(4), fc.nat(4), fc.integer({ min: -5, max: 5 }), (rows, columns, offset) => {
    const x = new NdArray(Float64Array.from({ length: rows * columns }, (_, i) => i + 1), [rows, columns]);
    const upper = triu(x, { offset: offset + 1 });
    assertEquals(tril(x, { offset }).add(upper).value, x.toNested());
    const byHand = Array.from({ length: rows }, (_, i) => i + offset)
      .flatMap((j, i) => j >= 0 && j < columns ? [i * columns + j + 1] : []);
    assertEquals(diagonal(x, { offset }).value, byHand);
    assertEquals(diagonal(diag(byHand, { offset }), { offset }).value, byHand);
  }));
});
