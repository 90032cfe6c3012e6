/** Initializers, regularizers and constraints of every parameter that a layer has. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { constant, type Variable } from "../../../mod.ts";
import { runLayer } from "../../../src/nn/core/apply_layer.ts";
import { layers as registry } from "../../../src/nn/core/layer.ts";
import * as nn from "../../../src/nn/mod.ts";
import { key } from "../../../src/random/mod.ts";
import { EVERY_KIND } from "./every_kind.ts";

type AnyLayer = nn.Layer<unknown, Variable>;

/** The options of a weight begin with its name, or with this. */
const PREFIXES: Readonly<Record<string, string>> = {
  recurrentKernel: "recurrent",
  depthwiseKernel: "depthwise",
  pointwiseKernel: "pointwise",
};

/** Kinds that have no weights, or only those of layers that are passed to them. */
const WITHOUT = ["lambda", "bidirectional", "timeDistributed", "sequential"];

for (const [kind, [first]] of Object.entries(EVERY_KIND)) {
  const [layer, x] = first as readonly [AnyLayer, unknown];
  const start = nn.initialize(layer, key(0), x, { dtype: "float64" });
  const paths = Object.keys(start.parameters);
  if (paths.length === 0 || WITHOUT.includes(kind)) continue;
  const name = (path: string) => path.split("/").at(-1)!;
  const prefix = (path: string) =>
    kind === "depthwiseConv2d" && path === "kernel" ? "depthwise" : PREFIXES[name(path)] ?? name(path);

  Deno.test(`${kind} takes initializer, regularizer and constraint for each parameter`, () => {
    for (const path of paths) {
      const regularizer = (w: Variable) => w.sum();
      const options = {
        ...layer.options,
        unitForgetBias: kind === "lstm" ? false : undefined,
        kernelRegularizer: undefined,
        activityRegularizer: undefined,
        [`${prefix(path)}Initializer`]: 0.5,
        [`${prefix(path)}Regularizer`]: regularizer,
        [`${prefix(path)}Constraint`]: "nonNeg",
      };
      const given = Object.entries(options).filter(([, value]) => value !== undefined);
      const made = registry.make(kind, Object.fromEntries(given)) as unknown as AnyLayer;
      const weights = nn.initialize(made, key(0), x, { dtype: "float64" });
      const parameter = weights.parameters[path]!;
      assertEquals(new Set(parameter.data), new Set([0.5]), path);
      const { run } = runLayer(made, weights, x, { dtype: "float64" });
      const same = paths.filter((other) => prefix(other) === prefix(path));
      assertEquals([...run.constraints.keys()], same);
      const sizes = same.map((other) => 0.5 * weights.parameters[other]!.size);
      assertEquals(run.losses.map((loss) => loss.item()), sizes);
      assertEquals(run.constraints.get(path)!(constant([-1, 2])).value, [0, 2]);
    }
  });
}

const ACTIVE: readonly (readonly [nn.Layer<never, Variable>, unknown])[] = [
  [nn.dense({ units: 2, activityRegularizer: "l2" }), constant([[1, 2, 3]])],
  [nn.conv1d({ filters: 2, kernelSize: 1, activityRegularizer: "l2" }), constant([[[1, 2, 3]]])],
  [nn.conv2d({ filters: 2, kernelSize: 1, activityRegularizer: "l2" }), constant([[[[1, 2, 3]]]])],
  [nn.depthwiseConv2d({ kernelSize: 1, activityRegularizer: "l2" }), constant([[[[1, 2, 3]]]])],
  [nn.separableConv2d({ filters: 2, kernelSize: 1, activityRegularizer: "l2" }), constant([[[[1, 2]]]])],
  [nn.conv1dTranspose({ filters: 2, kernelSize: 1, activityRegularizer: "l2" }), constant([[[1, 2, 3]]])],
  [nn.conv2dTranspose({ filters: 2, kernelSize: 1, activityRegularizer: "l2" }), constant([[[[1, 2]]]])],
  [nn.embedding({ inputDim: 3, outputDim: 2, activityRegularizer: "l2" }), constant([[1, 2]])],
  [nn.simpleRnn({ units: 2, activityRegularizer: "l2" }), constant([[[1, 2, 3]]])],
  [nn.lstm({ units: 2, returnSequences: true, activityRegularizer: "l2" }), constant([[[1, 2, 3]]])],
  [nn.gru({ units: 2, activityRegularizer: "l2" }), constant([[[1, 2, 3]]])],
  [nn.multiHeadAttention({ numHeads: 1, keyDim: 2, activityRegularizer: "l2" }), {
    query: constant([[[1, 2, 3]]]),
    value: constant([[[1, 2, 3]]]),
  }],
];

for (const [any, x] of ACTIVE) {
  Deno.test(`${any.kind} adds its activityRegularizer for the whole result`, () => {
    const layer = any as unknown as AnyLayer;
    const { output, losses } = nn.applyLayer(layer, nn.initialize(layer, key(0), x), x);
    assertAlmostEquals(losses[0]!.item(), 0.01 * output.square().sum().item(), 1e-15);
    assertEquals(losses.length, 1);
  });
}

Deno.test("the forget gate of an lstm starts with bias 1, the recurrent kernel of all is orthogonal", () => {
  const x = constant([[[1, 2, 3]]]);
  const of = (layer: nn.Layer<never, Variable>) =>
    nn.initialize(layer as unknown as AnyLayer, key(0), x).parameters;
  assertEquals(of(nn.lstm({ units: 2 }))["bias"]!.value, [0, 0, 1, 1, 0, 0, 0, 0]);
  assertEquals(of(nn.lstm({ units: 2, biasInitializer: 3 }))["bias"]!.value, [3, 3, 1, 1, 3, 3, 3, 3]);
  assertEquals(of(nn.lstm({ units: 1, unitForgetBias: false }))["bias"]!.value, [0, 0, 0, 0]);
  assertEquals(of(nn.gru({ units: 2 }))["bias"]!.shape, [2, 6]);
  assertEquals(of(nn.gru({ units: 2, resetAfter: false }))["bias"]!.shape, [6]);
  const kernel = of(nn.gru({ units: 3 }))["recurrentKernel"]!;
  assertEquals(kernel.shape, [3, 9]);
  const gram = kernel.matmul(kernel.transpose());
  gram.data.forEach((v, i) => assertAlmostEquals(v, i % 4 === 0 ? 1 : 0, 1e-12));
});

Deno.test("both directions of a bidirectional layer have weights of their own", () => {
  const x = constant([[[1, 2, 3]]]);
  const layer = nn.bidirectional({ layer: nn.simpleRnn({ units: 2, name: "inner" }) });
  const { parameters } = nn.initialize(layer, key(0), x);
  assertEquals(
    Object.keys(parameters),
    ["forward", "backward"].flatMap((way) =>
      ["kernel", "recurrentKernel", "bias"].map((name) => `${way}/${name}`)
    ),
  );
  const [one, other] = [parameters["forward/kernel"]!, parameters["backward/kernel"]!];
  assertEquals([...one.data].some((v, i) => v === other.data[i]), false);
});
