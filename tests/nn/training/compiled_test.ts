/** Models train, measure and predict compiled as they do eagerly. */
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { constant, type Variable } from "../../../mod.ts";
import { conv2d, dense, flatten, layerNormalization, maxPooling2d, sequential } from "../../../src/nn/mod.ts";
import type { Layer, LossName } from "../../../src/nn/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

interface Case {
  readonly layers: () => Layer[];
  readonly input: readonly number[];
  readonly loss: LossName;
  readonly labels: (rows: number) => Variable;
}

const classes = (rows: number, count: number): Variable =>
  constant(Array.from({ length: rows }, (_, i) => i % count), { dtype: "float32" });

const CASES: Record<string, Case> = {
  "a classifier with two classes": {
    layers: () => [dense({ units: 8, activation: "tanh" }), dense({ units: 1, activation: "sigmoid" })],
    input: [4],
    loss: "binaryCrossentropy",
    labels: (rows) => classes(rows, 2),
  },
  "a classifier with several classes": {
    layers: () => [
      dense({ units: 16, activation: "relu" }),
      layerNormalization(),
      dense({ units: 3, activation: "softmax" }),
    ],
    input: [5],
    loss: "sparseCategoricalCrossentropy",
    labels: (rows) => classes(rows, 3),
  },
  "a regression": {
    layers: () => [dense({ units: 6, activation: "gelu" }), dense({ units: 1 })],
    input: [3],
    loss: "meanSquaredError",
    labels: (rows) => constant(Float32Array.from({ length: rows }, (_, i) => Math.sin(i))),
  },
  "a small convolutional network": {
    layers: () => [
      conv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 3, activation: "softmax" }),
    ],
    input: [8, 8, 1],
    loss: "sparseCategoricalCrossentropy",
    labels: (rows) => classes(rows, 3),
  },
};

for (const [name, { layers, input, loss, labels }] of Object.entries(CASES)) {
  Deno.test(`${name} has the same losses, weights and predictions compiled and eager`, async () => {
    const x = uniform(key(3), [24, ...input], { dtype: "float32" });
    const y = labels(24);
    const train = async (compile: boolean) => {
      const model = sequential(layers(), { seed: 1 });
      model.compile({ optimizer: "adam", loss, metrics: [], compile });
      const { history } = await model.fit(x, y, { epochs: 6, batchSize: 8 });
      return { model, losses: history["loss"]! };
    };
    const [compiled, eager] = [await train(true), await train(false)];
    assertEquals(compiled.losses.length, 6);
    compiled.losses.forEach((l, i) => assertAlmostEquals(l, eager.losses[i]!, 2e-5));
    assertLess(compiled.losses.at(-1)!, compiled.losses[0]!);
    const [a, b] = [compiled.model.predict(x).data, eager.model.predict(x).data];
    a.forEach((p, i) => assertAlmostEquals(p, b[i]!, 1e-3));
    const [m, n] = [compiled.model.evaluate(x, y), eager.model.evaluate(x, y)];
    assertAlmostEquals(m["loss"]!, n["loss"]!, 1e-4);
  });
}
