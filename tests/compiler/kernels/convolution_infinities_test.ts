import { assertEquals } from "@std/assert";
import { compile, constant, conv2d, conv2dTranspose, grad, NdArray, type Variable } from "../../../mod.ts";

function numbers(shape: readonly number[], dtype: "float64" | "float32", odd?: number): Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: size }, (_, i) => Math.sin(i + 1));
  if (odd !== undefined) data[5] = odd;
  return constant(new NdArray(data, shape)).cast(dtype);
}

const OPTIONS = [
  { strides: 1, padding: "same" },
  { strides: 2, padding: "same" },
  { strides: 1, padding: "valid" },
  { strides: 2, padding: "valid" },
  { strides: 3, padding: "same" },
] as const;

for (const options of OPTIONS) {
  for (const odd of [NaN, Infinity, -Infinity]) {
    for (const dtype of ["float64", "float32"] as const) {
      Deno.test(`${odd} in a filter reaches the same elements compiled as eager: ${JSON.stringify(options)}, ${dtype}`, () => {
        const x = numbers([2, 3, 4, 2], dtype);
        const filters = numbers([3, 2, 2, 2], dtype, odd);
        const kind = (v: number) => Number.isFinite(v) ? 0 : Number.isNaN(v) ? NaN : v;
        const functions: readonly ((x: Variable, f: Variable) => Variable)[] = [
          (v, f) => conv2dTranspose(v, f, options),
          (v, f) => grad((u: Variable) => conv2d(u, f, options).sum())(v) as Variable,
        ];
        for (const run of functions) {
          const eager = [...run(x, filters).data].map(kind);
          assertEquals([...compile(run)(x, filters).data].map(kind), eager);
        }
      });
    }
  }
}
