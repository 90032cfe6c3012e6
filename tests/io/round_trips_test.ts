import { assertEquals } from "@std/assert";
import { mapTree, type Tree, Variable } from "../../mod.ts";
import { loadModel } from "../../src/io/mod.ts";
import { dense, input, type Layer, model as functional, sequential } from "../../src/nn/mod.ts";
import type { Model } from "../../src/nn/mod.ts";
import { losses } from "../../src/nn/losses/loss.ts";
import * as optim from "../../src/optim/mod.ts";
import { EVERY_KIND } from "../nn/layers/every_kind.ts";
import { findPython } from "../python.ts";

/** The model of one layer, for the structure of its input. */
function modelOf(
  layer: Layer<unknown, unknown>,
  x: Tree<Variable>,
  dtype: "float32" | "float64",
): Model<unknown, unknown> {
  const symbols = mapTree(x, (value) => input({ shape: value.shape.slice(1), dtype })) as never;
  const model = functional({ inputs: symbols, outputs: layer.apply(symbols) as never, dtype });
  return model.build() as unknown as Model<unknown, unknown>;
}
const values = (tree: unknown) =>
  mapTree(
    tree as Tree<Variable>,
    (leaf) => leaf instanceof Variable ? [leaf.shape, [...leaf.toArray().data]] : leaf,
  );

for (const [kind, cases] of Object.entries(EVERY_KIND)) {
  // What has a function of its own for an option can't be written; that is tested where descriptions are.
  if (kind === "lambda") continue;
  Deno.test(`a model with a ${kind} layer is loaded with the same bits, in both dtypes`, async () => {
    for (const [layer, x] of cases) {
      for (const dtype of ["float32", "float64"] as const) {
        const cast = mapTree(x as Tree<Variable>, (leaf) => leaf.cast(dtype));
        const model = modelOf(layer as Layer<unknown, unknown>, cast, dtype);
        const bytes = model.toBytes();
        const again = await loadModel(bytes) as unknown as Model<unknown, unknown>;
        assertEquals(values(again.predict(cast as never)), values(model.predict(cast as never)));
        assertEquals(again.toBytes(), bytes);
      }
    }
  });
}

const X = [[0.1, 0.5], [0.7, -0.2], [0.3, 0.9], [-0.4, 0.2]];
/** Labels for one probability, for two classes as columns, and for two classes by number. */
const BINARY = [[0], [1], [0], [1]];
const ONE_HOT = [[1, 0], [0, 1], [1, 0], [0, 1]];
const NUMBERS = [0, 1, 0, 1];

/** Trains, saves, loads, and trains on: the losses must be those of a training without a break. */
async function resumes(
  compileOptions: unknown,
  dtype: "float32" | "float64",
  labels: readonly unknown[] = BINARY,
): Promise<void> {
  const make = () => {
    const model = sequential([
      labels === BINARY
        ? dense({ units: 1, activation: "sigmoid" })
        : dense({ units: 2, activation: "softmax" }),
    ], { dtype, seed: 2 });
    model.compile(compileOptions as never);
    return model;
  };
  const fit = { epochs: 2, batchSize: 3, shuffle: true, verbose: 0 } as const;
  const whole = make();
  const { history } = await whole.fit(X, labels as never, { ...fit, epochs: 4 });
  const first = make();
  await first.fit(X, labels as never, fit);
  const second = await loadModel(first.toBytes({ training: true }));
  const rest = await second.fit(X, labels as never, fit);
  assertEquals(rest.history["loss"], history["loss"]!.slice(2));
  assertEquals(second.toBytes({ training: true }), whole.toBytes({ training: true }));
}

const OPTIMIZERS = [
  "sgd",
  "adam",
  "adamW",
  "nadam",
  "radam",
  "rmsprop",
  "adagrad",
  "adadelta",
  "adamax",
  "lion",
  "rprop",
  "asgd",
] as const;
for (const name of OPTIMIZERS) {
  Deno.test(`training by ${name} goes on from a file with the same bits, in both dtypes`, async () => {
    for (const dtype of ["float32", "float64"] as const) {
      await resumes({ optimizer: optim[name]({ learningRate: 0.05 }), loss: "meanSquaredError" }, dtype);
    }
  });
}

for (const name of losses.names.filter((each) => !each.includes("/"))) {
  Deno.test(`training with the loss ${name} goes on from a file with the same bits`, async () => {
    const labels = /^sparse/.test(name) ? NUMBERS : /^categorical/.test(name) ? ONE_HOT : BINARY;
    for (const dtype of ["float32", "float64"] as const) {
      await resumes(
        { optimizer: optim.adam({ learningRate: 0.05, globalClipNorm: 1 }), loss: name },
        dtype,
        labels,
      );
    }
  });
}

const python = await findPython("safetensors", "numpy");
Deno.test({
  name: "Python reads the weights of a model under their names (needs Python with safetensors and numpy)",
  ignore: python === undefined,
}, async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    const model = sequential([dense({ units: 2, name: "out" })]).build([3]);
    await model.save(path);
    const printed = await python!.run(
      `
import sys, json
from safetensors.numpy import load_file
print(json.dumps({k: v.tolist() for k, v in sorted(load_file(sys.argv[1]).items())}))`,
      path,
    );
    const { "out/bias": bias, "out/kernel": kernel } = model.getWeights();
    assertEquals(JSON.parse(printed), {
      "parameters/out/bias": bias!.value,
      "parameters/out/kernel": kernel!.value,
    });
  } finally {
    await Deno.remove(path);
  }
});
