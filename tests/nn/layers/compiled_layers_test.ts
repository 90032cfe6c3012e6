/** Every layer computes compiled what it computes eagerly: outputs, gradients, state, in training and in inference. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { compile, flattenTree, type Tree, valueAndGrad, Variable } from "../../../mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import { layers as registry } from "../../../src/nn/core/layer.ts";
import { key, uniform } from "../../../src/random/mod.ts";

type Weights = Record<string, Variable>;

const numbers = (...shape: number[]): Variable => uniform(key(shape.length), shape, { low: -1 });
const words = (...shape: number[]): Variable => numbers(...shape).mul(2).add(2).floor();

/** One or more of each kind, with an input. */
const CASES: { readonly [kind: string]: readonly (readonly [nn.AnyLayer | nn.Layer, unknown])[] } = {
  dense: [
    [nn.dense({ units: 3, activation: "softmax", kernelRegularizer: "l1l2" }), numbers(4, 5)],
    [nn.dense({ units: 3, useBias: false, activation: "gelu" }), numbers(2, 4, 5)],
  ],
  activation: [[nn.activation("selu"), numbers(4, 5)]],
  flatten: [[nn.flatten(), numbers(4, 2, 3)]],
  lambda: [[nn.lambda((x: Variable, c) => x.mul(c.parameter("w", [5])).sin()), numbers(4, 5)]],
  dropout: [[nn.dropout({ rate: 0.4 }), numbers(4, 5)]],
  layerNormalization: [[nn.layerNormalization(), numbers(4, 5)], [
    nn.layerNormalization({ axis: [1, 2] }),
    numbers(4, 3, 5),
  ]],
  batchNormalization: [
    [nn.batchNormalization({ momentum: 0.7 }), numbers(6, 5)],
    [nn.batchNormalization({ axis: 1, scale: false }), numbers(6, 3, 4)],
  ],
  conv2d: [[
    nn.conv2d({ filters: 4, kernelSize: 3, padding: "same", groups: 2, activation: "relu" }),
    numbers(2, 5, 5, 2),
  ]],
  maxPooling2d: [[nn.maxPooling2d(), numbers(2, 4, 4, 3)]],
  averagePooling2d: [[nn.averagePooling2d({ padding: "same" }), numbers(2, 5, 5, 3)]],
  globalAveragePooling2d: [[nn.globalAveragePooling2d(), numbers(2, 4, 4, 3)]],
  embedding: [[nn.embedding({ inputDim: 4, outputDim: 3 }), words(2, 5)]],
  add: [[nn.add(), [numbers(3, 4), numbers(3, 4).mul(2)]]],
  concatenate: [[nn.concatenate(), [numbers(3, 4), numbers(3, 2)]]],
};

Deno.test("every kind of layer that the library has is among the cases", () => {
  const own = registry.names.filter((name) => !name.includes("/"));
  assertEquals(own.sort(), Object.keys(CASES).sort());
});

for (const [kind, cases] of Object.entries(CASES)) {
  for (const [i, [any, x]] of cases.entries()) {
    for (const training of [true, false]) {
      Deno.test(`${kind} (${i}) has the same results compiled and eager ${training ? "in training" : "in inference"}`, () => {
        const layer = any as unknown as nn.Layer<unknown, Variable>;
        const start = nn.initialize(layer, key(1), x, { dtype: "float64" });
        const run = (parameters: Weights, state: Weights, input: unknown, seed: Variable) => {
          const loss = (p: Weights): readonly [Variable, { output: Variable; state: Weights }] => {
            const { output, state: after, losses } = nn.applyLayer(layer, { parameters: p, state }, input, {
              training,
              key: seed,
            });
            const total = losses.reduce((sum, each) => sum.add(each), output.square().sum());
            return [total, { output, state: { ...after } }];
          };
          const by = (p: Weights) => loss(p) as never;
          return Object.keys(parameters).length === 0
            ? loss(parameters)
            : valueAndGrad(by as (p: Weights) => readonly [Variable, Variable], { hasAux: true })(parameters);
        };
        const args = [{ ...start.parameters }, { ...start.state }, x, key(3)] as const;
        const leaves = (tree: unknown): Variable[] =>
          flattenTree(tree as Tree<unknown>).filter((leaf) => leaf instanceof Variable);
        const [eager, compiled] = [leaves(run(...args)), leaves(compile(run)(...args))];
        assertEquals(compiled.length, eager.length);
        eager.forEach((value, k) => {
          assertEquals(compiled[k]!.shape, value.shape);
          const found = compiled[k]!.data;
          value.data.forEach((v, j) => assertAlmostEquals(found[j]!, v, 1e-13 * (1 + Math.abs(v))));
        });
        if (kind === "dropout") assertEquals(compiled.at(-1)!.data, eager.at(-1)!.data);
      });
    }
  }
}
