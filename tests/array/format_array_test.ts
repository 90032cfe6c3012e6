import { assertEquals } from "@std/assert";
import { arrayHead, formatArray } from "../../src/array/format_array.ts";

const counting = (size: number): Float64Array => Float64Array.from({ length: size }, (_, i) => i);

/** An array that refuses to be looked at but at some places. */
function guarded(size: number, reads: Set<number>): Float64Array {
  const target = { length: size };
  return new Proxy(target, {
    get(_, name) {
      if (name === "length") return size;
      reads.add(Number(name));
      return Number(name);
    },
  }) as unknown as Float64Array;
}

Deno.test("formatArray() writes rows in brackets, numbers right-aligned", () => {
  assertEquals(formatArray(Float64Array.of(3.5), []), "3.5");
  assertEquals(formatArray(Float64Array.of(1, -20.25, 3), [3]), "[     1, -20.25,      3]");
  assertEquals(formatArray(counting(4), [2, 2]), "[[0, 1],\n [2, 3]]");
  assertEquals(formatArray(counting(8), [2, 2, 2]), "[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]");
  assertEquals(formatArray(Float64Array.of(NaN, Infinity, 1 / 3), [3]), "[     NaN, Infinity, 0.333333]");
  assertEquals(formatArray(counting(0), [0]), "[]");
  assertEquals(formatArray(counting(0), [2, 0]), "[[],\n []]");
});

Deno.test("formatArray() cuts large arrays, and looks only at what it shows", () => {
  const reads = new Set<number>();
  const text = formatArray(guarded(3_000_000, reads), [3000, 1000]);
  assertEquals(text.split("\n").length, 7);
  assertEquals(text.split("\n")[0], "[[      0,       1,       2, ...,     997,     998,     999],");
  assertEquals(text.split("\n")[3], " ...,");
  assertEquals(reads.size, 36);
  assertEquals(formatArray(counting(1000), [1000]).includes("..."), false);
  assertEquals(formatArray(counting(1001), [1001]), "[   0,    1,    2, ...,  998,  999, 1000]");
});

Deno.test("arrayHead() is what JSON has, and stops at its limit", () => {
  assertEquals(arrayHead([1, 2, 3, 4], [2, 2], 80), "[[1,2],[3,4]]");
  assertEquals(arrayHead([7], [], 80), "7");
  const reads = new Set<number>();
  const head = arrayHead(guarded(3_000_000, reads), [3_000_000], 20);
  assertEquals([head.length, head.endsWith("..."), reads.size < 15], [20, true, true]);
});

Deno.test("formatArray() breaks rows where NumPy does, under the first number", () => {
  const data = Float64Array.from({ length: 30 }, (_, i) => (1000 + i) * 1.5);
  const rows = formatArray(data, [30]).split("\n");
  assertEquals(rows[0], "[  1500, 1501.5,   1503, 1504.5,   1506, 1507.5,   1509, 1510.5,   1512,");
  assertEquals(rows[1], " 1513.5,   1515, 1516.5,   1518, 1519.5,   1521, 1522.5,   1524, 1525.5,");
  assertEquals(rows.map((row) => row.length <= 75), [true, true, true, true]);
  const within = formatArray(data, [1, 30]).split("\n");
  assertEquals(within[1], "  1513.5,   1515, 1516.5,   1518, 1519.5,   1521, 1522.5,   1524, 1525.5,");
  // What is written can be read again.
  assertEquals(JSON.parse(formatArray(data, [5, 6])).flat(), [...data]);
});
