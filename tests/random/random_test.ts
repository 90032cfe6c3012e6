import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertThrows,
} from "@std/assert";
import { foldIn, key, normal, permutation, split, truncatedNormal, uniform } from "../../src/random/mod.ts";

Deno.test("the same key gives the same numbers, keys made from it give others", () => {
  const first = (k: ReturnType<typeof key>): number => uniform(k, [1]).data[0]!;
  assertEquals(first(key(7)), first(key(7)));
  const all = [key(7), key(8), ...split(key(7), 3), foldIn(key(7), 0), foldIn(key(7), 1)].map(first);
  assertEquals(new Set(all).size, all.length);
});

Deno.test("uniform and normal numbers have the right moments", () => {
  const n = 20000;
  const moments = (x: Iterable<number>): [number, number] => {
    const list = [...x];
    const mean = list.reduce((a, b) => a + b, 0) / n;
    return [mean, list.reduce((a, b) => a + (b - mean) ** 2, 0) / n];
  };
  const [uMean, uVariance] = moments(uniform(key(1), [n], { low: 2, high: 4 }).data);
  assertAlmostEquals(uMean, 3, 0.02);
  assertAlmostEquals(uVariance, 1 / 3, 0.01);
  const [nMean, nVariance] = moments(normal(key(1), [n], { mean: 1, standardDeviation: 2 }).data);
  assertAlmostEquals(nMean, 1, 0.06);
  assertAlmostEquals(nVariance, 4, 0.15);
  assertEquals([...uniform(key(2), [n], { dtype: "float32" }).data].filter((x) => !(x >= 0 && x < 1)), []);
});

Deno.test("permutation() has every number once, and bad arguments are refused", () => {
  assertEquals([...permutation(key(3), 10).data].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertThrows(() => key(-1), RangeError, "seed -1");
  assertThrows(() => key(0.5), RangeError, "seed 0.5");
  assertThrows(() => split(key(0), 0), RangeError, "the count is 0");
  assertThrows(() => uniform(key(0), [1], { low: 1, high: 1 }), RangeError, "from 1 to 1");
  assertThrows(() => normal(key(0), [-1]), RangeError, "length -1");
});

/** Keys made in different ways from one key, none of which may give the numbers of another. */
function relatives(): ReturnType<typeof key>[] {
  const parent = key(5);
  return [
    parent,
    key(6),
    ...split(parent, 3),
    ...split(split(parent)[0]!, 2),
    foldIn(parent, 0),
    foldIn(parent, 1),
  ];
}

Deno.test("the numbers of related keys are not correlated", () => {
  const n = 10000;
  const draws = relatives().map((k) => [...uniform(k, [n], { low: -1, high: 1 }).data]);
  draws.forEach((x, i) =>
    draws.slice(0, i).forEach((y) => {
      // Under independence the correlation has standard deviation 1 / sqrt(n); 5 of them are allowed.
      const correlation = 3 * x.reduce((sum, value, k) => sum + value * y[k]!, 0) / n;
      assertLess(Math.abs(correlation), 5 / Math.sqrt(n), `correlation ${correlation}`);
    })
  );
  const [x] = draws;
  const lagged = 3 * x!.slice(1).reduce((sum, value, k) => sum + value * x![k]!, 0) / n;
  assertLess(Math.abs(lagged), 5 / Math.sqrt(n), `correlation with the next number ${lagged}`);
});

Deno.test("foldIn() and split() make different keys for any number", () => {
  const parts = new Set(split(key(0), 4).map((k) => k.data.join()));
  for (const number of [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]) {
    assert(!parts.has(foldIn(key(0), number).data.join()), `foldIn ${number}`);
  }
});

Deno.test("uniform() fills ten equal bins alike", () => {
  for (const dtype of ["float64", "float32"] as const) {
    const bins = new Array<number>(10).fill(0);
    for (const x of uniform(key(11), [20000], { dtype }).data) bins[Math.floor(10 * x)]!++;
    // Chi-squared with 9 degrees of freedom: more than 27.9 in one case of a thousand.
    const chiSquared = bins.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    assertLess(chiSquared, 27.9, `${dtype}: ${chiSquared}`);
  }
});

/** A seed whose first 24 bits are ones: the largest number uniform() can draw. */
const TOP = 10082300;
const BOUNDS: [low: number, high: number, largest: number][] = [
  [0, 1, 1 - 2 ** -24],
  [2, 4, 4 - 2 ** -22],
  [-1, 0, -(2 ** -24)],
  [-4, -2, -2 - 2 ** -22],
  [1, 1 + 2 ** -23, 1],
];
for (const [low, high, largest] of BOUNDS) {
  Deno.test(`uniform() from ${low} to ${high} never rounds up to ${high} in float32`, () => {
    assertEquals(uniform(key(TOP), [], { low, high, dtype: "float32" }).data, new Float32Array([largest]));
  });
}

Deno.test("uniform() from 0 reaches below 0.001 and above 0.999, and stays in its range", () => {
  for (const dtype of ["float64", "float32"] as const) {
    const { data } = uniform(key(4), [20000], { dtype });
    assertEquals([...data].filter((x) => !(x >= 0 && x < 1)), []);
    assertLess(Math.min(...data), 0.001);
    assertGreater(Math.max(...data), 0.999);
  }
});

Deno.test("normal numbers lie within 1, 2 and 3 deviations as often as they should", () => {
  const data = [...normal(key(9), [40000]).data];
  for (const [bound, share] of [[1, 0.682689], [2, 0.954500], [3, 0.997300]] as const) {
    assertAlmostEquals(data.filter((x) => Math.abs(x) < bound).length / data.length, share, 0.01);
  }
  assertAlmostEquals(data.reduce((sum, x) => sum + x ** 3, 0) / data.length, 0, 0.1);
  assertAlmostEquals(data.reduce((sum, x) => sum + x ** 4, 0) / data.length, 3, 0.2);
});

Deno.test("truncatedNormal() keeps within two deviations and has the variance of that", () => {
  const n = 40000;
  const data = [...truncatedNormal(key(2), [n], { mean: 3, standardDeviation: 0.5 }).data];
  assertEquals([...data].filter((x) => !(Math.abs(x - 3) <= 1)), []);
  assertGreater(Math.max(...data.map((x) => Math.abs(x - 3))), 0.95);
  assertAlmostEquals(data.reduce((sum, x) => sum + x, 0) / n, 3, 0.01);
  // 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.773741 of the variance.
  assertAlmostEquals(data.reduce((sum, x) => sum + (x - 3) ** 2, 0) / n, 0.25 * 0.773741, 0.005);
  assertEquals(truncatedNormal(key(2), [9]), truncatedNormal(key(2), [9]));
});

Deno.test("an element does not depend on how many are drawn after it", () => {
  for (const draw of [uniform, normal, truncatedNormal]) {
    assertEquals(draw(key(8), [9000]).data.subarray(0, 5000), draw(key(8), [5000]).data);
  }
});

Deno.test("random arrays have the shape and dtype asked for", () => {
  for (const draw of [uniform, normal, truncatedNormal]) {
    for (const shape of [[], [0], [2, 3]]) {
      for (const dtype of ["float64", "float32"] as const) {
        const x = draw(key(0), shape, { dtype });
        assertEquals([x.shape, x.dtype], [shape, dtype]);
      }
    }
  }
});

const REFUSED: [
  what: string,
  run: () => unknown,
  error: typeof RangeError | typeof TypeError,
  message: string,
][] = [
  [
    "bounds that float32 can't tell apart",
    () => uniform(key(0), [], { low: 1, high: 1 + 1e-12, dtype: "float32" }),
    RangeError,
    "float32 numbers from 1 to",
  ],
  ["an infinite bound", () => uniform(key(0), [], { high: Infinity }), RangeError, "both finite"],
  ["NaN as a bound", () => uniform(key(0), [], { low: NaN }), RangeError, "from NaN to 1"],
  [
    "a negative deviation",
    () => normal(key(0), [], { standardDeviation: -1 }),
    RangeError,
    "deviation is -1",
  ],
  [
    "an infinite deviation",
    () => truncatedNormal(key(0), [], { standardDeviation: Infinity }),
    RangeError,
    "truncatedNormal: the standard deviation is Infinity",
  ],
  ["NaN as a mean", () => normal(key(0), [], { mean: NaN }), RangeError, "the mean is NaN"],
  ["an unknown dtype", () => uniform(key(0), [], { dtype: "int8" as "float32" }), TypeError, 'dtype: "int8"'],
  ["a seed of 2^53", () => key(2 ** 53), RangeError, "seed 9007199254740992"],
  ["a negative permutation", () => permutation(key(0), -1), RangeError, "the number of integers is -1"],
];
for (const [what, run, error, message] of REFUSED) {
  Deno.test(`random numbers: ${what} is refused`, () => {
    assertThrows(run, error, message);
  });
}
