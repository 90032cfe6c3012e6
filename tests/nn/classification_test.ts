/** Small models learn to tell classes apart, in examples that they have not seen. */
import { assert } from "@std/assert";
import type { NdArray } from "../../mod.ts";
import { kFold, loadIris, makeDigits, makeSpirals, standardScaler } from "../../src/data/mod.ts";
import { conv2d, dense, flatten, maxPooling2d, type Sequential, sequential } from "../../src/nn/mod.ts";
import { adam } from "../../src/optim/mod.ts";

function classifier(model: Sequential, learningRate: number): Sequential {
  model.compile({
    optimizer: adam({ learningRate }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

const accuracyOf = (
  model: Sequential,
  { features, labels }: { features: NdArray; labels: NdArray },
): number => model.evaluate(features, labels)["accuracy"]!;

Deno.test("a small model tells the Iris species apart in each part of a cross-validation", async () => {
  const accuracies: number[] = [];
  for (const { train, test } of kFold(loadIris(), { folds: 5 })) {
    const scaler = standardScaler().fit(train.features);
    const model = classifier(
      sequential([dense({ units: 8, activation: "tanh" }), dense({ units: 3, activation: "softmax" })]),
      0.03,
    );
    await model.fit(scaler.transform(train.features), train.labels, { epochs: 60, batchSize: 16 });
    accuracies.push(accuracyOf(model, { features: scaler.transform(test.features), labels: test.labels }));
  }
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy) / accuracies.length;
  assert(mean >= 0.95, `${accuracies}`);
});

Deno.test("a small model tells the arms of spirals apart", async () => {
  const train = makeSpirals({ count: 400, classes: 3, seed: 1 });
  const test = makeSpirals({ count: 300, classes: 3, seed: 2 });
  const model = classifier(
    sequential([
      dense({ units: 32, activation: "tanh" }),
      dense({ units: 32, activation: "tanh" }),
      dense({ units: 3, activation: "softmax" }),
    ]),
    0.01,
  );
  await model.fit(train.features, train.labels, { epochs: 150 });
  const accuracy = accuracyOf(model, test);
  assert(accuracy >= 0.99, `${accuracy}`);
});

Deno.test("a small convolutional network reads digits it has not seen", async () => {
  const train = makeDigits({ count: 3000, size: 16, seed: 1 });
  const test = makeDigits({ count: 500, size: 16, seed: 2 });
  const model = classifier(
    sequential([
      conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 10, activation: "softmax" }),
    ]),
    0.005,
  );
  await model.fit(train.features, train.labels, { epochs: 8 });
  const accuracy = accuracyOf(model, test);
  assert(accuracy >= 0.98, `${accuracy}`);
});
