import { assert, assertEquals, assertRejects } from "@std/assert";
import type { NdArray } from "../../../src/array/nd_array.ts";
import { fromOnnx, toOnnx } from "../../../src/export/mod.ts";
import { writerOf } from "../../../src/export/onnx/writers/mod.ts";
import { type Operation, operations, type Sample } from "../../../src/primitives/mod.ts";
import { apply } from "../../../src/variable/apply.ts";
import { grad } from "../../../src/transforms/mod.ts";
import { constant, type Variable } from "../../../src/variable/mod.ts";
import { draw, isNear } from "../../primitives/samples.ts";
import { runOnnx, runtime } from "./runtime.ts";

/** A sample of a primitive as a function of a list of Variables. */
function functionOf(operation: Operation, sample: Sample<unknown>): (x: readonly Variable[]) => Variable {
  return (x) => apply(operation, x, sample.attributes);
}

/** Operands of a sample; what has to be sorted is. */
function operandsOf(operation: Operation, sample: Sample<unknown>, seed: number): NdArray[] {
  const [first, ...rest] = draw(operation, sample, seed).map((x) => x.cast("float32"));
  if (operation.name === "searchSorted") first!.data.sort();
  return [first!, ...rest];
}

function assertNear(actual: NdArray, expected: NdArray, what: string): void {
  assertEquals(actual.shape, expected.shape, what);
  actual.data.forEach((x, i) =>
    assert(isNear(x, expected.data[i]!, 1e-5), `${what}, element ${i}: ${x}, expected ${expected.data[i]}`)
  );
}

/** Compares what ONNX Runtime makes of an exported function, and what we do, with the function itself. */
async function compare(
  f: (x: readonly Variable[]) => unknown,
  operands: readonly NdArray[],
  what: string,
): Promise<void> {
  const bytes = await toOnnx(f as never, [operands], { names: { inputs: ["x"] } });
  const feeds = Object.fromEntries(operands.map((x, k) => [`x/${k}`, x]));
  const result = f(operands.map((x) => constant(x)));
  const expected = (Array.isArray(result) ? result : [result]) as Variable[];
  const { parameters, apply } = await fromOnnx(bytes);
  const here = Object.values(apply(parameters, feeds));
  const there = runtime === undefined ? [] : Object.values(await runOnnx(bytes, feeds));
  expected.forEach((x, i) => {
    assertNear(here[i]!.toArray(), x.toArray(), `${what}, read again, result ${i}`);
    if (runtime !== undefined) assertNear(there[i]!, x.toArray(), `${what}, ONNX Runtime, result ${i}`);
  });
}

/** Primitives of which the derivative needs operations that ONNX has not. */
const NOT_WRITTEN: ReadonlySet<string> = new Set(["determinant", "logDeterminant"]);

for (const operation of operations) {
  const { samples } = operation.primitive;
  // The step of the sample of loop is no graph; loops themselves are tested with functions.
  if (typeof writerOf(operation) !== "function" || operation.name === "loop") {
    Deno.test(`toOnnx() refuses ${operation.name} by its name`, async () => {
      const [sample] = samples as [Sample<unknown>];
      const operands = operandsOf(operation, sample, 1);
      await assertRejects(
        () => toOnnx(functionOf(operation, sample) as never, [operands]),
        TypeError,
        `Cannot export ${operation.name}: `,
      );
    });
    continue;
  }
  Deno.test({
    name: `ONNX Runtime computes ${operation.name} as we do, and we what was written`,
    async fn() {
      for (const [i, sample] of samples.entries()) {
        const operands = operandsOf(operation, sample, i + 1);
        const f = functionOf(operation, sample);
        await compare(f, operands, `${operation.name} of ${JSON.stringify(sample)}`);
      }
    },
  });
  const wanted = samples[0]!.shapes.map((_, k) => operation.isDifferentiable(k));
  if (!wanted.includes(true) || NOT_WRITTEN.has(operation.name)) continue;
  Deno.test({
    name: `ONNX Runtime computes the gradient of ${operation.name} as we do`,
    async fn() {
      for (const [i, sample] of samples.entries()) {
        const operands = operandsOf(operation, sample, i + 1);
        const f = functionOf(operation, sample);
        const weighted = (x: readonly Variable[]): Variable => f(x).mul(0.7).sin().sum();
        const gradients = (x: readonly Variable[]): unknown =>
          (grad(weighted as never) as (x: unknown) => Variable[])(x).filter((_, k) => wanted[k]);
        await compare(gradients, operands, `the gradient of ${operation.name} of ${JSON.stringify(sample)}`);
      }
    },
  });
}
