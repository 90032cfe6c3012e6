import { assertEquals } from "@std/assert";
import { flatIndex } from "../../src/array/shape.ts";

Deno.test("flatIndex() gives the position in row-major order", () => {
  assertEquals([flatIndex([1, 2, 3], [2, 3, 4]), flatIndex([], []), flatIndex([4], [5])], [23, 0, 4]);
});
