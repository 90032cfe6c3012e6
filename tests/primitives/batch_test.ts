import { assert, assertEquals } from "@std/assert";
import { NdArray } from "../../src/array/nd_array.ts";
import type { Value } from "../../src/array/value.ts";
import { eagerOps, operations } from "../../src/primitives/mod.ts";
import { draw } from "./samples.ts";

const SIZE = 3;

function stack(arrays: readonly NdArray[]): NdArray {
  const data = arrays.flatMap((x) => [...x.data]);
  return new NdArray(Float64Array.from(data), [arrays.length, ...arrays[0]!.shape]);
}

function asArray(value: Value): NdArray {
  return typeof value === "number" ? new NdArray(new Float64Array([value]), []) : value;
}

/** Every choice of operands that have a batch axis, but none. */
function choices(count: number): boolean[][] {
  return Array.from(
    { length: 2 ** count - 1 },
    (_, bits) => Array.from({ length: count }, (_, k) => ((bits + 1) >> k) % 2 === 1),
  );
}

for (const op of operations) {
  const { batch, samples } = op.primitive;
  if (batch === undefined) continue;
  samples.forEach((sample, index) => {
    const shapes = sample.shapes.map((s) => `[${s}]`).join(" ");
    Deno.test(`${op.name} ${index} ${shapes}: the batching rule gives the results of the examples, stacked`, () => {
      for (const batched of choices(sample.shapes.length)) {
        const drawn = Array.from({ length: SIZE }, (_, i) => draw(op, sample, i + 1));
        const examples = sample.shapes.map((_, k) =>
          drawn.map((each) => each[k]!).slice(0, batched[k] ? SIZE : 1)
        );
        const shape = op.shape(sample.shapes, sample.attributes);
        const together = asArray(batch<Value>({
          operation: op,
          ops: eagerOps.float64,
          inputs: examples.map((x, k) => batched[k] ? stack(x) : x[0]!),
          batched,
          size: SIZE,
          attributes: sample.attributes,
          shapes: sample.shapes,
          shape,
        }));
        const apart = stack(Array.from({ length: SIZE }, (_, i) => {
          const inputs = examples.map((x, k) => x[batched[k] ? i : 0]!);
          return asArray(op.evaluate(inputs, sample.attributes, "float64"));
        }));
        assertEquals([...together.shape], [SIZE, ...shape], `batched: ${batched}`);
        together.data.forEach((x, i) => {
          const y = apart.data[i]!;
          const right = Object.is(x, y) || Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(y));
          assert(right, `batched: ${batched}: element ${i} is ${x}, of the single example ${y}`);
        });
      }
    });
  });
}

Deno.test("primitives that only move or join elements run over a batch at once", () => {
  const moving = [
    ...["broadcastTo", "cast", "concat", "gather", "matmul", "place", "reshape", "scatterAdd", "slice"],
    ...["sum", "max", "min", "logSumExp", "softmaxCrossEntropy", "transpose", "takeAlongAxis", "cumSum"],
  ];
  const without = moving.filter((name) =>
    operations.find((op) => op.name === name)?.primitive.batch === undefined
  );
  assertEquals(without, []);
});
