import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { arange, eye, full, linspace, oneHot, ones, tape, variable, zeros } from "../../../mod.ts";

Deno.test("full(), zeros(), ones() and eye() make constants", () => {
  assertEquals(full([2, 2], 7).value, [[7, 7], [7, 7]]);
  assertEquals(full([], 7).value, 7);
  assertEquals(zeros(3).value, [0, 0, 0]);
  assertEquals(ones([1, 0]).shape, [1, 0]);
  assertEquals(eye(2, { columns: 3 }).value, [[1, 0, 0], [0, 1, 0]]);
  assertEquals(eye(0).shape, [0, 0]);
  for (
    const x of [
      full(2, 0.1, { dtype: "float32" }),
      zeros(1, { dtype: "float32" }),
      eye(1, { dtype: "float32" }),
    ]
  ) {
    assertEquals([x.dtype, x.trainable], ["float32", false]);
  }
  assertEquals(full([], 0.1, { dtype: "float32" }).value, Math.fround(0.1));
  assertThrows(() => zeros([-1]), RangeError, "has the length -1");
  assertThrows(() => eye(1.5), RangeError, "the number of rows is 1.5");
  assertThrows(() => ones(1, { dtype: "int8" as never }), TypeError, "Unknown dtype");
});

Deno.test("arange() counts in steps, without rounding errors adding up", () => {
  assertEquals(arange(3).value, [0, 1, 2]);
  assertEquals(arange(1, 3).value, [1, 2]);
  assertEquals(arange(10, 4, -2).value, [10, 8, 6]);
  assertEquals(arange(0, 1, 0.25).value, [0, 0.25, 0.5, 0.75]);
  assertEquals(arange(3, 0).value, []);
  assertEquals(arange(0, 1e5, 0.1).data.at(-1), 999999 * 0.1);
  assertEquals(arange(2, undefined, 1, { dtype: "float32" }).dtype, "float32");
  assertThrows(() => arange(0, 1, 0), RangeError, "in steps of 0");
  assertThrows(() => arange(NaN), RangeError, "the stop is NaN");
});

Deno.test("linspace() ends where it should", () => {
  assertEquals(linspace(0, 1, 5).value, [0, 0.25, 0.5, 0.75, 1]);
  assertEquals(linspace(0, 1, 4, { endpoint: false }).value, [0, 0.25, 0.5, 0.75]);
  assertEquals(linspace(3, 9, 1).value, [3]);
  assertEquals(linspace(3, 9, 0).value, []);
  assertEquals(linspace(0.1, 0.7, 7).data.at(-1), 0.7);
  assertEquals(linspace(0, 1).size, 50);
  assertEquals(linspace(0, 1, 2, { dtype: "float32" }).dtype, "float32");
  assertAlmostEquals(linspace(-1, 1, 3).data[1]!, 0);
  assertThrows(() => linspace(0, 1, 2.5), RangeError, "the count is 2.5");
});

Deno.test("oneHot() marks the class", () => {
  assertEquals(oneHot([1, 0], 3).value, [[0, 1, 0], [1, 0, 0]]);
  assertEquals(oneHot(2, 3).value, [0, 0, 1]);
  assertEquals(oneHot([], 2).shape, [0, 2]);
  assertEquals(oneHot(new Uint8Array([1]), 2).dtype, "float64");
  assertEquals(oneHot([1], 2, { dtype: "float32" }).dtype, "float32");
  assertThrows(() => oneHot([3], 3), RangeError, "the index 3, use integers from 0 to 2");
  assertThrows(() => oneHot([-1], 3), RangeError, "the index -1");
  assertThrows(() => oneHot([0.5], 3), RangeError, "the index 0.5");
  assertThrows(() => oneHot([0], -1), RangeError, "the depth is -1");
});

Deno.test("new constants are not recorded", () => {
  const before = tape.length;
  eye(3).add(zeros([3, 3])).mul(full(3, 2));
  assertEquals(tape.length, before);
  assertEquals(variable(ones(2)).value, [1, 1]);
});
