/** Every layer computes compiled what it computes eagerly: outputs, gradients, state, in training and in inference. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { compile, flattenTree, type Tree, valueAndGrad, Variable } from "../../../mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import { layers as registry } from "../../../src/nn/core/layer.ts";
import { key } from "../../../src/random/mod.ts";
import { EVERY_KIND } from "./every_kind.ts";

type Weights = Record<string, Variable>;

/** Kinds whose results in training are drawn bits and products with them, which are the same to the bit. */
const DRAWN = ["dropout", "spatialDropout1d", "spatialDropout2d"];

Deno.test("every kind of layer that the library has is among the cases", () => {
  const own = registry.names.filter((name) => !name.includes("/"));
  assertEquals(own.sort(), Object.keys(EVERY_KIND).sort());
});

const leaves = (tree: unknown): Variable[] =>
  flattenTree(tree as Tree<unknown>).filter((leaf) => leaf instanceof Variable);

for (const [kind, cases] of Object.entries(EVERY_KIND)) {
  for (const [i, [any, x]] of cases.entries()) {
    for (const training of [true, false]) {
      Deno.test(`${kind} (${i}) has the same results compiled and eager ${training ? "in training" : "in inference"}`, () => {
        const layer = any as nn.Layer<unknown, unknown>;
        const start = nn.initialize(layer, key(1), x, { dtype: "float64" });
        const run = (parameters: Weights, state: Weights, input: unknown, seed: Variable) => {
          const loss = (p: Weights): readonly [Variable, { outputs: Variable[]; state: Weights }] => {
            const { output, state: after, losses } = nn.applyLayer(layer, { parameters: p, state }, input, {
              training,
              key: seed,
            });
            const outputs = leaves(output);
            const parts = [...losses, ...outputs.map((each) => each.square().sum())];
            return [parts.reduce((sum, each) => sum.add(each)), { outputs, state: { ...after } }];
          };
          const by = (p: Weights) => loss(p) as never;
          return Object.keys(parameters).length === 0
            ? loss(parameters)
            : valueAndGrad(by as (p: Weights) => readonly [Variable, Variable], { hasAux: true })(parameters);
        };
        const args = [{ ...start.parameters }, { ...start.state }, x, key(3)] as const;
        const [eager, compiled] = [leaves(run(...args)), leaves(compile(run)(...args))];
        assertEquals(compiled.length, eager.length);
        eager.forEach((value, k) => {
          assertEquals(compiled[k]!.shape, value.shape);
          const found = compiled[k]!.data;
          value.data.forEach((v, j) => assertAlmostEquals(found[j]!, v, 1e-13 * (1 + Math.abs(v))));
        });
        if (DRAWN.includes(kind)) assertEquals(compiled.at(-1)!.data, eager.at(-1)!.data);
      });
    }
  }
}
