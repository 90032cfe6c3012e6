import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as core from "../../../mod.ts";
import { constant, type Variable } from "../../../mod.ts";
import {
  accuracy,
  activation,
  type ActivationName,
  arrayFromLogs,
  auc,
  confusionMatrix,
  cosineSimilarity,
  dense,
  embedding,
  f1Score,
  type MetricArgument,
  precision,
  r2Score,
  recall,
  type Sequential,
  sequential,
} from "../../../src/nn/mod.ts";
import { sgd } from "../../../src/optim/mod.ts";

/** A model that gives its input. */
function pass(
  width: number,
  loss: string,
  metrics: readonly MetricArgument[],
  last: ActivationName = "linear",
): Sequential {
  const model = sequential([activation(last)], { dtype: "float64" }).build([width]);
  model.compile({ optimizer: "sgd", loss, metrics });
  return model;
}

Deno.test("precision, recall, f1Score and auc take labels that are numbers of classes", () => {
  const metrics = [precision({ average: "macro" }), recall({ average: "macro" }), f1Score(), auc()];
  const x = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]];
  const hot = [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]];
  const sparse = pass(3, "sparseCategoricalCrossentropy", metrics).evaluate(x, [0, 1, 0, 2]);
  const found = pass(3, "categoricalCrossentropy", metrics).evaluate(x, hot);
  assertEquals(sparse, found);
  assertAlmostEquals(found["precision"]!, (1 + 0.5 + 1) / 3, 1e-12);
  assertAlmostEquals(found["recall"]!, (0.5 + 1 + 1) / 3, 1e-12);
  assertAlmostEquals(found["f1Score"]!, (2 / 3 + 2 / 3 + 1) / 3, 1e-12);
});

Deno.test("confusionMatrix() counts labels in rows, for one unit and for several, over batches", () => {
  const one = pass(1, "binaryCrossentropy", [confusionMatrix()])
    .evaluate([[0.2], [0.7], [0.9], [0.4]], [0, 0, 1, 1], { batchSize: 3 });
  assertEquals(arrayFromLogs(one, "confusionMatrix"), [[1, 1], [1, 1]]);
  const several = pass(3, "sparseCategoricalCrossentropy", [confusionMatrix()])
    .evaluate([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.1, 0.8, 0.1]], [0, 0, 1], { batchSize: 2 });
  assertEquals(arrayFromLogs(several, "confusionMatrix"), [[1, 0, 1], [0, 1, 0], [0, 0, 0]]);
  assertThrows(() => arrayFromLogs(several, "auc"), RangeError, "Cannot find the array auc: there are loss");
});

Deno.test("arrays of metrics are in histories, not in the logs of batches, and leave no step out of the program", async () => {
  const model = sequential([dense({ units: 3, activation: "softmax" })]);
  model.compile({
    optimizer: "sgd",
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy", auc(), f1Score({ average: null })],
    compile: true,
  });
  const keys: string[][] = [];
  const { history } = await model.fit([[1, 0], [0, 1], [1, 1], [0, 0]], [0, 1, 2, 0], {
    batchSize: 2,
    epochs: 2,
    callbacks: { onBatchEnd: (_, logs) => void keys.push(Object.keys(logs)) },
  });
  assertEquals(keys[0], ["loss", "accuracy"]);
  assertEquals(Object.keys(history), ["loss", "accuracy", "auc", "f1Score[0]", "f1Score[1]", "f1Score[2]"]);
  assertEquals(history["f1Score[2]"]!.length, 2);
});

Deno.test("a loss as a metric is the metric of its name, with its options", () => {
  const found = pass(2, "mse", [cosineSimilarity(), "mae", "huber", r2Score()])
    .evaluate([[1, 0], [0, 2]], [[2, 0], [0, 3]]);
  assertAlmostEquals(found["cosineSimilarity"]!, 1, 1e-12);
  assertAlmostEquals(found["mae"]!, 0.5, 1e-12);
  assertAlmostEquals(found["huber"]!, 0.25, 1e-12);
});

Deno.test("masked steps count neither in losses nor in metrics", () => {
  const model = sequential([
    embedding({ inputDim: 3, outputDim: 2, maskZero: true, embeddingsInitializer: "identity" }),
    activation("softmax"),
  ], { dtype: "float64" }).build([3]);
  model.compile({
    optimizer: "sgd",
    loss: "sparseCategoricalCrossentropy",
    metrics: [accuracy(), recall({ average: "micro" })],
  });
  // The second step of each is padding, and would be wrong: identity gives class 0 to the index 0, and 2 nothing.
  const found = model.evaluate([[1, 0, 1], [1, 0, 1]], [[1, 1, 1], [1, 1, 0]]);
  assertEquals(found["accuracy"], 0.75);
  assertEquals(found["recall"], 0.75);
});

const SAMPLES = {
  x: [[0.5], [-1], [2], [0.25]],
  weights: [1, 0, 2, 0.5],
};

/** Each loss function of the main door, with labels, and what it computes of one number. */
const FUNCTIONS: readonly [string, number[], number][] = [
  ["meanSquaredError", [1, 0, 2, -1], 1],
  ["meanAbsoluteError", [1, 0, 2, -1], 1],
  ["huber", [1, 0, 2, -1], 1],
  ["hinge", [1, -1, 1, 1], 1],
  ["sigmoidCrossEntropy", [1, 0, 0.5, 1], 1],
  ["poissonNLL", [1, 0, 3, 2], 1],
  ["binaryCrossEntropy", [1, 0, 0.5, 1], 1],
];

for (const [name, labels] of FUNCTIONS) {
  Deno.test(`the function ${name} is a loss and a metric of a model, weighted by example`, () => {
    const f = (core as unknown as Record<string, (y: Variable, p: Variable) => Variable>)[name]!;
    const x = name === "binaryCrossEntropy" ? [[0.5], [0.25], [0.75], [1]] : SAMPLES.x;
    const model = sequential([activation("linear")], { dtype: "float64" }).build([1]);
    const wanted = labels.map((y, i) => f(constant([y]), constant(x[i]!)).item());
    const total = wanted.reduce((sum, value, i) => sum + value * SAMPLES.weights[i]!, 0);
    for (const loss of [f, name]) {
      model.compile({
        optimizer: "sgd",
        loss,
        metrics: [f],
        weightedMetrics: [{ ...accuracy(), name: "right" }],
      });
      const found = model.evaluate(x, labels, { sampleWeight: SAMPLES.weights });
      assertAlmostEquals(found["loss"]!, total / 4, 1e-12);
      assertAlmostEquals(found[name]!, wanted.reduce((a, b) => a + b) / 4, 1e-12);
    }
  });
}

Deno.test("loss functions of logits train as they are, with labels first", async () => {
  for (
    const [loss, units, y] of [
      [core.softmaxCrossEntropy, 2, [[1, 0], [0, 1]]],
      [core.categoricalCrossEntropy, 2, [[1, 0], [0, 1]]],
      [core.sparseCategoricalCrossEntropy, 2, [0, 1]],
      [core.sigmoidCrossEntropy, 1, [0, 1]],
    ] as const
  ) {
    const model = sequential([dense({ units })]);
    model.compile({ optimizer: sgd({ learningRate: 1 }), loss: loss as never, metrics: ["accuracy"] });
    const { history } = await model.fit([[-1], [1]], y as never, { epochs: 30, sampleWeight: [1, 1] });
    assertEquals(history["loss"]!.at(-1)! < 0.1, true, loss.name);
  }
});

Deno.test("predictions that a loss is not defined for are named, before, while and after training", async () => {
  const linear = (loss: string): Sequential => {
    const model = sequential([dense({ units: 1, kernelInitializer: "ones" })]).build([1]);
    model.compile({ optimizer: sgd({ learningRate: 1 }), loss });
    return model;
  };
  const message = "the model predicts -1, which is no probability; end it with";
  await assertRejects(() => linear("binaryCrossentropy").fit([[0.5], [-1]], [0, 1]), RangeError, message);
  assertThrows(() => linear("binaryCrossentropy").evaluate([[0.5], [-1]], [0, 1]), RangeError, message);
  assertThrows(() => linear("binaryCrossentropy").trainOnBatch([[-1]], [0]), RangeError, message);
  assertThrows(() => linear("poisson").evaluate([[-1]], [1]), RangeError, "which is no rate; end it with");
  // At first all are in range.
  await assertRejects(
    () => linear("binaryCrossentropy").fit([[0.5], [0.25]], [1, 1], { epochs: 50 }),
    RangeError,
    "which is no probability",
  );
});

Deno.test("labels out of range are refused, and so are values that are not one for each example", () => {
  assertThrows(
    () => pass(1, "poisson", []).evaluate([[1]], [-1]),
    RangeError,
    "Cannot compute poisson: label -1 in row 0, labels are from 0 up",
  );
  assertThrows(() => pass(1, "hinge", []).evaluate([[1]], [2]), RangeError, "labels are -1 (or 0) and 1");
  assertThrows(
    () => pass(2, "klDivergence", []).evaluate([[1, 0]], [[2, 0]]),
    RangeError,
    "labels are from 0 to 1",
  );
  assertThrows(
    () => pass(3, "sparseCategoricalCrossentropy", ["mae"]).evaluate([[1, 0, 0]], [0]),
    TypeError,
    "Cannot compute mae: labels have shape [1], predictions [1, 3]",
  );
});

const BAD: readonly [() => unknown, ErrorConstructor, string][] = [
  [() => auc({ curve: "roc" as "ROC" }), RangeError, '"ROC"'],
  [() => auc({ treshold: [0.5] } as never), TypeError, 'no option "treshold" (did you mean thresholds?)'],
  [() => precision({ thresholds: 2 }), RangeError, "thresholds is 2"],
  [() => precision({ thresholds: [] }), TypeError, "use a number or a list of some"],
  [() => precision({ average: "mean" as "macro" }), RangeError, 'average is "mean", use "micro"'],
  [() => precision({ average: "macro", topK: 2 }), TypeError, "use either average or topK"],
  [() => f1Score({ threshold: 2 }), RangeError, "threshold is 2"],
  [() => r2Score({ classAggregation: "mean" as never }), RangeError, 'classAggregation is "mean"'],
  [() => confusionMatrix({ numClasses: 1 }), RangeError, "numClasses is 1"],
  [() => cosineSimilarity({ axes: 1 } as never), TypeError, 'no option "axes"'],
];

for (const [f, type, message] of BAD) {
  Deno.test(`metrics refuse bad options: ${message}`, () => {
    assertThrows(f, type, message);
  });
}

const MISUSES: readonly [(model: Sequential) => unknown, ErrorConstructor, string][] = [
  [(m) => m.evaluate([[1]], [1], { batchSize: 0 }), RangeError, "batchSize is 0"],
  [(m) => m.predict([[1]], { batchSize: 0 }), RangeError, "batchSize is 0"],
  [(m) => m.compile(undefined as never), TypeError, "there are no options, pass { optimizer, loss }"],
  [
    (m) => m.compile({ optimizer: "sgd", loss: "mse", metrics: "mae" as never }),
    TypeError,
    "pass a list of them",
  ],
];

for (const [misuse, type, message] of MISUSES) {
  Deno.test(`models refuse: ${message}`, () => {
    assertThrows(() => misuse(pass(1, "mse", [])), type, message);
  });
}

Deno.test("fit() refuses class weights, callbacks and losses that are none", async () => {
  const fit = (options: unknown, loss: unknown = "binaryCrossentropy") => {
    const model = sequential([dense({ units: 1, activation: "sigmoid" })]);
    model.compile({ optimizer: "sgd", loss: loss as "mse" });
    return model.fit([[1], [2]], [1, 0], options as Record<string, never>);
  };
  await assertRejects(() => fit({ classWeight: { 1: -1 } }), TypeError, "classWeight is 1: -1, use finite");
  await assertRejects(() => fit({ classWeight: { yes: 1 } }), TypeError, "classWeight is yes: 1");
  await assertRejects(() => fit({ callbacks: { onEpochEnded() {} } }), TypeError, "did you mean onEpochEnd?");
  await assertRejects(() => fit({}, () => 3), TypeError, "it gives 3, let it return a Variable");
});
