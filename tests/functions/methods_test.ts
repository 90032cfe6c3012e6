import { assert, assertEquals } from "@std/assert";
import * as t from "../../mod.ts";
import { constant, Variable } from "../../mod.ts";
import * as functions from "../../src/functions/mod.ts";
import { doors, isGranted, readDoor } from "../doors/documentation.ts";

/** Functions that are no methods, and why. */
const NO_METHODS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["arange", "eye", "full", "linspace", "ones", "zeros"].map((name) => [name, "makes an array"]),
  ),
  ...Object.fromEntries(["concat", "stack", "meshgrid", "einsum"].map((name) => [name, "joins a list"])),
  ...Object.fromEntries(
    [
      "meanSquaredError",
      "meanAbsoluteError",
      "huber",
      "hinge",
      "binaryCrossEntropy",
      "klDivergence",
      "poissonNLL",
    ]
      .map((name) => [name, "compares labels with predictions"]),
  ),
  ...Object.fromEntries(
    ["categoricalCrossEntropy", "sparseCategoricalCrossEntropy", "cosineEmbeddingLoss"]
      .map((name) => [name, "compares labels with predictions"]),
  ),
  ...Object.fromEntries(
    ["rnnCell", "lstmCell", "gruCell", "scaledDotProductAttention", "embedding", "dropoutWithMask"]
      .map((name) => [name, "has several main operands"]),
  ),
};

/** What every Variable has beside operations. */
const OWN = new Set(
  Object.getOwnPropertyNames(Object.prototype).concat(
    [
      "constructor",
      "shape",
      "rank",
      "size",
      "name",
      "trainable",
      "value",
      "data",
      "toArray",
      "toJSON",
      "item",
      "truthy",
      "grad",
    ],
    ["zeroGrad", "named", "assign", "backward", "toString"],
  ),
);

const ROOT = new URL("../../", import.meta.url);

const names = Object.keys(functions).filter((name) => typeof Reflect.get(functions, name) === "function");
const methods = Object.getOwnPropertyNames(Variable.prototype).filter((name) => !OWN.has(name));

Deno.test("every function of one main operand is a method too", () => {
  assertEquals(names.filter((name) => !(name in NO_METHODS) && !methods.includes(name)), []);
  assertEquals(Object.keys(NO_METHODS).filter((name) => !names.includes(name) || methods.includes(name)), []);
});

Deno.test("every method that is an operation is a function too, and the core door exports it", () => {
  assertEquals(methods.filter((name) => !names.includes(name) && !(name in t)), []);
});

Deno.test("methods give what functions give", () => {
  const x = constant([[4, 1], [1, 3]]);
  const pairs: readonly (readonly [Variable, Variable])[] = [
    [x.prod({ axis: 0 }), t.prod(x, { axis: 0 })],
    [x.norm({ axis: 1 }), t.norm(x, { axis: 1 })],
    [x.variance(0), t.variance(x, 0)],
    [x.cumSum({ axis: 1 }), t.cumSum(x, { axis: 1 })],
    [x.expandDims(1).squeeze(), x],
    [x.permute([1, 0]), t.permute(x, [1, 0])],
    [x.at(0, { start: 1 }).get(), t.at(x, 0, { start: 1 }).get()],
    [x.sort({ descending: true }), t.sort(x, { descending: true })],
    [x.split(2)[1]!, t.split(x, 2)[1]!],
    [x.trace(), t.trace(x)],
    [x.inverse(), t.inverse(x)],
    [x.dot([1, 2]), t.dot(x, [1, 2])],
    [x.polygamma(1), t.polygamma(1, x)],
    [x.softmaxCrossEntropy([[1, 0], [0, 1]]), t.softmaxCrossEntropy([[1, 0], [0, 1]], x)],
    [x.eigh().values, t.eigh(x).values],
  ];
  for (const [method, f] of pairs) assertEquals(method.value, f.value);
});

Deno.test("split() of a list of sizes is typed as that many Variables", () => {
  const [a, b] = constant([1, 2, 3]).split([1, 2]);
  assertEquals([a.value, b.value], [[1], [2, 3]]);
});

Deno.test({
  name: "methods are there whichever door a program comes in by",
  ignore: !isGranted,
  async fn() {
    // These doors make no Variables: who passes them some has them from another.
    const others = ["./data", "./io", "./viz"];
    for (const [door, file] of Object.entries(doors)) {
      if (others.includes(door)) continue;
      const code = `await import(${JSON.stringify(new URL(`../../${file}`, import.meta.url).href)});
        const { untracked } = await import(${
        JSON.stringify(new URL("../../src/variable/variable.ts", import.meta.url).href)
      });
        console.log(typeof untracked(1, "float64").add);`;
      const command = new Deno.Command(Deno.execPath(), { args: ["eval", "--no-lock", code], cwd: ROOT });
      const { stdout, stderr } = await command.output();
      const said = new TextDecoder().decode(stdout).trim();
      assertEquals(said, "function", `${file}: ${new TextDecoder().decode(stderr)}`);
    }
  },
});

Deno.test({
  name: "the types of all methods are documented at a function",
  ignore: !isGranted,
  async fn() {
    const documented = new Set((await readDoor(doors["."]!)).map((symbol) => symbol.name));
    assert(methods.length > 150);
    assertEquals(methods.filter((name) => !documented.has(name)), []);
  },
});
