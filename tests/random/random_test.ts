import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { threefry } from "../../src/_internal/threefry.ts";
import { foldIn, key, normal, permutation, split, uniform } from "../../src/random/mod.ts";

Deno.test("threefry gives the published answers", () => {
  const f = 0xffffffff;
  assertEquals(threefry(0, 0, 0, 0), [0x6b200159, 0x99ba4efe]);
  assertEquals(threefry(f, f, f, f), [0x1cb996fc, 0xbb002be7]);
  assertEquals(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3), [0xc4923a9c, 0x483df7a0]);
});

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
  assert(uniform(key(2), [n], { dtype: "float32" }).data.every((x) => x >= 0 && x < 1));
});

Deno.test("permutation() has every number once, and bad arguments are refused", () => {
  assertEquals([...permutation(key(3), 10)].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertThrows(() => key(-1), RangeError, "seed -1");
  assertThrows(() => key(0.5), RangeError, "seed 0.5");
  assertThrows(() => split(key(0), 0), RangeError, "into 0");
  assertThrows(() => uniform(key(0), [1], { low: 1, high: 1 }), RangeError, "from 1 to 1");
  assertThrows(() => normal(key(0), [-1]), RangeError, "length -1");
});
