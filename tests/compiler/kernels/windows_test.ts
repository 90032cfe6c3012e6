import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@4";
import { largestInWindows } from "../../../src/array/neural/convolution.ts";
import { NdArray } from "../../../src/array/nd_array.ts";
import { kernelLibrary, linkKernels } from "../../../src/compiler/kernels/library.ts";
import { maxPoolPositions } from "../../../src/compiler/kernels/kernel_steps.ts";

const memory = new WebAssembly.Memory({ initial: 40, maximum: 65536, shared: true });
const X = 1024, OUT = 1 << 20, INDICES = 3 << 19;

for (const dtype of ["float32", "float64"] as const) {
  const bytes = dtype === "float32" ? 4 : 8;
  const kernels = linkKernels(
    kernelLibrary({ dtype, relaxed: false }),
    memory,
  );
  const data = dtype === "float32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const wide = new Float64Array(memory.buffer);

  Deno.test(`maxPoolPositions() finds what plain loops find, also NaN, ties and infinities, ${dtype}`, () => {
    const size = fc.integer({ min: 1, max: 9 });
    const small = fc.integer({ min: 1, max: 3 });
    const pair = fc.tuple(small, small);
    const side = fc.nat(2);
    const element = fc.constantFrom(-Infinity, -1, 0, -0, 1, 2, 3, 4, NaN, Infinity);
    const sizes = fc.record({ batch: fc.nat(3), height: size, width: size, channels: size });
    fc.assert(
      fc.property(
        sizes,
        pair,
        pair,
        pair,
        fc.tuple(side, side, side, side),
        fc.infiniteStream(element),
        fc.nat(3),
        ({ batch, height, width, channels }, window, strides, dilations, padding, elements, part) => {
          const out = [height + padding[0] + padding[1], width + padding[2] + padding[3]].map((
            length,
            axis,
          ) => Math.floor((length - (window[axis]! - 1) * dilations[axis]! - 1) / strides[axis]!) + 1);
          fc.pre(out.every((length) => length > 0));
          const image = [batch, height, width, channels], result = [batch, ...out, channels];
          const values = Float64Array.from(
            { length: batch * height * width * channels },
            () => elements.next().value!,
          );
          const attributes = { window, strides, padding, dilations };
          const expected = largestInWindows(new NdArray(values, image), window, attributes, result).data;
          data.set(values, X / bytes);
          data.fill(5, X / bytes + values.length, X / bytes + values.length + 8);
          wide.fill(-7, OUT / 8, OUT / 8 + expected.length + 4);
          const middle = Math.min(part, batch);
          maxPoolPositions(kernels, X, OUT, image, result, attributes, bytes, middle);
          maxPoolPositions(kernels, X, OUT, image, result, attributes, bytes, 0, middle);
          assertEquals(Array.from(wide.subarray(OUT / 8, OUT / 8 + expected.length + 4)), [
            ...expected,
            ...[-7, -7, -7, -7],
          ]);
        },
      ),
      { numRuns: 400 },
    );
  });

  Deno.test(`transpose in WebAssembly exchanges rows and columns and writes nothing else, ${dtype}`, () => {
    const size = fc.oneof(fc.nat(9), fc.nat(150));
    fc.assert(
      fc.property(size, size, fc.nat(3), fc.nat(3), (rows, columns, moreX, moreOut) => {
        const ldx = columns + moreX, ldo = rows + moreOut;
        const expected = new Array(columns * ldo + 8).fill(-7);
        for (let i = 0; i < rows * ldx + 8; i++) data[X / bytes + i] = i;
        for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) expected[j * ldo + i] = i * ldx + j;
        data.fill(-7, OUT / bytes, OUT / bytes + expected.length);
        kernels.transpose(X, OUT, rows, columns, ldx, ldo);
        assertEquals(Array.from(data.subarray(OUT / bytes, OUT / bytes + expected.length)), expected);
      }),
      { numRuns: 200 },
    );
  });

  Deno.test(`gather and scatterAdd in WebAssembly are transposes of each other, ${dtype}`, () => {
    const indices = [3, 0, 3, 1, 4, 3];
    data.set([10, 11, 12, 13, 14], X / bytes);
    wide.set(indices, INDICES / 8);
    kernels.gather(X, INDICES, OUT, indices.length);
    assertEquals(Array.from(data.subarray(OUT / bytes, OUT / bytes + 6)), [13, 10, 13, 11, 14, 13]);
    data.set([1, 2, 4, 8, 16, 32], X / bytes);
    data.fill(0.5, OUT / bytes, OUT / bytes + 5);
    kernels.scatterAdd(X, INDICES, OUT, indices.length);
    assertEquals(Array.from(data.subarray(OUT / bytes, OUT / bytes + 5)), [2.5, 8.5, 0.5, 37.5, 16.5]);
  });

  Deno.test(`matmulBatch in WebAssembly multiplies each pair, with one operand for all if its step is 0, ${dtype}`, () => {
    data.set([1, 2, 3, 4, 5, 6, 7, 8], X / bytes);
    data.set([1, 10, 100, 1000], X / bytes + 8);
    const y = X + 8 * bytes, scratch = 3 << 19;
    kernels.matmulBatch(2, 4 * bytes, 0, 4 * bytes, X, y, OUT, 2, 2, 2, 2, 2, 2, 0, 0, 0, scratch);
    const actual = Array.from(data.subarray(OUT / bytes, OUT / bytes + 8));
    assertEquals(actual, [201, 2010, 403, 4030, 605, 6050, 807, 8070]);
  });
}
