import { assertEquals, assertLess } from "@std/assert";
import { fillBits, randomOrder, seedWords, threefry, unitInterval } from "../../src/_internal/threefry.ts";

// The answers of the Random123 library for Threefry-2x32 with 20 rounds.
const ANSWERS: [key: [number, number], counter: [number, number], bits: [number, number]][] = [
  [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
  [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
  [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
];
for (const [key, counter, bits] of ANSWERS) {
  Deno.test(`threefry and fillBits give the published answer for counter ${counter}`, () => {
    assertEquals(threefry(...key, ...counter), bits);
    const out = new Uint32Array(2);
    fillBits(...key, counter[1], counter[0], out);
    assertEquals([...out], bits);
  });
}

Deno.test("fillBits gives threefry's bits for every counter, past 2^32 too", () => {
  for (const start of [0, 7, 0xfffffffe]) {
    const out = new Uint32Array(200);
    fillBits(0x12345678, 0x9abcdef0, 3, start, out);
    assertEquals(
      [...out],
      Array.from({ length: 100 }, (_, i) => threefry(0x12345678, 0x9abcdef0, (start + i) >>> 0, 3)).flat(),
    );
  }
});

Deno.test("one bit of key or counter turns over half the bits", () => {
  const ones = (word: number): number => word.toString(2).replaceAll("0", "").length;
  const base = threefry(1, 2, 3, 4);
  let flipped = 0;
  for (let word = 0; word < 4; word++) {
    for (let bit = 0; bit < 32; bit++) {
      const input: [number, number, number, number] = [1, 2, 3, 4];
      input[word] = (input[word]! ^ (1 << bit)) >>> 0;
      const other = threefry(...input);
      flipped += ones((base[0] ^ other[0]) >>> 0) + ones((base[1] ^ other[1]) >>> 0);
    }
  }
  // 128 changes of 64 bits: 4096 with standard deviation 45.
  assertLess(Math.abs(flipped - 4096), 5 * 45, `${flipped}`);
});

Deno.test("unitInterval() goes from 0 to the last number before 1", () => {
  assertEquals(unitInterval(0, 0), 0);
  assertEquals(unitInterval(0xffffffff, 0xffffffff), 1 - 2 ** -53);
  assertEquals(unitInterval(0x80000000, 0), 0.5);
});

Deno.test("randomOrder() gives the six orders of three alike", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const order = randomOrder(...seedWords(seed), 3).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort(), ["012", "021", "102", "120", "201", "210"]);
  // Chi-squared with 5 degrees of freedom: more than 20.5 in one case of a thousand.
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assertLess(chiSquared, 20.5);
});
