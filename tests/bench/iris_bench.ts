/** Iris, 4-3-1, 30 epochs of full-batch gradient descent, in process. */
import { loadIris, standardScaler } from "../../src/data/mod.ts";
import { dense, sequential } from "../../src/nn/mod.ts";
import { sgd } from "../../src/optim/mod.ts";

const { features, labels } = loadIris({ classes: ["setosa", "versicolor"] });
const x = standardScaler().fitTransform(features);

Deno.bench("Iris, 30 epochs", { warmup: 50 }, async () => {
  const model = sequential([
    dense({ units: 3, activation: "sigmoid" }),
    dense({ units: 1, activation: "sigmoid" }),
  ]);
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy", metrics: ["accuracy"] });
  await model.fit(x, labels, { epochs: 30, batchSize: Infinity });
});
