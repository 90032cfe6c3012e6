import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { constant, type Variable } from "../../../mod.ts";
import {
  add,
  concatenate,
  conv2d,
  defineLayer,
  dense,
  embedding,
  flatten,
  input,
  model,
  sequential,
} from "../../../src/nn/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

Deno.test("a graph of layers computes what its parts do, and trains", async () => {
  const x = input({ shape: [3] });
  const h = dense({ units: 3, activation: "tanh" }).apply(x);
  const y = dense({ units: 1 }).apply(add().apply([x, h]));
  const graph = model({ inputs: x, outputs: y, dtype: "float64" });
  const w = graph.getWeights();
  const data = constant([[1, 2, 3], [0, -1, 1]]);
  const hidden = data.matmul(w["dense/kernel"]!).add(w["dense/bias"]!).tanh();
  const expected = data.add(hidden).matmul(w["dense_1/kernel"]!).add(w["dense_1/bias"]!);
  graph.predict(data).data.forEach((v, i) => assertAlmostEquals(v, expected.data[i]!, 1e-12));
  graph.compile({ optimizer: "adam", loss: "meanSquaredError" });
  const { history } = await graph.fit(data, [1, 2], { epochs: 50 });
  assertEquals(history["loss"]!.at(-1)! < history["loss"]![0]!, true);
});

Deno.test("several inputs and outputs have losses, weights and metrics by name", async () => {
  const left = input({ shape: [2] });
  const right = input({ shape: [1] });
  const both = concatenate().apply([left, right]);
  const price = dense({ units: 1, name: "price" }).apply(both);
  const sort = dense({ units: 3, activation: "softmax" }).apply(both);
  const graph = model({ inputs: { left, right }, outputs: { price, sort }, dtype: "float64" });
  const x = { left: [[1, 2], [3, 4], [5, 6]], right: [[0], [1], [0]] };
  const y = { price: [1, 2, 3], sort: [0, 1, 2] };
  graph.compile({
    optimizer: "sgd",
    loss: { price: "meanSquaredError", sort: "sparseCategoricalCrossentropy" },
    lossWeights: { price: 0.5 },
    metrics: { sort: ["accuracy"], price: ["meanAbsoluteError"] },
  });
  const logs = graph.evaluate(x, y);
  assertEquals(Object.keys(logs), [
    "loss",
    "priceLoss",
    "sortLoss",
    "priceMeanAbsoluteError",
    "sortAccuracy",
  ]);
  assertAlmostEquals(logs["loss"]!, 0.5 * logs["priceLoss"]! + logs["sortLoss"]!, 1e-12);
  const { history } = await graph.fit(x, y, { epochs: 2, validationData: [x, y] });
  assertEquals(history["valSortAccuracy"]!.length, 2);
  const { price: prices, sort: sorts } = graph.predict(x);
  assertEquals([prices.shape, sorts.shape], [[3, 1], [3, 3]]);
  assertThrows(
    () => graph.predict({ left: x.left } as never),
    TypeError,
    "expected { left, right }, got { left }",
  );
  assertThrows(
    () => graph.compile({ optimizer: "sgd", loss: { cost: "meanSquaredError" } }),
    TypeError,
    "there is no output cost, use price, sort",
  );
});

Deno.test("a layer that is applied twice is shared, and its gradient counts both", async () => {
  const shared = dense({ units: 1, useBias: false, kernelInitializer: "ones" });
  const [a, b] = [input({ shape: [1] }), input({ shape: [1] })];
  const graph = model({
    inputs: [a, b],
    outputs: add().apply([shared.apply(a), shared.apply(b)]),
    dtype: "float64",
  });
  assertEquals(Object.keys(graph.getWeights()), ["dense/kernel"]);
  graph.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  await graph.fit([[[1]], [[2]]], [0], { batchSize: "full" });
  // The loss is (3 w)^2, its slope at 1 is 18, the rate 0.01.
  assertAlmostEquals(graph.getWeights()["dense/kernel"]!.item(), 0.82, 1e-12);
});

Deno.test("models nest, bring their weights along, and frozen ones stay to the bit", async () => {
  const trunk = sequential([dense({ units: 4, activation: "tanh" }), dense({ units: 2 })], {
    name: "trunk",
    seed: 3,
  });
  const x = uniform(key(1), [20, 3], { dtype: "float32" });
  trunk.compile({ optimizer: "adam", loss: "meanSquaredError" });
  await trunk.fit(x, uniform(key(2), [20, 2], { dtype: "float32" }), { epochs: 3 });
  const before = trunk.getWeights();
  trunk.trainable = false;
  const whole = sequential([trunk, dense({ units: 1, name: "head" })]);
  whole.compile({ optimizer: "adam", loss: "meanSquaredError" });
  await whole.fit(x, uniform(key(3), [20, 1], { dtype: "float32" }), { epochs: 3, batchSize: 8 });
  const after = whole.getWeights();
  for (const [path, value] of Object.entries(before)) assertEquals(after[`trunk/${path}`]!.data, value.data);
  assertEquals(whole.summary().split("\n").at(-1), "total parameters: 29, trained: 3");
  trunk.trainable = true;
  whole.compile({ optimizer: "adam", loss: "meanSquaredError" });
  await whole.fit(x, uniform(key(3), [20, 1], { dtype: "float32" }));
  assertEquals(
    whole.getWeights()["trunk/dense/kernel"]!.data.join() === before["dense/kernel"]!.data.join(),
    false,
  );
});

Deno.test("outputs of inner layers make a model that starts with the weights of the whole one", () => {
  const x = input({ shape: [2] });
  const y = dense({ units: 1 }).apply(dense({ units: 3, activation: "relu", name: "features" }).apply(x));
  const whole = model({ inputs: x, outputs: y, seed: 7 });
  whole.build();
  const inner = model({ inputs: x, outputs: whole.outputOf("features") as typeof y });
  const w = whole.getWeights();
  const data = constant([[1, -2]], { dtype: "float32" });
  assertEquals(
    inner.predict(data).data,
    data.matmul(w["features/kernel"]!).add(w["features/bias"]!).relu().data,
  );
});

Deno.test("shapes of symbols are found by running layers, however large their parameters are", () => {
  const image = input({ shape: [32, 32, 3] });
  const h = conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: "same" }).apply(image);
  assertEquals([h.shape, flatten().apply(h).shape], [[16, 16, 8], [2048]]);
  assertEquals(embedding({ inputDim: 50, outputDim: 4 }).apply(input({ shape: [7] })).shape, [7, 4]);
  const pair = defineLayer("test/pair", () => (x: Variable) => ({ x, twice: x.mul(2) }))().apply(
    input({ shape: [2] }),
  );
  assertEquals([pair.x.shape, pair.twice.shape], [[2], [2]]);
});

Deno.test("mistakes with symbols get errors of their own", () => {
  const x = input({ shape: [2] });
  const other = input({ shape: [3], name: "other" });
  assertThrows(
    () => model({ inputs: x, outputs: dense({ units: 1 }).apply(other) }),
    TypeError,
    "an output is computed from the input other [3] that is not among its inputs",
  );
  assertThrows(() => model({ inputs: x, outputs: {} }), TypeError, "its outputs hold nothing");
  assertThrows(() => dense({ units: 1 }).apply(constant([[1]]) as never), TypeError, "pass what input() or");
  assertThrows(
    () =>
      model({
        inputs: x,
        outputs: dense({ units: 1, name: "a" }).apply(dense({ units: 1, name: "a" }).apply(x)),
      }),
    TypeError,
    'two layers named "a"',
  );
  assertThrows(
    () => defineLayer("test/loses_batch", () => (x: Variable) => x.sum())().apply(x),
    TypeError,
    "results keep the batch axis",
  );
});
