/**
 * Convolutions in WebAssembly on one thread. Besides the times, prints the rate of the fastest run:
 * `deno bench -A tests/bench/convolution_bench.ts`.
 */
import { planConvolution } from "../../src/compiler/kernels/convolution.ts";
import { kernelLibrary, linkKernels } from "../../src/compiler/kernels/library.ts";
import { relaxedSimd } from "../../src/compiler/wasm/writer.ts";

/** Batch, height and width, channels in and out, window, stride, groups; with "same" padding. */
const CONVOLUTIONS: [number, number, number, number, number, number, number][] = [
  [32, 28, 1, 8, 3, 1, 1],
  [32, 14, 8, 16, 3, 1, 1],
  [32, 28, 1, 32, 5, 1, 1],
  [8, 32, 32, 64, 3, 1, 1],
  [1, 56, 64, 64, 3, 1, 1],
  [1, 56, 64, 128, 3, 2, 1],
  [1, 56, 64, 256, 1, 1, 1],
  [1, 14, 256, 256, 3, 1, 1],
  [1, 224, 3, 32, 3, 2, 1],
  [1, 112, 32, 32, 3, 1, 32],
];

const memory = new WebAssembly.Memory({ initial: 1200, maximum: 65536, shared: true });
const rates = new Map<string, number>();
const kernels = linkKernels(
  kernelLibrary({ dtype: "float32", relaxed: relaxedSimd() }),
  memory,
);
new Float32Array(memory.buffer).fill(0.5);

for (const kind of ["conv2d", "convInputGradient", "convFilterGradient"] as const) {
  for (const [batch, size, channels, outChannels, window, stride, groups] of CONVOLUTIONS) {
    const out = Math.ceil(size / stride);
    const all = Math.max(0, (out - 1) * stride + window - size);
    const [before, after] = [all >> 1, all - (all >> 1)];
    const image = [batch, size, size, channels];
    const filters = [window, window, channels / groups, outChannels];
    const result = [batch, out, out, outChannels];
    const plan = planConvolution(kind, image, filters, result, {
      strides: [stride, stride],
      padding: [before, after, before, after],
      dilations: [1, 1],
      groups,
    }, "float32");
    const bytes = (shape: number[]) => 4 * shape.reduce((a, b) => a * b) + 128 & -64;
    const [x, y, z] = kind === "conv2d"
      ? [image, filters, result]
      : kind === "convInputGradient"
      ? [result, filters, image]
      : [image, result, filters];
    const start = 1024, second = start + bytes(x), third = second + bytes(y), scratch = third + bytes(z);
    const missing = Math.ceil((scratch + plan.scratchBytes - memory.buffer.byteLength) / 65536);
    if (missing > 0) memory.grow(missing);
    const name = `${kind} [${image}] [${filters}]${stride > 1 ? ` stride ${stride}` : ""}`;
    const flops = 2 * batch * out * out * outChannels * window * window * channels / groups;
    Deno.bench(name, { group: kind }, () => {
      const begin = performance.now();
      plan.run(kernels, start, second, third, scratch);
      const rate = flops / (performance.now() - begin) / 1e6;
      rates.set(name, Math.max(rate, rates.get(name) ?? 0));
    });
  }
}

globalThis.addEventListener("unload", () => {
  for (const [name, rate] of rates) console.log(`${rate.toFixed(1).padStart(6)} GFLOP/s  ${name}`);
});
