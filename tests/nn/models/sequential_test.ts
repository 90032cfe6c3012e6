import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertNotStrictEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { constant, grad, tape, type Variable } from "../../../mod.ts";
import { loadIris } from "../../../src/data/mod.ts";
import {
  applyLayer,
  dense,
  earlyStopping,
  flatten,
  type ModelParameters,
  sequential,
} from "../../../src/nn/mod.ts";
import { adam, rmsprop, sgd } from "../../../src/optim/mod.ts";
import trajectories from "../../fixtures/iris_trajectories.json" with { type: "json" };

const XOR_X = [[0, 0], [0, 1], [1, 0], [1, 1]];
const XOR_Y = [0, 1, 1, 0];

for (const [i, { init, losses, last }] of trajectories.entries()) {
  Deno.test(`the 30 losses of the 4-3-1 run ${i} equal the independent float64 run`, async () => {
    const { features, labels } = loadIris({ classes: ["setosa", "versicolor"], dtype: "float64" });
    const model = sequential([
      dense({ units: 3, activation: "sigmoid" }),
      dense({ units: 1, activation: "sigmoid" }),
    ], { dtype: "float64" }).build([4]);
    model.setParameters({
      "dense/kernel": constant(init.W1).transpose(),
      "dense/bias": init.b1,
      "dense_1/kernel": constant(init.W2).reshape([3, 1]),
      "dense_1/bias": [init.b2],
    });
    model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy" });
    const { history } = await model.fit(features, labels, { epochs: 30, batchSize: Infinity });
    history["loss"]!.forEach((loss, epoch) => assertAlmostEquals(loss, losses[epoch]!, 1e-10));
    assertAlmostEquals(model.evaluate(features, labels)["loss"]!, last, 1e-10);
    assertEquals(tape.length, 0);
  });
}

Deno.test("the same seed gives the same bits, another seed others", async () => {
  const run = async (seed: number): Promise<number[]> => {
    const { features, labels } = loadIris();
    const model = sequential([
      dense({ units: 4, activation: "tanh" }),
      dense({ units: 3, activation: "softmax" }),
    ], {
      seed,
    });
    model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: "sparseCategoricalCrossentropy" });
    return (await model.fit(features, labels, { epochs: 3 })).history["loss"]!;
  };
  assertEquals(await run(5), await run(5));
  assertNotStrictEquals((await run(5))[0], (await run(6))[0]);
});

Deno.test("labels 0 and 1 with logits of 1000 give finite loss and gradient", () => {
  for (
    const [activation, loss] of [["sigmoid", "binaryCrossentropy"], [
      "softmax",
      "categoricalCrossentropy",
    ]] as const
  ) {
    const model = sequential([dense({ units: 2, activation, useBias: false })], { dtype: "float64" }).build([
      2,
    ]);
    model.setParameters({ "dense/kernel": [[1000, 0], [0, -1000]] });
    model.compile({ optimizer: "sgd", loss });
    const { loss: value } = model.evaluate([[1, 1]], [[0, 1]]);
    assert(Number.isFinite(value) && value! >= 1000, `${activation}: ${value}`);
  }
});

Deno.test("a model learns XOR, records accuracy and validation, and stops early", async () => {
  const model = sequential([dense({ units: 8, activation: "tanh" })], { seed: 1 });
  model.add(dense({ units: 1, activation: "sigmoid" }));
  model.compile({
    optimizer: adam({ learningRate: 0.1 }),
    loss: "binaryCrossentropy",
    metrics: ["accuracy"],
  });
  const { history, epoch } = await model.fit(XOR_X, XOR_Y, {
    epochs: 500,
    validationData: [XOR_X, XOR_Y],
    callbacks: [{ onEpochEnd: (_, logs) => logs["loss"]! < 0.05 ? false : undefined }],
  });
  assertLess(epoch.length, 500);
  assertEquals(history["valAccuracy"]!.at(-1), 1);
  assertEquals(model.predict(XOR_X).data.map((p) => Math.round(p)), new Float32Array(XOR_Y));
  assertEquals(Object.keys(history), ["loss", "accuracy", "valLoss", "valAccuracy"]);
});

Deno.test("earlyStopping() waits as long as it is told", () => {
  const stop = earlyStopping({ monitor: "loss", patience: 2 });
  assertEquals([3, 2, 2.5, 2.4].map((loss, i) => stop.onEpochEnd!(i, { loss })), [
    undefined,
    undefined,
    undefined,
    false,
  ]);
  assertThrows(() => earlyStopping().onEpochEnd!(0, { loss: 1 }), RangeError, "not valLoss");
});

Deno.test("optimizers fit a line", async () => {
  for (
    const optimizer of [
      sgd({ learningRate: 0.1, momentum: 0.5 }),
      adam({ learningRate: 0.1 }),
      rmsprop({ learningRate: 0.02 }),
    ]
  ) {
    const model = sequential([dense({ units: 1 })]);
    model.compile({ optimizer, loss: "meanSquaredError" });
    await model.fit([[0], [1], [2]], [1, 3, 5], { epochs: 400 });
    assertAlmostEquals(model.predict([[3]]).item(), 7, 0.1, optimizer.name);
  }
});

Deno.test("grad works over applyLayer", () => {
  const model = sequential([flatten(), dense({ units: 1 })]).build([1, 2]);
  const x = constant([[[1, 2]]], { dtype: "float32" });
  const total = (parameters: ModelParameters) => applyLayer(model, { parameters, state: {} }, x).output.sum();
  const gradient = grad(total)(model.parameters);
  assertEquals(gradient["dense/kernel"]!.value, [[1], [2]]);
  assertEquals(gradient["dense/bias"]!.value, [1]);
});

Deno.test("summary() lists layers, shapes and parameters", () => {
  const model = sequential([dense({ units: 3, activation: "relu" }), dense({ units: 1 })]).build([4]);
  assertEquals(model.summary().split("\n").map((line) => line.replace(/ {2,}/g, " | ")), [
    "sequential (float32)",
    "layer | output shape | parameters",
    "dense | [batch, 3] | 15",
    "dense_1 | [batch, 1] | 4",
    "total parameters: 19",
  ]);
});

Deno.test("mistakes with models get errors of their own", async () => {
  const model = sequential([dense({ units: 2 })]);
  const mse = { optimizer: "sgd", loss: "meanSquaredError" } as const;
  await assertRejects(() => model.fit([[1]], [1]), TypeError, "call compile(");
  assertThrows(() => model.predict([[1]]), TypeError, "no parameters yet");
  assertThrows(
    () => model.compile({ optimizer: "sgd", loss: "meanSquareError" }),
    RangeError,
    'Unknown loss: "meanSquareError" (did you mean meanSquaredError?), use one of',
  );
  assertThrows(() => model.compile({ ...mse, optimizer: "sdg" as never }), RangeError, "Unknown optimizer");
  model.compile(mse);
  await assertRejects(() => model.fit([[1], [2]], [1]), TypeError, "numbers of rows differ");
  await assertRejects(() => model.fit([[1]], [[1, 2]], { epochs: 0 }), RangeError, "epochs is 0");
  await assertRejects(() => model.fit([[1]], [[1, 2, 3]]), TypeError, "labels have shape [1, 3]");
  await assertRejects(() => model.fit([[1, 2]], [[1, 2]]), TypeError, "it takes [1, 1]");
  assertThrows(() => model.add(dense({ units: 1 })), TypeError, "has been built already");
  assertThrows(() => dense({ units: 0 }), RangeError, "units is 0");
  assertThrows(() => dense({ units: 1, activation: "swish" as never }), RangeError, "Unknown activation");
  model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  assertThrows(() => model.evaluate([[1]], [2]), RangeError, "label 2 in row 0");
  assertThrows(() => sgd({ learningRate: -1 }), RangeError, "learningRate is -1");
});

Deno.test("a loss of one's own is taken as a function", () => {
  const model = sequential([dense({ units: 1 })], { dtype: "float64" }).build([1]);
  model.setParameters({ "dense/kernel": [[2]], "dense/bias": [0] });
  model.compile({ optimizer: "sgd", loss: (y: Variable, p: Variable) => p.sub(y).abs().max() });
  assertEquals(model.evaluate([[1], [2]], [1, 1])["loss"], 3);
});
