import { assertEquals } from "@std/assert";
import { constant, NdArray, type Variable, variable } from "../../../mod.ts";
import type { Value } from "../../../src/array/value.ts";
import { type ArgumentForm, formOf, readAs } from "../../../src/transforms/compile/repeated_call.ts";
import { weakVariable } from "../../../src/variable/variable.ts";

const typed = (...x: number[]): Float64Array => Float64Array.from(x);
const x = constant([1, 2]);

/** A value, others of the same form with their leaves, and others that are not. */
const cases: { name: string; value: unknown; same: [unknown, unknown[]][]; other: unknown[] }[] = [
  { name: "a number", value: 1, same: [[NaN, [NaN]]], other: [constant(1), "1", null, [1]] },
  {
    name: "a Variable",
    value: x,
    same: [[variable([3, 4]), [[3, 4]]]],
    other: [
      constant([1]),
      constant([[1, 2]]),
      constant(new Float32Array(2)),
      new NdArray(typed(1, 2)),
      typed(1, 2),
      weakVariable(new NdArray(typed(1, 2))),
      1,
    ],
  },
  {
    name: "a rank-0 Variable",
    value: constant(1),
    same: [[constant(2), [2]]],
    other: [1, constant([1]), weakVariable(2)],
  },
  {
    name: "an NdArray of rank 0",
    value: new NdArray(typed(1), []),
    same: [[new NdArray(typed(2), []), [2]]],
    other: [1, new NdArray(typed(2))],
  },
  {
    name: "an NdArray",
    value: new NdArray(typed(1, 2)),
    same: [[new NdArray(typed(5, 6)), [[5, 6]]]],
    other: [x, typed(1, 2), new NdArray(typed(1, 2), [2, 1]), new NdArray(new Float32Array(2))],
  },
  {
    name: "a typed array",
    value: typed(1, 2),
    same: [[typed(3, 4), [[3, 4]]]],
    other: [typed(1), new Float32Array(2), x],
  },
  {
    name: "a tree",
    value: { a: [x, 1], b: { c: x } },
    same: [[{ a: [x, 2], b: { c: variable([7, 8]) } }, [[1, 2], 2, [7, 8]]]],
    other: [
      { b: { c: x }, a: [x, 1] },
      { a: [x], b: { c: x } },
      { a: [x, 1], b: { d: x } },
      { a: [x, 1], b: { c: x, d: x } },
      { a: [x, 1] },
      [[x, 1], { c: x }],
      null,
    ],
  },
  { name: "undefined", value: undefined, same: [[undefined, []]], other: [null, x, 0] },
  { name: "a text", value: "a", same: [["a", []]], other: ["b", undefined] },
  { name: "not a number as a static argument", value: { n: NaN }.n, same: [[NaN, [NaN]]], other: ["NaN"] },
  // What is read as a whole, or may have changed, is never recognized.
  { name: "an empty array", value: [], same: [], other: [[], [[]]] },
  { name: "nested numbers", value: [1, 2], same: [], other: [[1, 2], [1]] },
  { name: "an object that is no tree", value: new Date(0), same: [], other: [new Date(0)] },
];

const plain = (leaf: Value): unknown => typeof leaf === "number" ? leaf : [...leaf.data];

/** Whether a value has a form, the leaves that were read, and whether derivatives by one may be wanted. */
function read(form: ArgumentForm, value: unknown): [boolean, unknown[], boolean] {
  const reader = { values: [] as Value[], hasTracked: false };
  return [readAs(form, value, reader), reader.values.map(plain), reader.hasTracked];
}

for (const { name, value, same, other } of cases) {
  Deno.test(`${name} is recognized by its form`, () => {
    const form = formOf(value, false);
    for (const [like, leaves] of same) assertEquals(read(form, like).slice(0, 2), [true, leaves]);
    for (const unlike of other) assertEquals(read(form, unlike)[0], false, Deno.inspect(unlike));
  });
}

Deno.test("a static argument is recognized by its value", () => {
  const form = formOf(-0, true);
  assertEquals([read(form, -0)[0], read(form, 0)[0], read(formOf(x as Variable, true), x)[0]], [
    true,
    false,
    false,
  ]);
});

Deno.test("trainable Variables are noticed where they stand", () => {
  const form = formOf({ a: [x, x] }, false);
  assertEquals(read(form, { a: [x, x] })[2], false);
  assertEquals(read(form, { a: [x, variable([1, 2])] })[2], true);
});
