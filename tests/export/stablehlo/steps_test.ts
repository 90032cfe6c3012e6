/** Whole steps of training, with gradients, optimizer and random bits, under XLA and here. */
import { assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import type { DType } from "../../../src/array/dtype.ts";
import { toStableHlo } from "../../../src/export/mod.ts";
import {
  applyLayer,
  batchNormalization,
  conv2d,
  defineLayer,
  dense,
  dropout,
  flatten,
  initialize,
  type Layer,
  layerNormalization,
  lstm,
  maxPooling2d,
  multiHeadAttention,
  reLU,
  sequential,
} from "../../../src/nn/mod.ts";
import { adam, type OptimizerState, sgd, type Weights } from "../../../src/optim/mod.ts";
import { foldIn, key, normal } from "../../../src/random/mod.ts";
import { constant, valueAndGrad, type Variable, whileLoop } from "../../../mod.ts";
import { distance, python, runOnXla } from "./xla.ts";

/** A block of a transformer: attention, then two dense layers, each with normalization and a way around. */
const block = defineLayer("stablehloTest/block", () => (x: Variable, c) => {
  const normed = c.call(layerNormalization(), x);
  const seen = x.add(
    c.call(multiHeadAttention({ numHeads: 2, keyDim: 4 }), { query: normed, value: normed }),
  );
  const inner = c.call(dense({ units: 16, activation: "gelu" }), c.call(layerNormalization(), seen));
  return seen.add(c.call(dense({ units: 8 }), inner));
});

interface Trained {
  readonly layer: Layer;
  readonly shape: readonly number[];
  readonly usesAdam: boolean;
}

const MODELS: { readonly [name: string]: Trained } = {
  "an MLP with dropout": {
    layer: sequential([
      dense({ units: 16, activation: "relu" }),
      dropout({ rate: 0.4 }),
      dense({ units: 3 }),
    ]),
    shape: [8, 5],
    usesAdam: true,
  },
  "a conv net with batch normalization": {
    layer: sequential([
      conv2d({ filters: 4, kernelSize: 3, padding: "same" }),
      batchNormalization(),
      reLU(),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 3 }),
    ]),
    shape: [4, 6, 6, 2],
    usesAdam: false,
  },
  "an LSTM over scan": {
    layer: sequential([lstm({ units: 6 }), dense({ units: 3 })]),
    shape: [4, 12, 5],
    usesAdam: true,
  },
  "a transformer block": { layer: block() as Layer, shape: [2, 5, 8], usesAdam: false },
};

interface State {
  readonly parameters: Weights;
  readonly state: Weights;
  readonly optimizer: OptimizerState;
}

/**
 * A step of training. Where biases come before a normalization their gradients are 0 but for rounding, of which adam makes
 * full steps: such models are trained by sgd.
 */
function stepOf({ layer, usesAdam }: Trained, dtype: DType, x: Variable) {
  const optimizer = usesAdam ? adam({ learningRate: 0.01 }) : sgd({ learningRate: 0.1, momentum: 0.9 });
  const { parameters, state } = initialize(layer, key(3), x, { dtype });
  const start: State = { parameters, state, optimizer: optimizer.init(parameters) };
  const step = (s: State, x: Variable, seed: Variable): readonly [State, Variable, Weights] => {
    const loss = (weights: Weights): readonly [Variable, Weights] => {
      const { output, state } = applyLayer(layer, { parameters: weights, state: s.state }, x, {
        training: true,
        key: foldIn(seed, s.optimizer.step),
      });
      return [output.square().mean(), state];
    };
    const run = valueAndGrad(loss as never, { hasAux: true }) as unknown as (
      weights: Weights,
    ) => [[Variable, Weights], Weights];
    const [[value, state], slopes] = run(s.parameters);
    const next = optimizer.update(slopes, s.optimizer, s.parameters);
    return [{ parameters: next.parameters, state, optimizer: next.state }, value, slopes];
  };
  return { start, step };
}

const leavesOf = (tree: unknown): Variable[] =>
  typeof (tree as Variable).toArray === "function"
    ? [tree as Variable]
    : Object.values(tree as Record<string, unknown>).flatMap(leavesOf);

const cases = Object.entries(MODELS).flatMap(([name, model]) =>
  (["float32", "float64"] as const).map((dtype) => {
    const x = normal(key(1), model.shape).cast(dtype);
    const { start, step } = stepOf(model, dtype, x);
    const args = [start, x, key(5)] as const;
    return { name, dtype, step, args };
  })
);

let outcomes: ReturnType<typeof runOnXla> | undefined;
const textOf = ({ step, args }: typeof cases[number]): string =>
  toStableHlo(step as (...args: never[]) => unknown, args, {
    names: { outputs: ["state", "loss", "slopes"] },
  });

cases.forEach((each, i) => {
  Deno.test({
    name: `a step of ${each.name} in ${each.dtype} gives under XLA what the tape gives`,
    // JAX is missing: `pip install jax`, and name that Python in TAPEGRAD_PYTHON.
    ignore: python === undefined,
    fn: async () => {
      outcomes ??= runOnXla(
        cases.map((each) => ({
          name: each.name,
          text: textOf(each),
          inputs: leavesOf(each.args).map((v) => v.toArray()),
        })),
      );
      const outcome = (await outcomes)[i]!;
      if (typeof outcome === "string") throw new TypeError(outcome);
      const expected = leavesOf(each.step(...each.args));
      assertEquals(outcome.length, expected.length);
      const tolerance = each.dtype === "float32" ? 1e-5 : 1e-12;
      expected.forEach((y, k) =>
        assertLessOrEqual(distance(outcome[k]!, y.toArray()), tolerance, `result ${k}`)
      );
    },
  });
});

Deno.test("scan() is a loop of the module, forwards and backwards", () => {
  const text = textOf(cases.find(({ name }) => name.startsWith("an LSTM"))!);
  assertEquals(text.match(/"stablehlo.while"/g)!.length >= 2, true);
  const long = normal(key(1), [4, 120, 5]).cast("float32");
  const { start, step } = stepOf(MODELS["an LSTM over scan"]!, "float32", long);
  const longText = toStableHlo(step as (...args: never[]) => unknown, [start, long, key(5)]);
  // Only the lengths in it are longer.
  assertEquals(longText.split("\n").length, text.split("\n").length);
  assertStringIncludes(longText, "tensor<120x");
});

Deno.test({
  name: "whileLoop() is a loop of the module, and so is its derivative",
  ignore: python === undefined,
  fn: async () => {
    const f = (x: Variable, r: Variable): Variable => {
      const run = whileLoop(
        ({ s }: { s: Variable; r: Variable }) => s.sum().lt(20),
        ({ s, r }) => ({ s: s.mul(r).add(s.square().mul(0.01)), r }),
      );
      return run({ s: x, r }).s.square().sum();
    };
    const step = (x: Variable, r: Variable) =>
      (valueAndGrad(f, { argnums: [0, 1] }) as unknown as (x: Variable, r: Variable) => unknown)(x, r);
    const inputs = [constant([1, 2]), constant(1.25)] as const;
    const text = toStableHlo(step as (...args: never[]) => unknown, inputs);
    assertStringIncludes(text, '"stablehlo.while"');
    const [outcome] = await runOnXla([{ name: "while", text, inputs: inputs.map((x) => x.toArray()) }]);
    if (typeof outcome === "string") throw new TypeError(outcome);
    leavesOf(step(...inputs)).forEach((y, k) =>
      assertLessOrEqual(distance(outcome![k]!, y.toArray()), 1e-12, `result ${k}`)
    );
  },
});
