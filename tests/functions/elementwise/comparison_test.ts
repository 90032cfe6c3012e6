import { assertEquals, assertThrows } from "@std/assert";
import {
  constant,
  grad,
  isFinite,
  isNan,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  type Variable,
} from "../../../mod.ts";

const X = [0, -0, 1, -2, NaN, Infinity, -Infinity];

Deno.test("isNan() and isFinite() tell the kinds of numbers apart", () => {
  assertEquals(isNan(X).value, [0, 0, 0, 0, 1, 0, 0]);
  assertEquals(isFinite(X).value, [1, 1, 1, 1, 0, 0, 0]);
});

Deno.test("both zeros are false, all else is true, NaN too", () => {
  assertEquals(logicalNot(X).value, [1, 1, 0, 0, 0, 0, 0]);
  assertEquals(logicalAnd(X, 1).value, [0, 0, 1, 1, 1, 1, 1]);
  assertEquals(logicalAnd(X, -0).value, [0, 0, 0, 0, 0, 0, 0]);
  assertEquals(logicalOr(X, 0).value, [0, 0, 1, 1, 1, 1, 1]);
  assertEquals(logicalXor(X, NaN).value, [1, 1, 0, 0, 0, 0, 0]);
});

Deno.test("truth tables broadcast, and keep the dtype", () => {
  const column = [[0], [3]];
  assertEquals(logicalAnd(column, [0, 5]).value, [[0, 0], [0, 1]]);
  assertEquals(logicalOr(column, [0, 5]).value, [[0, 1], [1, 1]]);
  assertEquals(logicalXor(column, [0, 5]).value, [[0, 1], [1, 0]]);
  assertEquals(logicalNot(constant([1], { dtype: "float32" })).dtype, "float32");
  assertThrows(() => logicalAnd([1, 2], [1, 2, 3]), TypeError);
});

Deno.test("the derivative of a truth value is 0", () => {
  assertEquals(grad((x: Variable) => x.logicalAnd(x).add(x.isFinite()).add(x.isNan()).sum())([1, NaN]), [
    0,
    0,
  ]);
});
