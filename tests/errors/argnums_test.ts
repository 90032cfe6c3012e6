import { assertEquals, assertThrows } from "@std/assert";
import { grad, type Variable } from "../../mod.ts";

const product = (x: Variable, y: Variable): Variable => x.mul(y);
const by = (argnums: unknown): unknown =>
  (grad(product, { argnums } as never) as (x: number, y: number) => unknown)(2, 3);

Deno.test("argnums are integers that each name an argument once", () => {
  assertEquals(by([1, 0]), [2, 3]);
  assertThrows(() => by([0, 0]), RangeError, "Cannot differentiate by argument 0 twice");
  assertThrows(() => by(null), TypeError, "argnums is null, use an integer or a list of integers");
  assertThrows(() => by("0"), TypeError, 'argnums is "0"');
  assertThrows(() => by(0.5), RangeError, "argnums is 0.5");
  assertThrows(() => by(5), RangeError, "Cannot differentiate by argument 5");
});
