import { assert, assertEquals } from "@std/assert";
import { polygamma } from "../../../src/array/elementwise/scalar_math.ts";

Deno.test("polygamma() ends for any two numbers", () => {
  const numbers = [3, 170, 171, 2 ** 31, 2 ** 53, 1e16, 9.1e15, 1e250, 1e300, 5e-324, 2 ** 52 + 0.5];
  for (const n of [...numbers, -1e300, 0.5, NaN, Infinity]) {
    for (const x of numbers.flatMap((x) => [x, -x])) assertEquals(typeof polygamma(n, x), "number");
  }
});

Deno.test("polygamma() of large orders at large numbers is that of logarithms", () => {
  // n! / x^(n + 1) times the zeta function, which is nearly x / n + 1 / 2 there (DLMF 25.11.5).
  for (const [n, x] of [[100, 1e6], [170, 3e5], [20, 1e14]] as const) {
    let log = -Math.log(n);
    for (let k = 2; k <= n; k++) log += Math.log(k);
    const expected = Math.exp(log - n * Math.log(x)) * (1 + n / (2 * x));
    const found = Math.abs(polygamma(n, x));
    assert(
      found === 0 ? expected < 1e-300 : Math.abs(found / expected - 1) < 1e-6,
      `${n} ${x}: ${found} ${expected}`,
    );
  }
});
