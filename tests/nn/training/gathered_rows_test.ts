import { assert, assertEquals } from "@std/assert";
import { compile, constant, NdArray, type Variable } from "../../../mod.ts";
import type { DType } from "../../../src/array/dtype.ts";
import { GatheredRows } from "../../../src/nn/training/gathered_rows.ts";
import { untracked } from "../../../src/variable/variable.ts";

const ROWS = Uint32Array.of(7, 0, 3, 3, 9, 1, 2, 8, 4, 6, 5);

for (const dtype of ["float32", "float64"] as const satisfies readonly DType[]) {
  for (const width of [1, 5, 32, 49]) {
    const Kind = dtype === "float32" ? Float32Array : Float64Array;
    const all = new NdArray(new Kind(10 * width).map((_, i) => i + 0.5), [10, width]);
    const expected = [...ROWS].flatMap((row) => [...all.data.subarray(row * width, (row + 1) * width)]);

    Deno.test(`rows of ${width} ${dtype} numbers are gathered where a program reads them, and for who reads them`, () => {
      const double = compile((x: Variable) => x.mul(2).add(constant(new NdArray(Kind.of(1)))));
      for (let call = 0; call < 3; call++) {
        const rows = new GatheredRows(all, ROWS);
        assertEquals([rows.shape, rows.size, rows.dtype], [[11, width], 11 * width, dtype]);
        const doubled = double(untracked(rows, dtype));
        assertEquals([...doubled.data], expected.map((value) => 2 * value + 1));
        const { data } = rows;
        assertEquals([...data], expected);
        assert(rows.data === data, "it is filled once");
        assertEquals([...constant(rows).add(1).data], expected.map((value) => value + 1));
      }
    });
  }
}
