import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import type { DType } from "../../../src/array/dtype.ts";
import { NdArray } from "../../../src/array/nd_array.ts";
import { DonatedSlot, DonatedSlots, ResidentArray } from "../../../src/compiler/runtime/donated_slots.ts";
import { memoryInUse } from "../../../src/compiler/wasm/linear_memory.ts";

/** Runs a test on a slot of four elements that hold 1, 2, 3, 4. */
function withSlot(dtype: DType, test: (slot: DonatedSlot) => void): void {
  const before = memoryInUse();
  const slot = new DonatedSlot([2, 2], dtype);
  slot.view().set([1, 2, 3, 4]);
  test(slot);
  assertEquals([slot.release(), memoryInUse()], [true, before]);
}

for (const dtype of ["float64", "float32"] as const) {
  const elements = (...x: number[]) => dtype === "float64" ? new Float64Array(x) : new Float32Array(x);

  Deno.test(`${dtype}: a resident array is an NdArray that copies its elements out when they are first read`, () => {
    withSlot(dtype, (slot) => {
      const array = slot.handOut();
      assertInstanceOf(array, NdArray);
      assertEquals([array.size, array.dtype, ...array.shape], [4, dtype, 2, 2]);
      assertEquals([array.isInMemory, Object.hasOwn(array, "data")], [true, false]);
      assertEquals(array.toNested(), [[1, 2], [3, 4]]);
      slot.view().fill(9);
      assertEquals([array.data, array.isInMemory], [elements(1, 2, 3, 4), false]);
      assertStrictEquals(array.data, array.data);
      assertEquals(array.withShape([4]).toNested(), [1, 2, 3, 4]);
      assertEquals(array.clone() instanceof ResidentArray, false);
    });
  });

  Deno.test(`${dtype}: an array that is still held is saved before its place is written to`, () => {
    withSlot(dtype, (slot) => {
      const array = slot.handOut();
      slot.vacate();
      slot.view().fill(0);
      assertEquals([array.data, slot.holder], [elements(1, 2, 3, 4), null]);
      const next = slot.handOut();
      assertEquals(next === array, false);
      assertEquals([next.data, array.data], [elements(0, 0, 0, 0), elements(1, 2, 3, 4)]);
    });
  });
}

Deno.test("a donated array can't be read, with a reason; one that was copied out still can", () => {
  withSlot("float64", (slot) => {
    const donated = slot.handOut();
    slot.holder = null;
    assertThrows(() => donated.data, TypeError, "it was donated to a call of a compiled function");
    assertEquals([donated.size, ...donated.shape], [4, 2, 2]);
    const copied = slot.handOut();
    copied.copyOut();
    slot.holder = null;
    assertEquals(copied.data, new Float64Array([1, 2, 3, 4]));
  });
});

Deno.test("a slot is one for a leaf and its type, and gives its memory back with its last user", () => {
  const before = memoryInUse();
  const slots = new DonatedSlots();
  const first = slots.take("0", [2, 2], "float64");
  assertStrictEquals(slots.take("0", [2, 2], "float64"), first);
  const others = [
    slots.take("1", [2, 2], "float64"),
    slots.take("0", [4], "float64"),
    slots.take("0", [2, 2], "float32"),
  ];
  assertEquals(new Set([first, ...others]).size, 4);
  first.view().set([1, 2, 3, 4]);
  const kept = first.handOut();
  slots.release(first);
  assertEquals(kept.isInMemory, true);
  slots.release(first);
  assertEquals([kept.isInMemory, kept.toNested()], [false, [[1, 2], [3, 4]]]);
  for (const other of others) slots.release(other);
  assertEquals(memoryInUse(), before);
  const again = slots.take("0", [2, 2], "float64");
  assertEquals(again === first, false);
  slots.release(again);
});
