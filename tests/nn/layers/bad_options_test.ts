/** Whatever stands in an option, as in a file that somebody wrote: a layer works, or says what is wrong. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { flattenTree, mapTree, type Tree, type Variable } from "../../../mod.ts";
import { layers as registry } from "../../../src/nn/core/layer.ts";
import * as nn from "../../../src/nn/mod.ts";
import { key } from "../../../src/random/mod.ts";
import { EVERY_KIND } from "./every_kind.ts";

type AnyLayer = nn.Layer<unknown, unknown>;

const VALUES: readonly unknown[] = [null, "x", -1, 0, 0.5, {}, [], [null], ["x"], [0, 0], [1, 2, 3, 4], true];

/** Every option there is, from the message that refuses one that there is not. */
function optionsOf(kind: string, layer: AnyLayer): string[] {
  try {
    registry.make(kind, { ...layer.options, colour: 1 });
    return [];
  } catch (error) {
    return (error as Error).message.split(", use ")[1]!.split(", ");
  }
}

function errorOf(kind: string, options: object, x: unknown): unknown {
  try {
    const made = registry.make(kind, options) as unknown as AnyLayer;
    const symbol = (v: Variable) => nn.input({ shape: v.shape.slice(1), dtype: "float64" });
    made.apply(mapTree(x as Tree<Variable>, symbol) as never);
    const start = nn.initialize(made, key(1), x, { dtype: "float64" });
    const { output } = nn.applyLayer(made, start, x, { training: true, key: key(2) });
    const outputs = flattenTree(output as Tree<Variable>);
    assert(outputs.every((y) => y.data.every((v) => Number.isFinite(v))), "the result is not finite");
    return undefined;
  } catch (error) {
    return error;
  }
}

for (const [kind, [first]] of Object.entries(EVERY_KIND)) {
  if (kind === "lambda") continue;
  const [layer, x] = first as readonly [AnyLayer, unknown];
  Deno.test(`${kind} works or says what is wrong, whatever its options are`, () => {
    const names = optionsOf(kind, layer);
    assert(names.includes("trainable") && names.includes("name"));
    for (const name of names) {
      for (const value of VALUES) {
        const error = errorOf(kind, { ...layer.options, [name]: value }, x);
        if (name === "trainable") assertEquals(error === undefined, value === true);
        if (error === undefined) continue;
        assert(
          error instanceof TypeError || error instanceof RangeError,
          `${name}: ${JSON.stringify(value)}: ${error}`,
        );
        assertMatch(error.message, /^(Cannot|Unknown) /, `${name}: ${JSON.stringify(value)}`);
      }
    }
  });
}
