import { assertEquals, assertThrows } from "@std/assert";
import { checkGradients } from "../../../src/testing/mod.ts";
import { dot, inner, kron, matmul, NdArray, outer, quadraticForm, tensordot } from "../../../mod.ts";

const A = [[1, 2], [3, 4]];
const CUBE = new NdArray(Float64Array.from({ length: 24 }, (_, i) => i % 7 - 2), [2, 3, 4]);

Deno.test("dot() multiplies vectors, matrices and numbers as NumPy does", () => {
  assertEquals(dot([1, 2, 3], [4, 5, 6]).value, 32);
  assertEquals(dot(A, A).value, matmul(A, A).value);
  assertEquals(dot(A, [1, 10]).value, [21, 43]);
  assertEquals(dot([1, 10], A).value, [31, 42]);
  assertEquals(dot(2, A).value, [[2, 4], [6, 8]]);
  assertEquals(dot([], []).value, 0);
  assertEquals(dot(CUBE, new NdArray(new Float64Array(40), [2, 4, 5])).shape, [2, 3, 2, 5]);
});

Deno.test("inner() sums over the last axes", () => {
  assertEquals(inner(A, A).value, [[5, 11], [11, 25]]);
  assertEquals(inner(A, 2).value, [[2, 4], [6, 8]]);
});

Deno.test("outer() reads both operands as vectors", () => {
  assertEquals(outer([1, 2], [3, 4, 5]).value, [[3, 4, 5], [6, 8, 10]]);
  assertEquals(outer(A, 2).value, [[2], [4], [6], [8]]);
});

Deno.test("tensordot() sums over the axes named, in pairs", () => {
  assertEquals(tensordot(A, A).value, 30);
  assertEquals(tensordot(A, A, { axes: 1 }).value, matmul(A, A).value);
  assertEquals(tensordot(A, A, { axes: [[0], [1]] }).value, [[7, 15], [10, 22]]);
  assertEquals(tensordot(A, A, { axes: [[1, 0], [0, -1]] }).value, 29);
  assertEquals(tensordot(CUBE, CUBE, { axes: [[0, 2], [0, 2]] }).shape, [3, 3]);
  assertEquals(tensordot([1, 2], [3, 4], { axes: 0 }).value, [[3, 4], [6, 8]]);
});

Deno.test("kron() puts scaled copies together as blocks", () => {
  assertEquals(
    kron(A, [[1, 0], [0, -1]]).value,
    [
      [1, 0, 2, 0],
      [0, -1, 0, -2],
      [3, 0, 4, 0],
      [0, -3, 0, -4],
    ].map((row) => row.map((x) => x + 0)),
  );
  assertEquals(kron([1, 2], [[1], [10]]).value, [[1, 2], [10, 20]]);
  assertEquals(kron(2, [1, 2]).value, [2, 4]);
});

Deno.test("quadraticForm() gives one number for each vector", () => {
  assertEquals(quadraticForm([1, 2], [[2, 1], [1, 3]]).value, 18);
  assertEquals(quadraticForm([[1, 2], [1, 0]], [[2, 1], [5, 3]]).value, [26, 2]);
});

Deno.test("products have the right derivatives", () => {
  const x = [[0.3, -0.7], [1.1, 0.4]];
  const y = [[0.5, 0.2], [-0.6, 0.9]];
  for (const f of [dot, inner, outer, kron, tensordot]) {
    checkGradients((a, b) => f(a!, b!).sin().sum(), [x, y]);
  }
  checkGradients((v, a) => quadraticForm(v!, a!).sum(), [x, y]);
});

Deno.test("products refuse operands that don't fit", () => {
  assertThrows(() => dot([1, 2], [1, 2, 3]), TypeError, "Cannot apply dot: axes [0] of shape [2]");
  assertThrows(() => inner(A, [1, 2, 3]), TypeError, "Cannot apply inner");
  assertThrows(() => tensordot(A, [[1, 2]]), TypeError, "differ in length");
  assertThrows(() => tensordot(A, A, { axes: 3 }), RangeError, "Cannot apply tensordot over 3 axes");
  assertThrows(
    () => tensordot(A, A, { axes: 0.5 }),
    RangeError,
    "the number of axes is 0.5, use an integer from 0 up",
  );
  assertThrows(() => tensordot(A, A, { axes: [[0], [0, 1]] }), RangeError, "name as many of one operand");
  assertThrows(() => tensordot(A, A, { axes: [[0, 0], [0, 1]] }), RangeError, "each once");
  assertThrows(() => tensordot(A, A, { axes: [[2], [0]] }), RangeError, "axis 2");
  assertThrows(() => quadraticForm([1, 2, 3], A), TypeError, "the axes named i");
});
