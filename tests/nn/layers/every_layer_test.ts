/** What holds for every layer: shapes of symbols, descriptions, dtypes. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile, flattenTree, mapTree, type Tree, type Variable } from "../../../mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import { key } from "../../../src/random/mod.ts";
import { EVERY_KIND } from "./every_kind.ts";

type AnyLayer = nn.Layer<unknown, unknown>;

const leaves = <T>(tree: unknown): T[] => flattenTree(tree as Tree<unknown>) as T[];

const cases = Object.entries(EVERY_KIND).flatMap(([kind, list]) =>
  list.map(([layer, x], i) => ({ kind, name: `${kind} (${i})`, layer: layer as AnyLayer, x }))
);

for (const { name, kind, layer, x } of cases) {
  Deno.test(`${name} gives symbols of the shapes that its results have`, () => {
    const symbols = mapTree(
      x as Tree<Variable>,
      (v) => nn.input({ shape: v.shape.slice(1), dtype: "float64" }),
    );
    const found = leaves<nn.SymbolicTensor>(layer.apply(symbols as never));
    const start = nn.initialize(layer, key(1), x);
    const outputs = leaves<Variable>(nn.applyLayer(layer, start, x).output);
    assertEquals(found.map(({ shape }) => shape), outputs.map(({ shape }) => shape.slice(1)));
  });

  if (kind !== "lambda") {
    Deno.test(`${name} described and made again computes the same bits`, () => {
      const description = JSON.parse(JSON.stringify(layer));
      const again = nn.layerFromDescription(description) as unknown as AnyLayer;
      const results = [layer, again].map((each) => {
        const start = nn.initialize(each, key(1), x);
        const { output, state, losses } = nn.applyLayer(each, start, x, { training: true, key: key(2) });
        return [...leaves<Variable>(output), ...leaves<Variable>(state), ...losses].map((v) => v.value);
      });
      assertEquals(results[1], results[0]);
      assertEquals(JSON.stringify(again), JSON.stringify(layer));
    });
  }

  Deno.test(`${name} stays in float32, near the results of float64`, () => {
    const narrow = mapTree(x as Tree<Variable>, (v) => v.cast("float32"));
    const wide = mapTree(narrow, (v) => v.cast("float64"));
    const start = nn.initialize(layer, key(1), narrow, { dtype: "float32" });
    const widen = (weights: nn.LayerParameters): nn.LayerParameters =>
      Object.fromEntries(Object.entries(weights).map(([path, v]) => [path, v.cast("float64")]));
    const widened = { parameters: widen(start.parameters), state: widen(start.state) };
    const run = compile((weights: nn.LayerWeights, input: unknown, seed: Variable) => {
      const { output, state } = nn.applyLayer(layer, weights, input);
      const training = nn.applyLayer(layer, weights, input, { training: true, key: seed });
      return [output, state, training.output, training.state, ...training.losses] as never;
    });
    const found = leaves<Variable>(run(start, narrow, key(3)));
    const expected = leaves<Variable>(nn.applyLayer(layer, widened, wide).output);
    assertEquals(new Set(found.map(({ dtype }) => dtype)), new Set(["float32"]));
    expected.forEach((v, k) =>
      v.data.forEach((value, i) =>
        assert(
          Math.abs(found[k]!.data[i]! - value) <= 2e-5 * (1 + Math.abs(value)),
          `${found[k]!.data[i]} ${value}`,
        )
      )
    );
  });

  Deno.test(`${name} refuses an option that there is not`, () => {
    if (layer instanceof nn.Model) return;
    const description = kind === "lambda" ? { kind, options: {} } : JSON.parse(JSON.stringify(layer));
    description.options.colour = 1;
    assertThrows(
      () => nn.layerFromDescription(description),
      TypeError,
      `Cannot read the options of ${kind}: there is no option "colour"`,
    );
  });
}
