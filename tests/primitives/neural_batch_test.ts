import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Value } from "../../src/array/value.ts";
import { NdArray } from "../../src/array/nd_array.ts";
import { sizeOf } from "../../src/array/shape.ts";
import { type BatchContext, eagerOps, operation } from "../../src/primitives/mod.ts";

const SIZE = 3;
const NAMES = [
  "conv2d",
  "convInputGradient",
  "convFilterGradient",
  "maxPoolIndices",
  "softmax",
  "logSoftmax",
  "normalize",
  "inverseDeviation",
] as const;

for (const name of NAMES) {
  const { primitive } = operation[name];
  primitive.samples.forEach((sample, index) => {
    const count = sample.shapes.length;
    const masks = Array.from(
      { length: 2 ** count - 1 },
      (_, m) => sample.shapes.map((_, k) => (m + 1 >> k & 1) === 1),
    );
    Deno.test(`${name} ${index} over a batch is what it is for each example`, () => {
      for (const batched of masks) {
        const inputs = sample.shapes.map((shape, k) => {
          const full = batched[k] ? [SIZE, ...shape] : shape;
          return new NdArray(
            Float64Array.from({ length: sizeOf(full) }, (_, i) => Math.sin(3 * i + k)),
            full,
          );
        });
        const shape = operation[name].shape(sample.shapes, sample.attributes);
        const context: BatchContext<Value, unknown> = {
          operation: operation[name],
          ops: eagerOps.float64,
          inputs,
          batched,
          size: SIZE,
          attributes: sample.attributes,
          shapes: sample.shapes,
          shape,
        };
        const together = primitive.batch!(context) as NdArray;
        assertEquals([...together.shape], [SIZE, ...shape]);
        for (let b = 0; b < SIZE; b++) {
          const one = inputs.map((x, k) => {
            if (!batched[k]) return x;
            const length = sizeOf(sample.shapes[k]!);
            return new NdArray(x.data.slice(b * length, (b + 1) * length), sample.shapes[k]!);
          });
          const alone = operation[name].evaluate(one, sample.attributes, "float64");
          assert(typeof alone !== "number");
          alone.data.forEach((v, i) => assertAlmostEquals(together.data[b * alone.size + i]!, v, 1e-12));
        }
      }
    });
  });
}
