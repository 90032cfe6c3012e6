import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import type { NdArray } from "../../../src/array/nd_array.ts";
import type { DType } from "../../../src/array/dtype.ts";
import { type Operation, operations, type Sample } from "../../../src/primitives/mod.ts";
import { apply } from "../../../src/variable/apply.ts";
import type { Variable } from "../../../src/variable/variable.ts";
import { toStableHlo } from "../../../src/export/mod.ts";
import { constant, sort, stopGradient, vjp } from "../../../mod.ts";
import { draw } from "../../primitives/samples.ts";
import { distance, type Outcome, python, type Run, runOnXla } from "./xla.ts";

const TOLERANCES: { readonly [D in DType]: number } = { float32: 1e-5, float64: 1e-12 };

/** Samples that are refused, and why. */
const REFUSED: { readonly [name: string]: (sample: Sample<unknown>) => boolean } = {
  cofactor: ({ shapes }) => shapes.length > 1,
  loop: () => true,
};

/** Operations of which only the value is exported: their derivative is refused, or a rule of their own. */
const VALUE_ONLY: readonly string[] = ["cofactor", "custom"];

/** A sample as a function of its operands: the value, and the derivatives by all operands that have one. */
interface Case {
  readonly dtype: DType;
  readonly inputs: readonly Variable[];
  f(...x: Variable[]): Variable[];
}

function casesOf(operation: Operation): Case[] {
  const isRefused = REFUSED[operation.name];
  return operation.primitive.samples.filter((sample) => !isRefused?.(sample)).flatMap((sample) =>
    (["float64", "float32"] as const).map((dtype) => caseOf(operation, sample, dtype))
  );
}

function caseOf(operation: Operation, sample: Sample<unknown>, dtype: DType): Case {
  const inputs = draw(operation, sample, 1).map((x) => constant(x.cast(dtype)));
  // Of a row that is not ascending nobody says where a number goes.
  if (operation.name === "searchSorted") inputs[0] = sort(inputs[0]!);
  const moved = VALUE_ONLY.includes(operation.name)
    ? []
    : [...inputs.keys()].filter((k) => operation.isDifferentiable(k));
  const value = (x: readonly Variable[]): Variable => apply(operation, x, sample.attributes);
  return {
    dtype,
    inputs,
    f: (...x) => {
      if (moved.length === 0) return [value(x)];
      const [y, pullBack] = vjp((...d: Variable[]) => value(x.map((each, k) => d[moved.indexOf(k)] ?? each)))(
        ...moved.map((k) => x[k]!),
      );
      // Another number for each element.
      const g = stopGradient(y as Variable).mul(0.3).add(0.7);
      return [y as Variable, ...pullBack(g) as unknown as Variable[]];
    },
  };
}

/** All samples of an operation as one module. */
function runOf(operation: Operation, cases: readonly Case[]): Run {
  const whole = (...x: Variable[]): Variable[] => {
    let next = 0;
    return cases.flatMap(({ f, inputs }) => f(...x.slice(next, next += inputs.length)));
  };
  const inputs = cases.flatMap((each) => each.inputs);
  return {
    name: operation.name,
    text: toStableHlo(whole as (...x: never[]) => unknown, inputs),
    inputs: inputs.map((x) => x.toArray()),
  };
}

const all = operations.map((operation) => ({ operation, cases: casesOf(operation) }))
  .filter(({ cases }) => cases.length > 0);
let outcomes: Promise<ReadonlyMap<string, Outcome>> | undefined;

async function runAll(): Promise<ReadonlyMap<string, Outcome>> {
  const runs = all.map(({ operation, cases }) => runOf(operation, cases));
  const found = await runOnXla(runs);
  return new Map(runs.map(({ name }, i) => [name, found[i]!]));
}

for (const { operation, cases } of all) {
  Deno.test({
    name: `XLA computes ${operation.name} and its derivatives as the tape does`,
    // JAX is missing: `pip install jax`, and name that Python in TAPEGRAD_PYTHON.
    ignore: python === undefined,
    fn: async () => {
      const outcome = (await (outcomes ??= runAll())).get(operation.name)!;
      if (typeof outcome === "string") throw new TypeError(outcome);
      let next = 0;
      for (const { dtype, inputs, f } of cases) {
        f(...inputs).forEach((expected, k) => {
          const actual: NdArray = outcome[next++]!;
          const what = `${dtype} ${inputs.map((x) => `[${x.shape}]`).join(" ")}, result ${k}`;
          assertEquals(actual.shape, [...expected.shape], what);
          assertEquals(actual.dtype, expected.dtype, what);
          assertLessOrEqual(distance(actual, expected.toArray()), TOLERANCES[dtype], what);
        });
      }
      assertEquals(next, outcome.length);
    },
  });
}

Deno.test("what can't be exported is refused by the name of the operation and its row", () => {
  const refused = operations.flatMap((operation) =>
    operation.primitive.samples.filter((sample) => REFUSED[operation.name]?.(sample)).map((sample) => ({
      operation,
      sample,
    }))
  );
  assertEquals(new Set(refused.map(({ operation }) => operation.name)), new Set(["cofactor", "loop"]));
  for (const { operation, sample } of refused) {
    const { f, inputs } = caseOf(operation, sample, "float64");
    const value = (...x: Variable[]): Variable =>
      operation.name === "loop" ? apply(operation, x, sample.attributes) : f(...x)[0]!;
    assertThrows(
      () => toStableHlo(value as (...x: never[]) => unknown, inputs),
      TypeError,
      `Cannot export ${operation.name} (row 1`,
    );
  }
});
