import { assertAlmostEquals, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { hashToUnit, RunningStatistics } from "../../src/cli/statistics.ts";
import { standardScaler } from "../../src/data/mod.ts";
import { random } from "./_files.ts";

Deno.test("statistics of numbers that come one by one are those of all of them", () => {
  const draw = random(5);
  const numbers = Array.from({ length: 501 }, () => 1e6 + draw() ** 3);
  const found = new RunningStatistics(draw);
  numbers.forEach((value) => found.add(value));
  const { offsets, scales } = standardScaler().fit(numbers.map((value) => [value])).toJSON();
  assertAlmostEquals(found.mean, offsets[0]!, 1e-8);
  assertAlmostEquals(found.scale, scales[0]!, 1e-6);
  assertEquals(found.median, numbers.toSorted((a, b) => a - b)[250]);
  assertEquals(found.count, 501);
});

Deno.test("numbers that are all the same have the scale 1", () => {
  const found = new RunningStatistics(() => 0);
  for (let i = 0; i < 5; i++) found.add(0.1);
  assertEquals([found.mean, found.scale, found.median], [0.1, 1, 0.1]);
});

Deno.test("the median of more numbers than are kept is that of a fair sample", () => {
  let number = 0;
  const found = new RunningStatistics(() => hashToUnit(0, ++number));
  // In order, so that a sample of the first or the last ones would be far off.
  for (let i = 0; i < 400_000; i++) found.add(i);
  assertLess(Math.abs(found.median - 200_000), 3000);
});

Deno.test("rows are parted evenly, and differently by another seed", () => {
  const shares = [0, 1, 2].map((seed) => {
    let below = 0;
    for (let row = 1; row <= 20_000; row++) below += Number(hashToUnit(seed, row) < 0.2);
    return below / 20_000;
  });
  shares.forEach((share) => assertAlmostEquals(share, 0.2, 0.012));
  const firsts = [0, 1].map((seed) => Array.from({ length: 8 }, (_, row) => hashToUnit(seed, row)));
  assertNotEquals(firsts[0], firsts[1]);
});
