/**
 * Products of arrays that are not compiled, on one thread. Besides the times, prints the rate of the fastest run:
 * `deno bench -A tests/bench/eager_products_bench.ts`.
 */
import { constant, conv2d, grad, matmul, NdArray, type Variable } from "../../mod.ts";

type Shape = readonly number[];

/** Two operands, and how many additions and multiplications their product takes. */
const MATRICES: readonly (readonly [Shape, Shape])[] = [
  ...[8, 16, 32, 64, 128, 256, 512, 1024].map((n) => [[n, n], [n, n]] as const),
  [[64, 784], [784, 128]],
  [[1, 784], [784, 128]],
  [[64, 128], [128, 10]],
  [[64, 16, 16], [64, 16, 16]],
];
const IMAGES: readonly (readonly [Shape, Shape])[] = [
  [[1, 8, 8, 4], [3, 3, 4, 8]],
  [[32, 28, 28, 1], [3, 3, 1, 8]],
  [[32, 14, 14, 8], [3, 3, 8, 16]],
  [[8, 32, 32, 32], [3, 3, 32, 64]],
];
const rates = new Map<string, number>();

function random(shape: Shape, dtype: "float32" | "float64"): Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: size }, (_, i) => Math.sin(i));
  return constant(new NdArray(dtype === "float64" ? data : Float32Array.from(data), shape));
}

function bench(name: string, group: string, flops: number, run: () => unknown): void {
  const calls = Math.max(1, Math.round(1e6 / flops));
  Deno.bench(`${name}, ${calls} times`, { group }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) run();
    const rate = flops * calls / (performance.now() - start) / 1e6;
    rates.set(name, Math.max(rate, rates.get(name) ?? 0));
  });
}

for (const dtype of ["float32", "float64"] as const) {
  for (const [left, right] of MATRICES) {
    const [x, y] = [random(left, dtype), random(right, dtype)];
    const flops = 2 * x.size * right.at(-1)!;
    bench(`${dtype} [${left}] [${right}]`, dtype, flops, () => matmul(x, y));
  }
  for (const [image, filters] of IMAGES) {
    const [x, y] = [random(image, dtype), random(filters, dtype)];
    const flops = 2 * image[0]! * image[1]! * image[2]! * y.size;
    const convolve = (a: Variable, b: Variable) => conv2d(a, b, { padding: "same" });
    const gradient = grad((a: Variable, b: Variable) => convolve(a, b).sum(), { argnums: [0, 1] });
    bench(`${dtype} conv2d [${image}] [${filters}]`, dtype, flops, () => convolve(x, y));
    bench(
      `${dtype} conv2d and its gradients [${image}] [${filters}]`,
      dtype,
      3 * flops,
      () => gradient(x, y),
    );
  }
}

globalThis.addEventListener("unload", () => {
  for (const [name, rate] of rates) console.log(`${rate.toFixed(1).padStart(6)} GFLOP/s  ${name}`);
});
