import { assertEquals, assertThrows } from "@std/assert";
import { compile, constant, NdArray, type Variable, variable } from "../../mod.ts";
import { ResidentArray } from "../../src/compiler/mod.ts";

Deno.test("JSON.stringify() writes a Variable as nested numbers, which constant() reads", () => {
  const values = [3, [1, 2], [[1.5, -2], [0.1, 4]], []];
  for (const value of values) {
    const text = JSON.stringify({ y: variable(value) });
    assertEquals(text, JSON.stringify({ y: value }));
    assertEquals(constant(JSON.parse(text).y).value, value);
  }
  assertEquals(JSON.stringify(new NdArray(Float32Array.of(1, 2), [2, 1])), "[[1],[2]]");
  assertEquals(JSON.stringify([variable(0.1, { dtype: "float32" })]), `[${Math.fround(0.1)}]`);
});

Deno.test("NaN and infinities are null in JSON, and null is no number", () => {
  const text = JSON.stringify([constant([NaN, 1, -Infinity]), constant(Infinity)]);
  assertEquals(text, "[[null,1,null],null]");
  assertThrows(() => constant(JSON.parse(text)[0]), TypeError, "found null where a number is expected");
});

Deno.test("JSON of a value that depends on an argument is refused inside compile()", () => {
  const f = compile((x: Variable) => x.mul(JSON.stringify(x).length));
  assertThrows(() => f(constant([1, 2])), TypeError, "Cannot read .value inside compile()");
});

Deno.test("structuredClone() of an array is read as an array", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = constant([[1, 2, 3], [4, 5, 6]], { dtype });
    const read = constant(structuredClone(x.toArray()));
    assertEquals([read.value, read.dtype], [x.value, dtype]);
  }
});

Deno.test("structuredClone() of a result that stands in a program's memory is read as an array", () => {
  const step = compile((w: Variable) => w.mul(2).add(1), { donate: [0] });
  let w = constant([[1, 2], [3, 4]]);
  for (let i = 0; i < 3; i++) w = step(w);
  assertEquals(w.array instanceof ResidentArray, true);
  const read = constant(structuredClone(w.toArray()));
  assertEquals(read.value, [[15, 23], [31, 39]]);
  assertEquals(step(w).value, [[31, 47], [63, 79]]);
});

Deno.test("what is no clone of an array is refused", () => {
  for (const value of [{ data: [1], shape: [1] }, { data: Float64Array.of(1) }, { shape: [1] }]) {
    assertThrows(() => constant(value as never), TypeError, "Cannot read");
  }
  assertThrows(
    () => constant({ data: Float64Array.of(1), shape: [2] } as never),
    TypeError,
    "shape [2] has 2 elements",
  );
});
