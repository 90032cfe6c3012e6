/**
 * Matrix products in WebAssembly on one thread. Besides the times, prints the rate of the fastest run:
 * `deno bench -A tests/bench/matmul_bench.ts`.
 */
import { kernelLibrary, linkKernels } from "../../src/compiler/kernels/library.ts";
import { matmulScratchBytes } from "../../src/compiler/kernels/parameters.ts";
import { relaxedSimd } from "../../src/compiler/wasm/writer.ts";

/** Rows, depth, columns, and which operands are stored transposed. */
const PRODUCTS: [number, number, number, string][] = [
  ...[64, 128, 256, 512, 1024].map((n): [number, number, number, string] => [n, n, n, ""]),
  [512, 512, 512, "x"],
  [512, 512, 512, "y"],
  [512, 512, 512, "xy"],
  [64, 784, 128, ""],
  [784, 64, 128, "x"],
  [64, 128, 10, ""],
  [64, 10, 128, "y"],
  [128, 64, 10, "x"],
  [1, 784, 128, ""],
  [1024, 1024, 1, ""],
  [16, 16, 16, ""],
  [3, 3, 3, ""],
];

const memory = new WebAssembly.Memory({ initial: 700, maximum: 65536, shared: true });
const rates = new Map<string, number>();

for (const dtype of ["float32", "float64"] as const) {
  const kernels = linkKernels(kernelLibrary({ dtype, relaxed: relaxedSimd() }), memory);
  const bytes = dtype === "float32" ? 4 : 8;
  for (const [rows, depth, columns, transposed] of PRODUCTS) {
    const x = 1024;
    const y = x + rows * depth * bytes + 128;
    const out = y + depth * columns * bytes + 128;
    const scratch = out + rows * columns * bytes + 128 & -64;
    const end = scratch + matmulScratchBytes(rows, depth, columns, dtype);
    if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / 65536));
    const transposeX = transposed.includes("x"), transposeY = transposed.includes("y");
    const name = `${dtype} [${rows}, ${depth}] [${depth}, ${columns}]${
      transposed && ` transposed ${transposed}`
    }`;
    const flops = 2 * rows * depth * columns;
    const calls = Math.max(1, Math.round(1e6 / flops));
    const run = () =>
      kernels.matmul(
        ...[x, y, out, rows, depth, columns] as const,
        ...[transposeX ? rows : depth, transposeY ? depth : columns, columns] as const,
        ...[transposeX ? 1 : 0, transposeY ? 1 : 0, 0, scratch] as const,
      );
    Deno.bench(`${name}, ${calls} times`, { group: dtype }, () => {
      const start = performance.now();
      for (let i = 0; i < calls; i++) run();
      const rate = flops * calls / (performance.now() - start) / 1e6;
      rates.set(name, Math.max(rate, rates.get(name) ?? 0));
    });
  }
}

globalThis.addEventListener("unload", () => {
  for (const [name, rate] of rates) console.log(`${rate.toFixed(1).padStart(6)} GFLOP/s  ${name}`);
});
