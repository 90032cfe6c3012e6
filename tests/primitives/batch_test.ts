import { assert, assertEquals } from "@std/assert";
import { NdArray } from "../../src/array/nd_array.ts";
import type { Value } from "../../src/array/value.ts";
import { eagerOps, operations } from "../../src/primitives/mod.ts";
import { draw, drawNonFinite, isNear, outcomeOf } from "./samples.ts";

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
    const shape = op.shape(sample.shapes, sample.attributes);

    /** Runs the batching rule, for every choice of operands with a batch axis, and the examples alone. */
    function compare(drawn: readonly (readonly NdArray[])[]): void {
      for (const batched of choices(sample.shapes.length)) {
        const inputs = sample.shapes.map((_, k) =>
          batched[k] ? stack(drawn.map((x) => x[k]!)) : drawn[0]![k]!
        );
        const apart = outcomeOf(() =>
          stack(drawn.map((x) => {
            const example = sample.shapes.map((_, k) => batched[k] ? x[k]! : drawn[0]![k]!);
            return asArray(op.evaluate(example, sample.attributes, "float64"));
          }))
        );
        const together = outcomeOf(() =>
          asArray(batch!<Value>({
            operation: op,
            ops: eagerOps.float64,
            inputs,
            batched,
            size: SIZE,
            attributes: sample.attributes,
            shapes: sample.shapes,
            shape,
          }))
        );
        if (apart instanceof Error || together instanceof Error) {
          assertEquals(
            [together, apart].map((x) => x instanceof Error),
            [true, true],
            String([together, apart]),
          );
          continue;
        }
        assertEquals([...together.shape], [SIZE, ...shape], `batched: ${batched}`);
        together.data.forEach((x, i) => {
          const y = apart.data[i]!;
          assert(
            isNear(x, y, 1e-12),
            `batched: ${batched}: element ${i} is ${x}, of the single example ${y}`,
          );
        });
      }
    }

    Deno.test(`${op.name} ${index} ${shapes}: the batching rule gives the results of the examples, stacked`, () => {
      compare(Array.from({ length: SIZE }, (_, i) => draw(op, sample, i + 1)));
    });

    Deno.test(`${op.name} ${index} ${shapes}: infinities and NaN in a batch stay in their examples`, () => {
      compare([drawNonFinite(op, sample, 1), draw(op, sample, 2), drawNonFinite(op, sample, 3)]);
      compare([draw(op, sample, 1), drawNonFinite(op, sample, 2), draw(op, sample, 3)]);
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
