import { assertEquals, assertLess } from "@std/assert";
import type { Value } from "../../src/array/value.ts";
import { NdArray } from "../../src/array/nd_array.ts";
import { type Shape, sizeOf } from "../../src/array/shape.ts";
import { eagerOps, type Operation, operation, type Sample } from "../../src/primitives/mod.ts";

const SIZE = 2;

function asArray(value: Value): NdArray {
  return typeof value === "number" ? new NdArray(new Float64Array([value]), []) : value;
}

/** One example of operand k; well-conditioned where the sample asks for it. */
function example(sample: Sample<unknown>, k: number, seed: number): NdArray {
  const shape = sample.shapes[k]!;
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.cos(3 * i + 7 * seed + k));
  const [rows, columns] = shape.slice(-2) as [number, number];
  if (k === 0) {
    for (let at = 0; at < data.length; at += rows * columns) {
      sample.diagonal?.forEach((x, i) => data[at + i * (columns + 1)]! += x);
    }
  }
  return new NdArray(data, shape);
}

function stack(arrays: readonly NdArray[], shape: Shape): NdArray {
  return new NdArray(Float64Array.from(arrays.flatMap((x) => [...x.data])), [arrays.length, ...shape]);
}

function checkBatch(op: Operation, sample: Sample<unknown>, batched: readonly boolean[]): void {
  const { shapes, attributes } = sample;
  const examples = Array.from(
    { length: SIZE },
    (_, seed) => shapes.map((_, k) => example(sample, k, batched[k] ? seed : 0)),
  );
  const shape = op.shape(shapes, attributes);
  const each = examples.map((inputs) => asArray(op.evaluate(inputs, attributes, "float64")));
  const together = op.primitive.batch!<Value>({
    operation: op,
    ops: eagerOps.float64,
    inputs: shapes.map((s, k) =>
      batched[k] ? stack(examples.map((inputs) => inputs[k]!), s) : examples[0]![k]!
    ),
    batched,
    size: SIZE,
    attributes,
    shapes,
    shape,
  });
  assertEquals([...asArray(together).shape], [SIZE, ...shape]);
  const expected = stack(each, shape).data;
  asArray(together).data.forEach((x, i) => assertLess(Math.abs(x - expected[i]!), 1e-12, `element ${i}`));
}

const MATRIX_OPERATIONS = [
  "cholesky",
  "cofactor",
  "determinant",
  "determinantSign",
  "eigh",
  "inverse",
  "logDeterminant",
  "matmul",
  "matrixExp",
  "pseudoInverse",
  "qr",
  "solve",
  "svd",
  "triangle",
  "triangularSolve",
] as const;

for (const name of MATRIX_OPERATIONS) {
  Deno.test(`${name}: the batching rule gives what single examples give`, () => {
    const op = operation[name] as Operation;
    for (const sample of op.primitive.samples) {
      const count = sample.shapes.length;
      for (let mask = 1; mask < 2 ** count; mask++) {
        checkBatch(op, sample, sample.shapes.map((_, k) => (mask >> k & 1) === 1));
      }
    }
  });
}
