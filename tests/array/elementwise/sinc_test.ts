import { assertEquals } from "@std/assert";
import { sincDerivative } from "../../../src/array/elementwise/scalar_math.ts";

Deno.test("sincDerivative() does not count up to an order whose power of pi overflows", () => {
  assertEquals([621, 1e300, NaN, Infinity].map((n) => sincDerivative(n, 1e300)), [NaN, NaN, NaN, NaN]);
  assertEquals(Number.isFinite(sincDerivative(620, 1)), true);
});
