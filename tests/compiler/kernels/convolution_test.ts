import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@4";
import {
  type ConvolutionGeometry,
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "../../../src/array/neural/convolution.ts";
import { NdArray } from "../../../src/array/nd_array.ts";
import { type ConvolutionKind, planConvolution } from "../../../src/compiler/kernels/convolution.ts";
import { kernelLibrary, linkKernels } from "../../../src/compiler/kernels/library.ts";
import { relaxedSimd } from "../../../src/compiler/wasm/writer.ts";

type Shape = readonly number[];

interface Case {
  image: Shape;
  filters: Shape;
  result: Shape;
  geometry: ConvolutionGeometry;
}

const KINDS = ["conv2d", "convInputGradient", "convFilterGradient"] as const;
const EAGER = {
  conv2d: convolve,
  convInputGradient: convolveInputGradient,
  convFilterGradient: convolveFilterGradient,
};

const memory = new WebAssembly.Memory({ initial: 300, maximum: 65536, shared: true });
const libraries = (["float32", "float64"] as const).flatMap((dtype) =>
  [false, ...relaxedSimd() ? [true] : []].map((relaxed) => ({
    dtype,
    name: `${dtype}${relaxed ? " relaxed" : ""}`,
    kernels: linkKernels(kernelLibrary({ dtype, relaxed }), memory),
  }))
);

function sizeOf(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** The shapes of the operands and of the result. */
function shapesOf(kind: ConvolutionKind, { image, filters, result }: Case): [Shape, Shape, Shape] {
  if (kind === "conv2d") return [image, filters, result];
  return kind === "convInputGradient" ? [result, filters, image] : [image, result, filters];
}

function randomArray(shape: Shape, seed: number): NdArray {
  let state = seed | 1;
  const data = Float64Array.from({ length: sizeOf(shape) }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.fround(state / 2 ** 31);
  });
  return new NdArray(data, shape);
}

/** Runs a convolution in WebAssembly, in the parts that are given; what surrounds the operands is NaN. */
function run(
  { dtype, kernels }: typeof libraries[0],
  kind: ConvolutionKind,
  c: Case,
  operands: NdArray[],
  divide: (parts: number) => [number, number][],
): number[] {
  const plan = planConvolution(kind, c.image, c.filters, c.result, c.geometry, dtype);
  const bytes = dtype === "float32" ? 4 : 8;
  const outSize = sizeOf(shapesOf(kind, c)[2]);
  let end = 1024;
  const take = (length: number): number => {
    const start = end;
    end = (end + length + 191) & -64;
    return start;
  };
  const [x, y, out] = [operands[0]!.size, operands[1]!.size, outSize].map((n) => take(n * bytes)) as [
    number,
    number,
    number,
  ];
  const scratch = take(plan.scratchBytes);
  const missing = Math.ceil((end - memory.buffer.byteLength) / 65536);
  if (missing > 0) memory.grow(missing);
  const data = dtype === "float32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  data.fill(NaN, 0, end / bytes);
  data.set(operands[0]!.data, x / bytes);
  data.set(operands[1]!.data, y / bytes);
  for (const [from, to] of divide(plan.parts)) plan.run(kernels, x, y, out, scratch, from, to);
  const after = data.subarray(out / bytes + outSize, scratch / bytes);
  assertEquals(after.every(Number.isNaN), true, "nothing is written beyond the result");
  return Array.from(data.subarray(out / bytes, out / bytes + outSize));
}

function check(library: typeof libraries[0], kind: ConvolutionKind, c: Case, seed: number): void {
  const [first, second, target] = shapesOf(kind, c);
  const operands = [randomArray(first, seed), randomArray(second, seed + 77)];
  const expected = EAGER[kind](operands[0]!, operands[1]!, c.geometry, target, "float64").data;
  const whole = run(library, kind, c, operands, (parts) => [[0, parts]]);
  const terms = kind === "convFilterGradient"
    ? c.result[0]! * c.result[1]! * c.result[2]!
    : c.filters[0]! * c.filters[1]! * c.filters[kind === "conv2d" ? 2 : 3]!;
  const tolerance = (library.dtype === "float32" ? 1e-6 : 1e-15) * (2 + terms / 4);
  whole.forEach((value, i) => {
    if (!(Math.abs(value - expected[i]!) <= tolerance)) {
      throw new Error(`${kind} ${JSON.stringify(c)}: element ${i} is ${value}, expected ${expected[i]}`);
    }
  });
  const divided = run(library, kind, c, operands, (parts) => {
    const middle = Math.ceil(parts / 2);
    return [[middle, parts], [0, middle]];
  });
  assertEquals(divided, whole);
}

const small = fc.integer({ min: 1, max: 3 });
const pair = fc.tuple(small, small);
const side = fc.integer({ min: 0, max: 2 });
const plain = {
  batch: fc.integer({ min: 0, max: 3 }),
  extent: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
  window: pair,
  strides: pair,
  dilations: pair,
  padding: fc.tuple(side, side, side, side),
  groups: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 11 })),
  inPerGroup: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 })),
  outPerGroup: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 19 })),
};
/** So many channels that it pays to compute the results near the border apart. */
const deep: typeof plain = {
  ...plain,
  batch: fc.integer({ min: 1, max: 2 }),
  groups: fc.integer({ min: 1, max: 2 }),
  inPerGroup: fc.integer({ min: 40, max: 70 }),
  outPerGroup: fc.integer({ min: 30, max: 60 }),
};
const caseOf = (fields: typeof plain): fc.Arbitrary<Case> =>
  fc.record(fields).map(
    ({ batch, extent, window, strides, dilations, padding, groups, inPerGroup, outPerGroup }) => {
      const reach = [0, 1].map((a) => (window[a]! - 1) * dilations[a]! + 1);
      const lengths = [0, 1].map((a) =>
        Math.max(extent[a]!, reach[a]! - padding[2 * a]! - padding[2 * a + 1]!)
      );
      const out = [0, 1].map((a) =>
        Math.floor((lengths[a]! + padding[2 * a]! + padding[2 * a + 1]! - reach[a]!) / strides[a]!) + 1
      );
      return {
        image: [batch, lengths[0]!, lengths[1]!, groups * inPerGroup],
        filters: [window[0], window[1], inPerGroup, groups * outPerGroup],
        result: [batch, out[0]!, out[1]!, groups * outPerGroup],
        geometry: { strides, padding, dilations, groups },
      };
    },
  );

const geometry = (stated: Partial<ConvolutionGeometry>): ConvolutionGeometry => ({
  strides: [1, 1],
  padding: [0, 0, 0, 0],
  dilations: [1, 1],
  groups: 1,
  ...stated,
});

const LARGE: Case[] = [
  {
    image: [2, 28, 28, 1],
    filters: [3, 3, 1, 8],
    result: [2, 28, 28, 8],
    geometry: geometry({ padding: [1, 1, 1, 1] }),
  },
  { image: [1, 9, 9, 33], filters: [3, 3, 33, 20], result: [1, 7, 7, 20], geometry: geometry({}) },
  {
    image: [2, 6, 7, 5],
    filters: [1, 1, 5, 9],
    result: [2, 3, 4, 9],
    geometry: geometry({ strides: [2, 2] }),
  },
  {
    image: [1, 70, 66, 16],
    filters: [5, 5, 16, 4],
    result: [1, 70, 66, 4],
    geometry: geometry({ padding: [2, 2, 2, 2] }),
  },
  {
    image: [1, 60, 40, 32],
    filters: [3, 3, 1, 32],
    result: [1, 30, 20, 32],
    geometry: geometry({ strides: [2, 2], padding: [0, 1, 0, 1], groups: 32 }),
  },
  {
    image: [1, 130, 64, 20],
    filters: [3, 3, 20, 6],
    result: [1, 65, 32, 6],
    geometry: geometry({ strides: [2, 2], padding: [1, 0, 1, 0] }),
  },
];

for (const library of libraries) {
  for (const kind of KINDS) {
    Deno.test(`${kind} in WebAssembly agrees with plain loops, however it is divided, ${library.name}`, () => {
      fc.assert(fc.property(caseOf(plain), fc.nat(), (c, seed) => check(library, kind, c, seed)), {
        numRuns: 300,
      });
    });

    Deno.test(`${kind} in WebAssembly agrees with plain loops for many channels, ${library.name}`, () => {
      fc.assert(fc.property(caseOf(deep), fc.nat(), (c, seed) => check(library, kind, c, seed)), {
        numRuns: 40,
      });
    });

    Deno.test(`${kind} in WebAssembly agrees with plain loops on larger images, ${library.name}`, () => {
      LARGE.forEach((c, i) => check(library, kind, c, i + 1));
    });
  }
}

Deno.test("results near the border are computed apart where that is less work, without zeros around the image", () => {
  const isPadded = (size: number, channels: number, window: number, kind: ConvolutionKind): boolean => {
    const around = (window - 1) / 2;
    const shape = [1, size, size, channels];
    return planConvolution(
      kind,
      shape,
      [window, window, channels, channels],
      shape,
      geometry({ padding: [around, around, around, around] }),
      "float32",
    ).isPadded;
  };
  for (const kind of ["conv2d", "convInputGradient"] as const) {
    assertEquals(isPadded(14, 64, 3, kind), false);
    assertEquals(isPadded(32, 64, 5, kind), false);
    assertEquals(isPadded(14, 1, 3, kind), true);
    assertEquals(isPadded(28, 8, 3, kind), true);
  }
});
