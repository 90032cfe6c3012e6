import { assertEquals } from "@std/assert";
import { allocate, type DType } from "../../src/array/dtype.ts";
import { NdArray } from "../../src/array/nd_array.ts";
import { argSortArray, radixOrder } from "../../src/array/sorting.ts";

const SPECIAL = [NaN, -0, 0, Infinity, -Infinity, 5e-324, -5e-324, 1e-45, -1e-45, 1, -1, 1.5, -1.5, 2 ** 40];

/** Special values among numbers of all sizes, many of them twice. */
function numbers(count: number, dtype: DType): NdArray {
  const data = allocate(dtype, count);
  for (let i = 0, state = 1; i < count; i++) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    const size = 2 ** (state % 40 - 20);
    data[i] = i % 5 === 0 ? SPECIAL[state % SPECIAL.length]! : ((state >> 8) % 200 - 100) * size;
  }
  return new NdArray(data, [count]);
}

/** The definition, by the sort of the language, which is stable. */
function expectedOrder(x: NdArray, descending: boolean): number[] {
  const rank = (i: number): number => Number.isNaN(x.data[i]!) ? 1 : 0;
  const compare = (i: number, j: number): number =>
    rank(i) - rank(j) || (rank(i) === 1 || x.data[i] === x.data[j] ? 0 : x.data[i]! < x.data[j]! ? -1 : 1);
  return Array.from({ length: x.size }, (_, i) => i)
    .sort((i, j) => descending ? compare(j, i) : compare(i, j));
}

for (const dtype of ["float64", "float32"] as const) {
  for (const descending of [false, true]) {
    const name = `${dtype}, ${descending ? "descending" : "ascending"}`;
    Deno.test(`argSortArray() keeps equal elements in order and takes NaN as the largest: ${name}`, () => {
      for (const count of [0, 1, 2, 16, 17, 33, 100, 1499, 1500, 1501, 10_000]) {
        const x = numbers(count, dtype);
        assertEquals(
          [...argSortArray(x, 0, descending).data],
          expectedOrder(x, descending),
          `${count} elements`,
        );
        assertEquals(
          [...radixOrder(x.data, descending)],
          expectedOrder(x, descending),
          `${count} elements by digits`,
        );
      }
    });
  }
}

Deno.test("argSortArray() sorts each line along any axis, long ones too", () => {
  const long = numbers(2 * 2000 * 3, "float64");
  const x = new NdArray(long.data, [2, 2000, 3]);
  const order = argSortArray(x, 1, false);
  for (const [block, column] of [[0, 0], [1, 2]] as const) {
    const at = (i: number): number => (block * 2000 + i) * 3 + column;
    const line = new NdArray(Float64Array.from({ length: 2000 }, (_, i) => x.data[at(i)]!), [2000]);
    assertEquals(Array.from({ length: 2000 }, (_, i) => order.data[at(i)]!), expectedOrder(line, false));
  }
});

Deno.test("radixOrder() sorts numbers that all share some or all digits", () => {
  for (const value of [0, 3, -7.25, NaN]) {
    const x = new NdArray(new Float64Array(50).fill(value), [50]);
    assertEquals([...radixOrder(x.data, true)], Array.from({ length: 50 }, (_, i) => i));
  }
  const integers = Float64Array.from({ length: 300 }, (_, i) => (i * 37) % 301);
  assertEquals([...radixOrder(integers, false)], expectedOrder(new NdArray(integers, [300]), false));
});
