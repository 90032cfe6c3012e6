import { apply } from "../../src/variable/apply.ts";
import { assert, assertEquals, assertGreater, assertLessOrEqual, assertThrows } from "@std/assert";
import { NdArray } from "../../src/array/nd_array.ts";
import { sumToShape } from "../../src/array/reductions.ts";
import { broadcastArray } from "../../src/array/strided_copy.ts";
import { type Shape, sizeOf } from "../../src/array/shape.ts";
import { eagerOps, type Operation, operations, type RuleContext } from "../../src/primitives/mod.ts";
import type { Value } from "../../src/array/value.ts";
import { draw, drawNonFinite, isNear, outcomeOf, randomNumbers } from "./samples.ts";
import type { Variable } from "../../src/variable/variable.ts";
import { checkGradients } from "../../src/testing/mod.ts";
import { constant, grad } from "../../mod.ts";

const SEEDS = [1, 2];
const NON_FINITE_SEEDS = [1, 2, 3, 4];

function asArray(value: Value): NdArray {
  return typeof value === "number" ? new NdArray(new Float64Array([value]), []) : value;
}

function evaluate(operation: Operation, inputs: readonly NdArray[], attributes: unknown): NdArray {
  return asArray(operation.evaluate(inputs, attributes, "float64"));
}

function dot(a: NdArray, b: NdArray): number {
  return Array.from(a.data).reduce((sum, x, i) => sum + x * b.data[i]!, 0);
}

function contextOf(
  operation: Operation,
  inputs: readonly NdArray[],
  output: NdArray,
  attributes: unknown,
): RuleContext<Value, unknown> {
  return operation.context<Value>(eagerOps.float64, inputs, output, attributes);
}

function nearly(actual: number, expected: number, tolerance: number, what: string): void {
  assertLessOrEqual(
    Math.abs(actual - expected),
    tolerance * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, ${expected}`,
  );
}

for (const op of operations) {
  op.primitive.samples.forEach((sample, index) => {
    const shapes = sample.shapes.map((s) => `[${s}]`).join(" ");
    const differentiable = sample.shapes.map((_, k) => k).filter((k) => op.isDifferentiable(k));

    Deno.test(`${op.name} ${index} ${shapes}: the shape rule gives the shape of the result, in both dtypes`, () => {
      const inputs = draw(op, sample, 1);
      const shape = op.shape(sample.shapes, sample.attributes);
      for (const dtype of ["float64", "float32"] as const) {
        const result = op.evaluate(inputs.map((x) => x.cast(dtype)), sample.attributes, dtype);
        const array = typeof result === "number" ? new NdArray(new Float64Array([result]), []) : result;
        assertEquals([...array.shape], [...shape]);
        if (typeof result !== "number") assertEquals(result.dtype, dtype);
        const wide = evaluate(op, inputs, sample.attributes);
        if (sample.integers === undefined && !["eq", "ne"].includes(op.name)) {
          array.data.forEach((x, i) =>
            nearly(x, wide.data[i]!, dtype === "float32" ? 2e-5 : 0, "narrow and wide")
          );
        }
      }
    });

    Deno.test(`${op.name} ${index} ${shapes}: infinities and NaN give the same in both dtypes`, () => {
      for (const seed of NON_FINITE_SEEDS) {
        const inputs = drawNonFinite(op, sample, seed);
        const [wide, narrow] = (["float64", "float32"] as const).map((dtype) =>
          outcomeOf(() => asArray(op.evaluate(inputs.map((x) => x.cast(dtype)), sample.attributes, dtype)))
        );
        if (wide instanceof NdArray && narrow instanceof NdArray) {
          const kinds = [wide, narrow].map(({ data }) =>
            Array.from(data, (x) => Number.isFinite(x) ? "finite" : x)
          );
          assertEquals(kinds[1], kinds[0], `float32 and float64, seed ${seed}`);
        } else {
          assertEquals(String(narrow), String(wide));
        }
      }
    });

    if (op.primitive.lower !== undefined) {
      Deno.test(`${op.name} ${index} ${shapes}: infinities and NaN have no effect on other elements`, () => {
        for (const seed of NON_FINITE_SEEDS) {
          const inputs = drawNonFinite(op, sample, seed);
          const together = evaluate(op, inputs, sample.attributes);
          const spread = inputs.map((x) => broadcastArray(x, together.shape));
          together.data.forEach((x, i) => {
            const operands = spread.map(({ data }) => data[i]!);
            const alone = op.evaluate(operands, sample.attributes, "float64");
            assert(
              typeof alone === "number" && isNear(alone, x, 1e-13),
              `${op.name} of ${operands} is ${alone} alone, ${x} in an array`,
            );
          });
        }
      });
    }

    Deno.test(`${op.name} ${index} ${shapes}: vjp, jvp and central differences agree`, () => {
      for (const seed of SEEDS) {
        const inputs = draw(op, sample, seed);
        const output = evaluate(op, inputs, sample.attributes);
        const context = contextOf(op, inputs, output, sample.attributes);
        const random = randomNumbers(seed + 100);
        const like = (shape: Shape): NdArray =>
          new NdArray(Float64Array.from({ length: sizeOf(shape) }, () => random() * 2 - 1), shape);
        const g = like(output.shape);
        for (const k of differentiable) {
          const d = like(inputs[k]!.shape);
          const only = <X>(x: X) => inputs.map((_, i) => i === k ? x : undefined);
          const cotangent = op.pullBack(context, g, inputs.map((_, i) => i === k))[k]!;
          const back = sumToShape(asArray(cotangent), inputs[k]!.shape);
          const forth = broadcastArray(asArray(op.pushForward(context, only<Value>(d))!), output.shape);
          nearly(
            dot(g, forth),
            dot(back.size === d.size ? back : broadcastArray(back, d.shape), d),
            1e-11,
            `<g, J d> of operand ${k}`,
          );
          const moved = (h: number): NdArray =>
            evaluate(
              op,
              inputs.map((x, i) =>
                i === k ? new NdArray(x.data.map((v, j) => v + h * d.data[j]!), x.shape) : x
              ),
              sample.attributes,
            );
          const [up, down] = [moved(1e-6), moved(-1e-6)];
          forth.data.forEach((slope, i) =>
            nearly(
              slope,
              (up.data[i]! - down.data[i]!) / 2e-6,
              2e-6,
              `difference by operand ${k}, element ${i}`,
            )
          );
        }
      }
    });

    Deno.test(`${op.name} ${index} ${shapes}: recorded derivatives are right to the second order`, () => {
      const inputs = draw(op, sample, 3);
      const run = (variables: Variable[]): Variable => {
        let next = 0;
        const operands = inputs.map((x, k) => differentiable.includes(k) ? variables[next++]! : constant(x));
        return apply(op, operands, sample.attributes).mul(0.7).tanh().sum();
      };
      const free = differentiable.map((k) => inputs[k]!);
      if (free.length === 0) return;
      checkGradients((...variables) => run(variables), free, { tolerance: 2e-6 });
      checkGradients(
        (...variables) => {
          const argnums = free.map((_, i) => i);
          const inner = grad((...v: Variable[]) => run(v), { argnums })(
            ...variables,
          ) as unknown as Variable[];
          return inner.map((v) => v.mul(0.5).sin().sum()).reduce((a, b) => a.add(b));
        },
        free,
        { tolerance: 1e-5 },
      );
    });
  });
}

Deno.test("every primitive with a derivative has samples that reach it", () => {
  for (const op of operations) assertGreater(op.primitive.samples.length, 0, op.name);
  assertGreater(operations.length, 40);
});

Deno.test("a deliberately wrong rule is caught", () => {
  const wrong = (x: Variable): Variable => {
    // The value of sin, the derivative of 2 sin.
    const twice = x.sin().mul(2);
    return twice.sub(constant(twice).div(2)).sum();
  };
  assertThrows(() => checkGradients(wrong, [[0.3, 0.4]]), RangeError, "Wrong gradient by element 0");
});
