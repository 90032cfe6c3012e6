import {
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import * as t from "../../../mod.ts";
import {
  applyLayer,
  dense,
  dropout,
  embedding,
  flatten,
  input,
  lambda,
  layerNormalization,
  sequential,
} from "../../../src/nn/mod.ts";
import { apply, parametersOf } from "../apply.ts";
import { key } from "../../../src/random/mod.ts";

Deno.test("a dropout layer drops by its key in training, and does nothing without one", () => {
  const layer = dropout({ rate: 0.5 });
  const x = t.constant([[1, 2, 3, 4, 5, 6, 7, 8]]);
  const train = (seed: number): t.Variable =>
    applyLayer(layer, { parameters: {}, state: {} }, x, { training: true, key: key(seed) }).output;
  assertEquals(apply(layer, x).data, x.data);
  const dropped = train(0);
  dropped.data.forEach((v, i) => assertArrayIncludes([0, 2 * (i + 1)], [v]));
  assertEquals(train(0).data, dropped.data);
  assertNotEquals(train(2).data, dropped.data);
});

Deno.test("a model with dropout drops anew in each batch and epoch, and predicts with everything", async () => {
  const seen: number[][] = [];
  const drop = dropout({ rate: 0.5 });
  const spy = lambda((x: t.Variable, c) => {
    const y = c.call(drop, x);
    if (c.training) seen.push([...y.data]);
    return y;
  });
  const model = sequential([spy, dense({ units: 1, kernelInitializer: "ones" })]);
  model.compile({ optimizer: "sgd", loss: "meanSquaredError", compile: false });
  const x = Array.from({ length: 4 }, () => Array.from({ length: 16 }, () => 1));
  await model.fit(x, [1, 1, 1, 1], { epochs: 2, batchSize: 2 });
  assertEquals(seen.length, 4);
  assertEquals(new Set(seen.map(String)).size, 4);
  const before = model.predict(x).data;
  assertEquals(model.predict(x).data, before);
  assertEquals(new Set(before).size, 1);
  const weights = { parameters: model.parameters, state: {} };
  const applied = applyLayer(model, weights, t.constant(x).cast("float32")).output;
  applied.data.forEach((v, i) => assertAlmostEquals(v, before[i]!, 1e-5));
});

Deno.test("the same seed trains the same model with dropout", async () => {
  const weights = async (): Promise<unknown> => {
    const model = sequential([dropout({ rate: 0.3 }), dense({ units: 1 })], { seed: 5 });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    await model.fit([[1, 2, 3, 4], [4, 3, 2, 1]], [0, 1], { epochs: 3 });
    return Object.values(model.getWeights()).map((w) => w.value);
  };
  assertEquals(await weights(), await weights());
});

Deno.test("a layerNormalization layer starts as layerNorm, with the parameters that are asked for", () => {
  const x = t.constant([[[1, 2, 4], [3, 3, 9]]]);
  const layer = layerNormalization();
  const parameters = parametersOf(layer, [2, 3]);
  assertEquals(Object.entries(parameters).map(([name, v]) => [name, v.shape]), [["gamma", [3]], ["beta", [
    3,
  ]]]);
  assertEquals(layer.apply(input({ shape: [2, 3] })).shape, [2, 3]);
  assertEquals(apply(layer, x, parameters).data, t.layerNorm(x, { epsilon: 1e-3 }).data);
  const first = layerNormalization({ axis: 1, center: false });
  const made = parametersOf(first, [2, 3]);
  assertEquals(Object.entries(made).map(([name, v]) => [name, v.shape]), [["gamma", [2]]]);
  assertEquals(apply(first, x, made).data, t.layerNorm(x, { axis: 1, epsilon: 1e-3 }).data);
  assertEquals(parametersOf(layerNormalization({ center: false, scale: false }), [2]), {});
});

Deno.test("an embedding layer learns the rows that occur", async () => {
  const model = sequential([embedding({ inputDim: 4, outputDim: 2 }), flatten(), dense({ units: 1 })]);
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  model.build([2]);
  const before = model.parameters["embedding/embeddings"]!;
  await model.fit([[0, 1], [1, 3]], [0, 1], { epochs: 2 });
  const after = model.parameters["embedding/embeddings"]!;
  assertEquals(after.shape, [4, 2]);
  assertEquals(after.slice(2, 1).data, before.slice(2, 1).data);
  assertNotEquals(after.slice(1, 1).data, before.slice(1, 1).data);
});

Deno.test("these layers refuse options out of range", () => {
  assertThrows(() => dropout({ rate: 1 }), RangeError, "the rate is 1");
  assertThrows(() => layerNormalization({ epsilon: 0 }), RangeError, "epsilon is 0");
  assertThrows(() => parametersOf(layerNormalization({ axis: 0 }), [2]), RangeError, "axis 0 is the batch");
  assertThrows(() => parametersOf(layerNormalization({ axis: 2 }), [2]), RangeError, "along axis 2");
  assertThrows(() => embedding({ inputDim: 0, outputDim: 1 }), RangeError, "inputDim is 0");
});
