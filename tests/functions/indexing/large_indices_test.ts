import { assertEquals } from "@std/assert";
import {
  at,
  compile,
  constant,
  gather,
  scatterAdd,
  takeAlongAxis,
  type Variable,
  where,
} from "../../../mod.ts";

/** The first integer that float32 cannot hold. */
const INDEX = 2 ** 24 + 1;

function marked(): Variable {
  const data = new Float32Array(INDEX + 3);
  data[INDEX] = 5;
  return constant(data);
}

Deno.test("indices above 2 ** 24 read and write the right element of float32 data", () => {
  const x = marked();
  for (const indices of [[INDEX], new Int32Array([INDEX]), constant(new Float64Array([INDEX]))]) {
    assertEquals(gather(x, indices).data[0], 5);
    assertEquals(takeAlongAxis(x, indices).data[0], 5);
    assertEquals(scatterAdd(x, indices, constant(new Float32Array([2]))).data[INDEX], 7);
  }
  assertEquals(x.gather([INDEX]).data[0], 5);
  assertEquals(at(x, [INDEX]).get().data[0], 5);
  assertEquals(at(x, INDEX).get().item(), 5);
  assertEquals(at(x, [INDEX]).set([3]).data[INDEX], 3);
  assertEquals(compile((v: Variable) => gather(v, [INDEX]))(x).data[0], 5);
});

Deno.test("where() of plain numbers has the dtype of the condition", () => {
  const mask = constant(new Float32Array([1, -1])).gt(0);
  assertEquals(where(mask, 1, 0).dtype, "float32");
  assertEquals(where(mask, [1, 2], 0).dtype, "float32");
  assertEquals(where(mask, constant([1, 2]), 0).dtype, "float64");
  assertEquals(where(mask.cast("float64"), 1, 0).dtype, "float64");
  assertEquals(where([1, 0], 1, 0).dtype, "float64");
  assertEquals(compile((m: Variable) => where(m, 1, 0))(mask).dtype, "float32");
});
