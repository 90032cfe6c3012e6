import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import { Resident, residentOf } from "../../../src/compiler/runtime/residents.ts";

/** A resident array over memory that others write to, and how often it was read. */
function resident(): { memory: Float64Array; made: Resident; reads: () => number } {
  const memory = new Float64Array([1, 2, 3, 4]);
  let reads = 0;
  const made = new Resident([2, 2], "float64", () => {
    reads++;
    return memory.slice();
  });
  return { memory, made, reads: () => reads };
}

Deno.test("a resident array is an NdArray that copies its elements out when they are first read", () => {
  const { memory, made, reads } = resident();
  const { array } = made;
  assertInstanceOf(array, NdArray);
  assertEquals([array.size, array.dtype, ...array.shape], [4, "float64", 2, 2]);
  assertEquals([reads(), made.isInMemory], [0, true]);
  assertEquals(array.toNested(), [[1, 2], [3, 4]]);
  memory.fill(9);
  assertEquals(array.data, new Float64Array([1, 2, 3, 4]));
  assertEquals([reads(), made.isInMemory], [1, false]);
  assertStrictEquals(residentOf(array), made);
  assertEquals(residentOf(new NdArray(new Float64Array(1))), undefined);
});

Deno.test("settle() saves the elements before their place is written to, once", () => {
  const { memory, made, reads } = resident();
  made.settle();
  memory.fill(0);
  made.settle();
  assertEquals(made.array.data, new Float64Array([1, 2, 3, 4]));
  assertEquals(reads(), 1);
});

Deno.test("a donated array can't be read, with a reason; one that was copied out still can", () => {
  const { made } = resident();
  made.donate();
  assertThrows(() => made.array.data, TypeError, "it was donated to a call of a compiled function");
  assertEquals([made.array.size, ...made.array.shape], [4, 2, 2]);
  const other = resident().made;
  other.settle();
  other.donate();
  assertEquals(other.array.data, new Float64Array([1, 2, 3, 4]));
});
