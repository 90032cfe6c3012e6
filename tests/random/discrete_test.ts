import { assertAlmostEquals, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { NdArray } from "../../mod.ts";
import { bernoulli, key, permutation, randint, shuffle } from "../../src/random/mod.ts";

for (const probability of [0, 0.1, 0.5, 0.9, 1]) {
  Deno.test(`bernoulli() with probability ${probability} has that share of ones`, () => {
    const data = [...bernoulli(key(1), [20000], { probability, dtype: "float32" }).data];
    assertEquals([...data].filter((x) => !(x === 0 || x === 1)), []);
    const tolerance = probability % 1 === 0 ? 0 : 0.015;
    assertAlmostEquals(data.filter((x) => x === 1).length / data.length, probability, tolerance);
  });
}

Deno.test("randint() has every integer of its range alike, and no other", () => {
  const counts = new Map<number, number>();
  for (const x of randint(key(3), [21000], { low: -3, high: 4 }).data) {
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort((a, b) => a - b), [-3, -2, -1, 0, 1, 2, 3]);
  // Chi-squared with 6 degrees of freedom: more than 22.5 in one case of a thousand.
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 3000) ** 2 / 3000, 0);
  assertLess(chiSquared, 22.5);
});

Deno.test("shuffle() moves whole rows, in the order of permutation()", () => {
  const x = new NdArray(Float32Array.from({ length: 40 }, (_, i) => i), [20, 2]);
  const shuffled = shuffle(key(2), x);
  const order = [...permutation(key(2), 20).data];
  assertEquals(shuffled.data, Float32Array.from(order.flatMap((row) => [2 * row, 2 * row + 1])));
  assertEquals([shuffled.shape, shuffled.dtype], [[20, 2], "float32"]);
  assertNotEquals(shuffled.data, x.data);
  assertEquals([...shuffled.data].sort((a, b) => a - b), [...x.data]);
});

const REFUSED: [
  what: string,
  run: () => unknown,
  error: typeof RangeError | typeof TypeError,
  message: string,
][] = [
  [
    "a probability of 1.5",
    () => bernoulli(key(0), [], { probability: 1.5 }),
    RangeError,
    "the probability is 1.5",
  ],
  [
    "NaN as a probability",
    () => bernoulli(key(0), [], { probability: NaN }),
    RangeError,
    "probability is NaN",
  ],
  ["an empty range", () => randint(key(0), [], { low: 2, high: 2 }), RangeError, "from 2 to 2"],
  ["a broken bound", () => randint(key(0), [], { high: 2.5 }), RangeError, "bound 2.5"],
  [
    "a bound float32 can't hold",
    () => randint(key(0), [], { high: 2 ** 24 + 2, dtype: "float32" }),
    RangeError,
    "bound 16777218",
  ],
  ["a range above 2^32", () => randint(key(0), [], { high: 2 ** 32 + 1 }), RangeError, "at most 2^32"],
  [
    "a shuffled scalar",
    () => shuffle(key(0), new NdArray(new Float64Array(1), [])),
    TypeError,
    "has no rows",
  ],
];
for (const [what, run, error, message] of REFUSED) {
  Deno.test(`discrete random numbers: ${what} is refused`, () => {
    assertThrows(run, error, message);
  });
}
