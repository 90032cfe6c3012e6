import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { compile, constant, grad, type Variable } from "../../mod.ts";
import { constraints } from "../../src/nn/constraints.ts";
import { initializers } from "../../src/nn/initializers.ts";
import { maxNorm, minMaxNorm, orthogonal, randomNormal, randomUniform, unitNorm } from "../../src/nn/mod.ts";
import { l1, orthogonalRegularizer, regularizers } from "../../src/nn/regularizers.ts";
import { key } from "../../src/random/mod.ts";
import constrained from "../fixtures/framework/constraints.json" with { type: "json" };
import initialized from "../fixtures/framework/initializers.json" with { type: "json" };
import regularized from "../fixtures/framework/regularizers.json" with { type: "json" };
import { assertClose, toVariable, type Values } from "./reference.ts";

interface Spread {
  readonly distribution: "uniform" | "truncatedNormal" | "normal";
  readonly mean: number;
  readonly standardDeviation: number;
  readonly low?: number;
  readonly high?: number;
}

interface InitializerCase {
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly expected:
    | Spread
    | {
      readonly distribution: "orthogonal";
      readonly matrix: readonly [number, number];
      readonly orthonormal: "rows" | "columns";
      readonly gain: number;
    }
    | { readonly distribution: "exact"; readonly value: Values };
}

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly weights: Values;
}

/** Mean, standard deviation and range of many numbers. */
function checkSpread(data: Float64Array, { mean, standardDeviation, low, high }: Spread): void {
  const n = data.length;
  const found = data.reduce((sum, x) => sum + x, 0) / n;
  const deviation = Math.sqrt(data.reduce((sum, x) => sum + (x - found) ** 2, 0) / n);
  assertAlmostEquals(found, mean, 5 * standardDeviation / Math.sqrt(n));
  assertAlmostEquals(deviation, standardDeviation, 5 * standardDeviation / Math.sqrt(n));
  if (low === undefined || high === undefined) return;
  assert(data.every((x) => x >= low && x <= high));
  assert(Math.max(...data) > 0.9 * high + 0.1 * low && Math.min(...data) < 0.9 * low + 0.1 * high);
}

for (
  const { name, kind, options, shape, expected } of initialized.cases as unknown as readonly InitializerCase[]
) {
  Deno.test(`the initializer ${name} is as Keras's, and the same for the same key`, () => {
    const make = (seed: number): Variable =>
      constant(initializers.make(kind, options)(key(seed), shape, "float64"));
    const found = make(3);
    assertEquals([found.shape, found.dtype], [shape, "float64"]);
    assertEquals(make(3).data, found.data);
    if (expected.distribution === "exact") return assertClose(found.toArray(), expected.value, name);
    if (expected.distribution !== "orthogonal") return checkSpread(found.data as Float64Array, expected);
    const { matrix, orthonormal, gain } = expected;
    const rows = orthonormal === "rows" ? found.reshape(matrix) : found.reshape(matrix).transpose();
    const square = gain * gain;
    rows.matmul(rows.transpose()).toArray().data.forEach((x, i) => {
      assertAlmostEquals(x, i % (rows.shape[0]! + 1) === 0 ? square : 0, 1e-12);
    });
  });
}

const penalties = regularized.cases as unknown as readonly (Case & { value: number; gradient: Values })[];
for (const { name, kind, options, weights, value, gradient } of penalties) {
  Deno.test(`the regularizer ${name} has Keras's value and gradient, eager and compiled`, () => {
    const penalty = regularizers.make(kind, options);
    for (const run of [(f: (p: Variable) => Variable) => f, (f: (p: Variable) => Variable) => compile(f)]) {
      assertClose(run(penalty)(toVariable(weights)).toArray(), { shape: [], data: [value] }, "value");
      // JAX has the derivative 1 for |0|; here, as in PyTorch, zero weights are left alone.
      const slopes = gradient.data.map((slope, i) => weights.data[i] === 0 ? 0 : slope);
      const expected = kind.startsWith("l") ? { ...gradient, data: slopes } : gradient;
      assertClose(run(grad(penalty))(toVariable(weights)).toArray(), expected, "gradient");
    }
  });
}

const limits = constrained.cases as unknown as readonly (Case & { result: Values })[];
for (const { name, kind, options, weights, result } of limits) {
  Deno.test(`the constraint ${name} gives what Keras's does, eager and compiled`, () => {
    const constrain = constraints.make(kind, options);
    for (const run of [constrain, compile(constrain)]) {
      assertClose(run(toVariable(weights)).toArray(), result, name);
    }
  });
}

const BAD: readonly [() => unknown, ErrorConstructor, string][] = [
  [() => randomNormal({ standardDeviation: 1 } as never), TypeError, 'no option "standardDeviation"'],
  [() => randomNormal({ stddev: -1 }), RangeError, "stddev is -1"],
  [() => randomUniform({ minval: 2 }), RangeError, "maxval is 0.05"],
  [() => orthogonal({ gain: "2" as never }), TypeError, "gain"],
  [() => orthogonal()(key(1), [3], "float64"), TypeError, "it needs two axes at least"],
  [() => l1({ l2: 1 } as never), TypeError, 'no option "l2"'],
  [() => l1({ l1: -1 }), RangeError, "l1 is -1"],
  [() => orthogonalRegularizer()(constant([1, 2])), TypeError, "it needs two axes"],
  [() => maxNorm({ max_value: 1 } as never), TypeError, "(did you mean maxValue?)"],
  [() => minMaxNorm({ minValue: 2 }), RangeError, "maxValue is 1"],
  [() => unitNorm({ axis: 4 })(constant([[1, 2]])), RangeError, "axis"],
  [() => initializers.make("glorot"), RangeError, "use one of zeros, ones"],
];

for (const [f, type, message] of BAD) {
  Deno.test(`initializers, regularizers and constraints refuse: ${message}`, () => {
    assertThrows(f, type, message);
  });
}
