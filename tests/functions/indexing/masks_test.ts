import { assertEquals, assertThrows } from "@std/assert";
import {
  at,
  compile,
  constant,
  gather,
  gatherND,
  grad,
  oneHot,
  type Operand,
  type Variable,
  vmap,
} from "../../../mod.ts";

Deno.test("at() takes what a comparison marks, along one axis or several", () => {
  const x = constant([10, 20, 30]);
  assertEquals(at(x, x.gt(10)).get().value, [20, 30]);
  assertEquals(at(x, x.gt(10).logicalAnd(x.lt(30))).get().value, [20]);
  assertEquals(at(x, [true, false, true]).get().value, [10, 30]);
  assertEquals(at(x, x.gt(99)).get().shape, [0]);
  const y = constant([[1, 2], [3, 4]]);
  assertEquals(at(y, y.ge(2)).get().value, [2, 3, 4]);
  assertEquals(at(y, constant([0, 1]).eq(1), 0).get().value, [3]);
});

Deno.test("at() sets and adds where a comparison marks, and derivatives follow", () => {
  const x = constant([10, 20, 30]);
  assertEquals(at(x, x.gt(10)).set(0).value, [10, 0, 0]);
  assertEquals(at(x, x.lt(30)).add([1, 2]).value, [11, 22, 30]);
  assertEquals(grad((v: Variable) => at(v, v.gt(10)).get().square().sum())([10, 20, 30]), [0, 40, 60]);
});

Deno.test("numbers 0 and 1 in a list are positions", () => {
  assertEquals(at([10, 20, 30], [0, 1, 1]).get().value, [10, 20, 20]);
});

Deno.test("a mask of another shape, in a traced function, or for indices of gather() is refused with the remedy", () => {
  const x = constant([10, 20, 30]);
  assertThrows(() => at(x, constant([1, 2]).gt(1)).get(), RangeError, "a mask of shape [2]");
  assertThrows(() => compile((v: Variable) => at(v, v.gt(10)).get())(x), TypeError, "use where()");
  assertThrows(() => gather(x, x.gt(10)), TypeError, "use at(x, mask).get()");
});

const BAD_INDICES:
  readonly (readonly [string, (i: Variable) => Variable, good: Operand, bad: Operand, string])[] = [
    [
      "oneHot()",
      (i) => oneHot(i, 3),
      [0, 2],
      [3, -1],
      "Cannot apply oneHot: found the index 3, use integers from 0 to 2",
    ],
    [
      "gatherND()",
      (i) => gatherND([[1, 2], [3, 4]], i),
      [[0, 1]],
      [[0, 2]],
      "found the index 2 along axis 1",
    ],
    ["at() of one list", (i) => at([1, 2, 3], i).get(), [0, -1], [0, 3], "found the index 3 along axis 0"],
    [
      "at() of two lists",
      (i) => at([[1, 2], [3, 4]], i, [0, 0]).get(),
      [0, 1],
      [0, -3],
      "found the index -3 along axis 0, use integers from -2 to 1",
    ],
  ];
for (const [name, f, good, bad, text] of BAD_INDICES) {
  Deno.test(`${name} checks its indices in every call of a compiled function, and under vmap`, () => {
    assertThrows(() => f(constant(bad)), RangeError);
    const compiled = compile(f);
    assertEquals(compiled(constant(good)).value, f(constant(good)).value);
    assertThrows(() => compiled(constant(bad)), RangeError, text);
    assertEquals(compiled(constant(good)).value, f(constant(good)).value);
    const batched = vmap(f);
    const both = (x: Operand): Variable => constant([constant(x).value, constant(good).value] as never);
    assertThrows(() => batched(both(bad)), RangeError);
    assertThrows(() => batched(constant([constant(good).value, constant(bad).value] as never)), RangeError);
  });
}
