import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@4";
import { allocate, type DType } from "../../../src/array/dtype.ts";
import { matmulArrays } from "../../../src/array/linear_algebra/matmul.ts";
import { NdArray } from "../../../src/array/nd_array.ts";
import { broadcastArray, transposeArray } from "../../../src/array/strided_copy.ts";
import { broadcastShapes, type Shape, sizeOf } from "../../../src/array/shape.ts";

/** Small integers, so that products are exact in every order of summation and in both dtypes. */
function integers(shape: Shape, dtype: DType, seed: number): NdArray {
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = (i * 7 + seed * 13 + (i * i) % 11) % 9 - 4;
  return new NdArray(data, shape);
}

function swapLast(x: NdArray): NdArray {
  const rank = x.shape.length;
  return transposeArray(x, x.shape.map((_, i) => i < rank - 2 ? i : 2 * rank - 3 - i));
}

/** The definition, element by element. */
function slowMatmul(x: NdArray, y: NdArray, shape: Shape): number[] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const depth = x.shape.at(-1)!;
  const left = broadcastArray(x, [...shape.slice(0, -2), rows, depth]).data;
  const right = broadcastArray(y, [...shape.slice(0, -2), depth, columns]).data;
  return Array.from({ length: sizeOf(shape) }, (_, at) => {
    const b = Math.floor(at / (rows * columns));
    const i = Math.floor(at / columns) % rows;
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      sum += left[(b * rows + i) * depth + k]! * right[(b * depth + k) * columns + at % columns]!;
    }
    return sum;
  });
}

Deno.test("matmulArrays() gives the sums of products for all shapes, transposes, batches and dtypes", () => {
  const length = fc.integer({ min: 0, max: 21 });
  const batches = fc.constantFrom<[Shape, Shape]>(
    [[], []],
    [[3], []],
    [[], [2]],
    [[2, 1], [3]],
    [[2, 3], [2, 3]],
    [[1], [1]],
    [[0], []],
    [[4], [1]],
  );
  const dtype = fc.constantFrom<DType>("float64", "float32");
  fc.assert(
    fc.property(
      length,
      length,
      length,
      fc.boolean(),
      fc.boolean(),
      batches,
      dtype,
      dtype,
      (rows, depth, columns, transposeX, transposeY, [xBatch, yBatch], xType, yType) => {
        const x = integers([...xBatch, rows, depth], xType, 1);
        const y = integers([...yBatch, depth, columns], yType, 2);
        const shape = [...broadcastShapes("matmul", xBatch, yBatch), rows, columns];
        const result = matmulArrays(
          transposeX ? swapLast(x) : x,
          transposeY ? swapLast(y) : y,
          { transposeX, transposeY },
          shape,
          "float64",
        );
        assertEquals([...result.shape], shape);
        const expected = slowMatmul(x, y, shape);
        assertEquals(
          [...result.data].filter((value, i) => value !== expected[i]),
          [],
          "an element differs",
        );
      },
    ),
    { numRuns: 400 },
  );
});

Deno.test("matmulArrays() walks over tiles when the depth is large", () => {
  const [rows, depth, columns] = [6, 3000, 23];
  const x = integers([rows, depth], "float64", 3);
  const y = integers([depth, columns], "float64", 4);
  const plain = { transposeX: false, transposeY: false };
  const result = matmulArrays(x, y, plain, [rows, columns], "float64");
  assertEquals(Array.from(result.data), slowMatmul(x, y, [rows, columns]));
});

Deno.test("matmulArrays() keeps float32 sums in float64 until the end", () => {
  const x = new NdArray(new Float32Array([1e8, 1, -1e8]), [1, 3]);
  const y = new NdArray(new Float32Array([1, 1, 1]), [3, 1]);
  const result = matmulArrays(x, y, { transposeX: false, transposeY: false }, [1, 1], "float32");
  assertEquals(Array.from(result.data), [1]);
});
