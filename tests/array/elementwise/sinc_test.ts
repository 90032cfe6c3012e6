import { assertEquals } from "@std/assert";
import { sincDerivative } from "../../../src/array/elementwise/scalar_math.ts";

Deno.test("sincDerivative() does not count up to an order whose power of pi overflows", () => {
  assertEquals([621, 1e300, NaN, Infinity].map((n) => sincDerivative(n, 1e300)), [NaN, NaN, NaN, NaN]);
  assertEquals(Number.isFinite(sincDerivative(620, 1)), true);
});

Deno.test("sincDerivative() ends for any two numbers", () => {
  const numbers = [0, 3, 620, 2 ** 31, 2 ** 53, 2 ** 55, 2 ** 57, 1e250, 5e-324, 0.5, NaN, Infinity];
  for (const n of numbers.flatMap((n) => [n, -n])) {
    for (const x of numbers.flatMap((x) => [x, -x])) assertEquals(typeof sincDerivative(n, x), "number");
  }
});
