import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@4";
import { compile, constant, conv2d, matmul, NdArray } from "../../../mod.ts";
import { allocate, type DType } from "../../../src/array/dtype.ts";
import { matmulArrays } from "../../../src/array/linear_algebra/matmul.ts";
import {
  type ConvolutionGeometry,
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "../../../src/array/neural/convolution.ts";
import { type Shape, sizeOf } from "../../../src/array/shape.ts";
import { memoryInUse, sharedMemory } from "../../../src/compiler/wasm/linear_memory.ts";
import { assumeEngine, engine } from "../../../src/compiler/wasm/writer.ts";

const hasKernels = engine() !== "none";

/** Small integers: their products are exact in every order of summation and in both dtypes. */
function integers(shape: Shape, dtype: DType, seed: number): NdArray {
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = (i * 7 + seed * 13 + (i * i) % 11) % 9 - 4;
  return new NdArray(data, shape);
}

function fractions(shape: Shape, dtype: DType, seed: number): NdArray {
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(seed * 100 + i * 1.7);
  return new NdArray(data, shape);
}

/** What the loops give where no engine has SIMD. */
function byLoops(run: () => NdArray): NdArray {
  return assumeEngine("none", run);
}

function assertClose(actual: NdArray, expected: NdArray, tolerance: number): void {
  assertEquals(actual.shape, expected.shape);
  assertEquals(actual.dtype, expected.dtype);
  const wrong = Array.from(
    actual.data,
    (value, i) =>
      Object.is(value, expected.data[i]) || Math.abs(value - expected.data[i]!) <= tolerance ? -1 : i,
  ).filter((i) => i >= 0);
  assertEquals(wrong.slice(0, 5).map((i) => [i, actual.data[i], expected.data[i]]), []);
}

Deno.test("large products of arrays are those of the loops, for all shapes, transposes, batches and dtypes", () => {
  const length = fc.integer({ min: 0, max: 70 });
  const batches = fc.constantFrom<[Shape, Shape, Shape]>(
    [[], [], []],
    [[3], [], [3]],
    [[], [2], [2]],
    [[2, 1], [3], [2, 3]],
    [[0], [], [0]],
  );
  const dtype = fc.constantFrom<DType>("float64", "float32");
  fc.assert(
    fc.property(
      fc.tuple(length, length, length),
      fc.boolean(),
      fc.boolean(),
      batches,
      dtype,
      dtype,
      ([rows, depth, columns], transposeX, transposeY, [xBatch, yBatch, batch], xType, yType) => {
        const x = integers([...xBatch, ...transposeX ? [depth, rows] : [rows, depth]], xType, 1);
        const y = integers([...yBatch, ...transposeY ? [columns, depth] : [depth, columns]], yType, 2);
        const type = xType === yType ? xType : "float64";
        const run = () => matmulArrays(x, y, { transposeX, transposeY }, [...batch, rows, columns], type);
        assertClose(run(), byLoops(run), 0);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("products of matrices that don't fit into the memory's blocks are those of the loops", () => {
  const sizes = [[5000, 300, 290], [9, 250_003, 8], [300, 290, 5001], [1030, 1100, 1050]] as const;
  sizes.forEach(([rows, depth, columns], i) => {
    const [transposeX, transposeY] = [i % 2 === 0, i > 1];
    const x = integers(transposeX ? [depth, rows] : [rows, depth], "float64", 3);
    const y = integers(transposeY ? [columns, depth] : [depth, columns], "float64", 4);
    const run = () => matmulArrays(x, y, { transposeX, transposeY }, [rows, columns], "float64");
    assertClose(run(), byLoops(run), 0);
  });
});

Deno.test("a batch of large matrices passes through the memory one by one", () => {
  const x = integers([40, 200, 210], "float32", 5);
  const y = integers([40, 210, 220], "float32", 6);
  const run = () => matmulArrays(x, y, { transposeX: false, transposeY: false }, [40, 200, 220], "float32");
  assertClose(run(), byLoops(run), 0);
});

Deno.test({ name: "eager products have the bits of compiled ones", ignore: !hasKernels }, () => {
  for (const dtype of ["float32", "float64"] as const) {
    const [x, y] = [constant(fractions([90, 2100], dtype, 1)), constant(fractions([2100, 1000], dtype, 2))];
    assertEquals(matmul(x, y).value, compile(matmul)(x, y).value);
    const image = constant(fractions([3, 12, 11, 5], dtype, 1));
    const filters = constant(fractions([3, 2, 5, 9], dtype, 2));
    const convolution = (a: typeof x, b: typeof x) => conv2d(a, b, { padding: "same" });
    assertEquals(convolution(image, filters).value, compile(convolution)(image, filters).value);
  }
});

Deno.test("large float32 products are near those summed in float64", () => {
  const x = fractions([60, 900], "float32", 1);
  const y = fractions([900, 70], "float32", 2);
  const run = () => matmulArrays(x, y, { transposeX: false, transposeY: false }, [60, 70], "float32");
  // Each of 900 products and partial sums is rounded: 900 * 2^-24 times the sum of their sizes, 900 at most.
  assertClose(run(), byLoops(run), 900 * 900 * 2 ** -24);
  if (hasKernels) assert(run().data.some((value, i) => value !== byLoops(run).data[i]));
});

Deno.test("NaN and infinities go through large products where they belong", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = integers([40, 41], dtype, 1);
    const y = integers([41, 42], dtype, 2);
    x.data[3 * 41 + 5] = NaN;
    x.data[7 * 41 + 6] = Infinity;
    y.data[9 * 42 + 11] = -Infinity;
    const run = () => matmulArrays(x, y, { transposeX: false, transposeY: false }, [40, 42], dtype);
    const product = run();
    assertClose(product, byLoops(run), 0);
    assertEquals([...product.data.subarray(3 * 42, 4 * 42)].every(Number.isNaN), true);
    assertEquals([...product.data.subarray(0, 11)].every(Number.isFinite), true);
  }
});

/** An image of 9 by 8 pixels, so that results have `height` by `width`. */
interface Convolution {
  readonly geometry: ConvolutionGeometry;
  readonly filters: Shape;
  readonly height: number;
  readonly width: number;
}
const CONVOLUTIONS: readonly Convolution[] = [
  {
    geometry: { strides: [1, 1], padding: [1, 1, 0, 1], dilations: [1, 1], groups: 1 },
    filters: [3, 2, 6, 20],
    height: 9,
    width: 8,
  },
  {
    geometry: { strides: [2, 1], padding: [0, 0, 2, 1], dilations: [1, 3], groups: 2 },
    filters: [3, 3, 3, 32],
    height: 4,
    width: 5,
  },
  {
    geometry: { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1], groups: 1 },
    filters: [1, 1, 6, 50],
    height: 9,
    width: 8,
  },
];

/** A convolution of 4 images and its gradients, each from operands that differ from the others'. */
function convolutionsOf(
  { geometry, filters, height, width }: Convolution,
  dtype: DType,
  spoil: (second: NdArray) => void,
): (() => NdArray)[] {
  const image = [4, 9, 8, 6];
  const result = [4, height, width, filters[3]!];
  const [x, w, g] = [integers(image, dtype, 1), integers(filters, dtype, 2), integers(result, dtype, 3)];
  spoil(w);
  spoil(g);
  return [
    () => convolve(x, w, geometry, result, dtype),
    () => convolveInputGradient(integers(result, dtype, 4), w, geometry, image, dtype),
    () => convolveFilterGradient(x, g, geometry, filters, dtype),
  ];
}

Deno.test("large convolutions and their gradients are those of the loops", () => {
  for (const convolution of CONVOLUTIONS) {
    for (const dtype of ["float32", "float64"] as const) {
      for (const run of convolutionsOf(convolution, dtype, () => {})) assertClose(run(), byLoops(run), 0);
    }
  }
});

Deno.test("padding is stepped over where NaN and infinities are convolved", () => {
  const spoil = ({ data }: NdArray) => {
    data[5] = NaN;
    data[data.length - 3] = Infinity;
  };
  for (const convolution of CONVOLUTIONS) {
    for (const run of convolutionsOf(convolution, "float32", spoil)) {
      const result = run();
      assertClose(result, byLoops(run), 0);
      assert(result.data.some(Number.isNaN));
    }
  }
});

Deno.test({ name: "eager products leave the shared memory as they found it", ignore: !hasKernels }, () => {
  const x = integers([64, 100], "float64", 1);
  const y = integers([100, 64], "float64", 2);
  const run = () => matmulArrays(x, y, { transposeX: false, transposeY: false }, [64, 64], "float64");
  run();
  const [used, bytes] = [memoryInUse(), sharedMemory().buffer.byteLength];
  for (let i = 0; i < 3000; i++) run();
  assertEquals([memoryInUse(), sharedMemory().buffer.byteLength], [used, bytes]);
});

const canRun = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "read" })).state === "granted";

Deno.test(
  { name: "large products are computed where there can be no shared memory", ignore: !canRun },
  async () => {
    const root = new URL("../../../", import.meta.url);
    const program = `
    WebAssembly.Memory = class { constructor() { throw new TypeError("no shared memory"); } };
    const { full, matmul } = await import(${JSON.stringify(new URL("mod.ts", root).href)});
    console.log(matmul(full([40, 50], 2), full([50, 60], 3)).sum().item());
  `;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", program],
      cwd: root,
      env: { NO_COLOR: "1" },
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    assertEquals([decode(stdout), decode(stderr)], [`${40 * 60 * 50 * 6}`, ""]);
  },
);
