import { assert, assertEquals, assertThrows } from "@std/assert";
import { broadcastTo, compile, constant, full, NdArray, reshape, type Variable } from "../../mod.ts";

Deno.test("an array's lengths of axes are integers from 0 on", () => {
  for (const shape of [[1.6, 2.5], [-2, -2], [NaN, 4], [Infinity, 0], ["4"] as never, [2 ** 53, 0]]) {
    assertThrows(() => new NdArray(new Float64Array(4), shape), TypeError, "integers from 0 on");
  }
  assertEquals([...new NdArray(new Float64Array(0), [0, 3]).shape], [0, 3]);
});

Deno.test("changing the list that a shape was made of changes no array", () => {
  const shape = [2, 3];
  const x = new NdArray(new Float64Array(6), shape);
  const y = reshape(constant(Float64Array.from([1, 2, 3, 4, 5, 6])), shape);
  const z = broadcastTo(constant([1, 2, 3]), shape);
  const f = compile((v: Variable) => reshape(v, shape).mul(2));
  f(constant([1, 2, 3, 4, 5, 6]));
  shape[0] = 3;
  shape[1] = 2;
  for (const array of [x, y, z]) assertEquals([...array.shape], [2, 3]);
  assertEquals(y.value, [[1, 2, 3], [4, 5, 6]]);
  assert(Object.isFrozen(x.shape));
});

Deno.test("-0 stays -0 when a number becomes an array", () => {
  for (const array of [full([2], -0), broadcastTo(constant(-0), [2]), constant([-0, -0])]) {
    assertEquals([...array.data].map((x) => Object.is(x, -0)), [true, true]);
  }
  const broadcast = compile((v: Variable) => broadcastTo(v, [2]));
  assertEquals([...broadcast(constant(-0)).data].map((x) => Object.is(x, -0)), [true, true]);
});
