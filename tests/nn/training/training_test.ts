import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { constant, type Variable } from "../../../mod.ts";
import {
  batchNormalization,
  defineMetric,
  dense,
  dropout,
  embedding,
  lambda,
  maskOf,
  type ModelState,
  type Sequential,
  sequential,
  sparseCategoricalCrossentropy,
  type Totals,
} from "../../../src/nn/mod.ts";
import { adam, sgd } from "../../../src/optim/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

const X = uniform(key(1), [50, 4], { dtype: "float32" });
const Y = constant(Array.from({ length: 50 }, (_, i) => i % 3), { dtype: "float32" });

function classifier(seed = 0): Sequential {
  const model = sequential([
    dense({ units: 8, activation: "relu" }),
    batchNormalization(),
    dropout({ rate: 0.4 }),
    dense({ units: 3, activation: "softmax" }),
  ], { seed });
  model.compile({
    optimizer: adam({ learningRate: 0.01 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

const bitsOf = (model: Sequential): unknown =>
  Object.entries(model.getWeights()).map(([path, value]) => [path, [...value.data]]);

Deno.test("going on from a saved state gives the bits of the uninterrupted training", async () => {
  const whole = classifier();
  const { history } = await whole.fit(X, Y, { epochs: 5, batchSize: 16 });
  const first = classifier();
  const begin = await first.fit(X, Y, { epochs: 2, batchSize: 16 });
  const state = first.trainingState();
  await first.fit(X, Y, { epochs: 1 });
  const second = classifier();
  second.build([4]);
  // As a file would hold it: numbers only.
  const plain = JSON.parse(JSON.stringify(toNumbers(state))) as ModelState;
  second.setTrainingState(plain);
  const end = await second.fit(X, Y, { epochs: 5, initialEpoch: 2, batchSize: 16 });
  assertEquals([...begin.history["loss"]!, ...end.history["loss"]!], history["loss"]);
  assertEquals([...begin.history["accuracy"]!, ...end.history["accuracy"]!], history["accuracy"]);
  assertEquals(bitsOf(second), bitsOf(whole));
});

function toNumbers(tree: unknown): unknown {
  if (typeof tree !== "object" || tree === null) return tree;
  if ("value" in tree && "rank" in tree) return (tree as Variable).value;
  return Object.fromEntries(Object.entries(tree).map(([name, entry]) => [name, toNumbers(entry)]));
}

Deno.test("a state of another model is refused", async () => {
  const model = classifier();
  await model.fit(X, Y);
  const state = model.trainingState();
  assertThrows(
    () => classifier(1).build([4]).setTrainingState(state),
    TypeError,
    "with the seed 0, this one has 1",
  );
  const other = sequential([dense({ units: 3 })]).build([4]);
  other.compile({ optimizer: "adam", loss: "meanSquaredError" });
  assertThrows(
    () => other.setTrainingState(state),
    TypeError,
    "there is no optimizer/slots/m/batchNormalization/gamma",
  );
});

Deno.test("dropout and batch normalization do not switch compilation off, and have the same bits eagerly", async () => {
  const train = async (compile: boolean) => {
    const model = sequential([
      dense({ units: 8, activation: "tanh" }),
      dropout({ rate: 0.5 }),
      batchNormalization(),
      dense({ units: 3, activation: "softmax" }),
    ], { dtype: "float64" });
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", compile });
    const { history } = await model.fit(X, Y, { epochs: 3, batchSize: 16 });
    return { losses: history["loss"]!, weights: model.getWeights() };
  };
  const [compiled, eager] = [await train(true), await train(false)];
  compiled.losses.forEach((loss, i) => assertAlmostEquals(loss, eager.losses[i]!, 1e-12));
  for (const [path, value] of Object.entries(compiled.weights)) {
    value.data.forEach((v, i) => assertAlmostEquals(v, eager.weights[path]!.data[i]!, 1e-12));
  }
});

Deno.test("iterables of batches train as arrays do, sync and async", async () => {
  const batches = [0, 16, 32, 48].map((start) => {
    const count = Math.min(16, 50 - start);
    return [X.slice(start, count), Y.slice([start], [count])] as const;
  });
  const whole = classifier();
  const expected = await whole.fit(X, Y, { epochs: 2, batchSize: 16, shuffle: false });
  const sources = {
    sync: { [Symbol.iterator]: () => batches[Symbol.iterator]() },
    async: {
      async *[Symbol.asyncIterator]() {
        for (const batch of batches) {
          await new Promise((done) => setTimeout(done, 1));
          yield batch;
        }
      },
    },
  };
  for (const source of Object.values(sources)) {
    const model = classifier();
    const { history } = await model.fit(source, { epochs: 2 });
    assertEquals(history, expected.history);
    assertEquals(bitsOf(model), bitsOf(whole));
    const [found, wanted] = [await model.evaluate(source), whole.evaluate(X, Y, { batchSize: 16 })];
    assertAlmostEquals(found["loss"]!, wanted["loss"]!, 1e-6);
    assertEquals(found["accuracy"], wanted["accuracy"]);
  }
});

Deno.test("a generator serves several epochs with stepsPerEpoch, and says so without", async () => {
  function* endless() {
    while (true) yield [X.slice(0, 8), Y.slice([0], [8])];
  }
  const { history } = await classifier().fit(endless(), { epochs: 3, stepsPerEpoch: 2 });
  assertEquals(history["loss"]!.length, 3);
  function* one() {
    yield [X, Y];
  }
  await assertRejects(
    () => classifier().fit(one(), { epochs: 2 }),
    TypeError,
    "a generator can be used once",
  );
  await assertRejects(
    () => classifier().fit(one(), { stepsPerEpoch: 2 }),
    TypeError,
    "ended after 1 of 2 batches",
  );
  await assertRejects(() => classifier().fit([][Symbol.iterator]()), TypeError, "gave no batch");
});

Deno.test("weights of examples are as if examples were left out or repeated", async () => {
  const line = (): Sequential => {
    const model = sequential([dense({ units: 1, kernelInitializer: "zeros" })], { dtype: "float64" });
    model.compile({
      optimizer: sgd({ learningRate: 0.1 }),
      loss: "meanSquaredError",
      weightedMetrics: ["meanAbsoluteError"],
    });
    return model;
  };
  const weighted = line();
  await weighted.fit([[1], [2], [3]], [2, 4, 100], { sampleWeight: [2, 1, 0], batchSize: "full", epochs: 4 });
  const repeated = line();
  await repeated.fit([[1], [1], [2]], [2, 2, 4], { batchSize: "full", epochs: 4 });
  const [a, b] = [weighted.getWeights(), repeated.getWeights()];
  for (const path of Object.keys(a)) assertAlmostEquals(a[path]!.data[0]!, b[path]!.data[0]!, 1e-12);
  const logs = weighted.evaluate([[1], [2], [3]], [2, 4, 100], { sampleWeight: [2, 1, 0] });
  const expected = repeated.evaluate([[1], [1], [2]], [2, 2, 4]);
  assertAlmostEquals(logs["loss"]!, expected["loss"]!, 1e-12);
  assertThrows(() => line().build([1]).evaluate([[1]], [1], { sampleWeight: [-1] }), RangeError, "by -1");
});

Deno.test("classWeight weighs examples by their labels", async () => {
  const train = async (options: object): Promise<unknown> => {
    const model = sequential([dense({ units: 3, activation: "softmax" })], { dtype: "float64" });
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    await model.fit(X, Y, { epochs: 2, ...options });
    return bitsOf(model);
  };
  const weights = [...Y.data].map((label) => label === 1 ? 3 : 1);
  assertEquals(await train({ classWeight: { 1: 3 } }), await train({ sampleWeight: weights }));
  assertNotEquals(await train({ classWeight: { 1: 3 } }), await train({}));
});

Deno.test("timers tick while a model trains, and a signal ends it where it can go on", async () => {
  const model = classifier();
  const controller = new AbortController();
  let ticks = 0;
  const timer = setInterval(() => {
    if (++ticks === 3) controller.abort(new RangeError("enough"));
  }, 5);
  try {
    await assertRejects(
      () => model.fit(X, Y, { epochs: 100_000, batchSize: 8, signal: controller.signal }),
      RangeError,
      "enough",
    );
  } finally {
    clearInterval(timer);
  }
  assertEquals(ticks, 3);
  const { history } = await model.fit(X, Y, { epochs: 1 });
  assert(Number.isFinite(history["loss"]![0]!));
  await assertRejects(
    () => model.fit(X, Y, { signal: AbortSignal.abort(new TypeError("no")) }),
    TypeError,
    "no",
  );
});

Deno.test("trainOnBatch() takes a step and tells the numbers before it", () => {
  const model = classifier();
  model.build([4]);
  const before = model.evaluate(X, Y, { batchSize: 50 });
  const first = model.trainOnBatch(X, Y);
  assertNotEquals(first, before); // dropout
  for (let i = 0; i < 60; i++) model.trainOnBatch(X, Y);
  assertLess(model.evaluate(X, Y)["loss"]!, before["loss"]!);
});

Deno.test("the learning rate is read and changed without a new program", async () => {
  const model = sequential([dense({ units: 1, kernelInitializer: "zeros", useBias: false })], {
    dtype: "float64",
  });
  model.compile({ optimizer: sgd({ learningRate: 0.5 }), loss: "meanSquaredError" });
  model.build([1]);
  assertEquals(model.learningRate, 0.5);
  model.learningRate = 0.25;
  await model.fit([[1]], [1]);
  assertEquals(model.getWeights()["dense/kernel"]!.item(), 0.5);
  assertThrows(() => (model.learningRate = -1), RangeError, "Cannot set the learning rate to -1");
});

Deno.test("labels that are to be ignored and masked steps do not count", () => {
  const loss = sparseCategoricalCrossentropy({ ignoreIndex: -1 });
  const model = sequential([dense({ units: 2, activation: "softmax", kernelInitializer: "ones" })], {
    dtype: "float64",
  });
  model.compile({ optimizer: "sgd", loss, metrics: [loss] });
  model.build([1]);
  assertAlmostEquals(model.evaluate([[1], [5], [2]], [0, -1, 1])["loss"]!, Math.log(2), 1e-12);
  const sequence = sequential([
    embedding({ inputDim: 5, outputDim: 2, maskZero: true }),
    dense({ units: 3, activation: "softmax" }),
  ], { dtype: "float64" });
  sequence.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  sequence.build([3]);
  const padded = sequence.evaluate([[1, 2, 0]], [[0, 1, 2]]);
  const p = sequence.predict([[1, 2, 0]]);
  const at = (t: number, c: number): number => p.data[t * 3 + c]!;
  assertAlmostEquals(padded["loss"]!, -(Math.log(at(0, 0)) + Math.log(at(1, 1))) / 2, 1e-12);
});

Deno.test("masks pass through layers that keep the steps", () => {
  const seen: unknown[] = [];
  const model = sequential([
    embedding({ inputDim: 3, outputDim: 2, maskZero: true }),
    dense({ units: 4 }),
    lambda((x: Variable) => {
      seen.push(maskOf(x)?.value);
      return x;
    }),
  ]);
  model.build([2]).predict([[1, 0]]);
  assertEquals(seen.at(-1), [[1, 0]]);
});

Deno.test("totals may be arrays, which are read at the end of an epoch", async () => {
  const histogram = defineMetric("test/spread", () => ({
    totals: { counts: [3] },
    update: ({ counts }: Totals, y: Variable) => ({
      counts: counts!.add(y.reshape([-1, 1]).eq([0, 1, 2]).sum({ axis: 0 }).cast("float64")),
    }),
    result: ({ counts }: Totals) => counts!.max().sub(counts!.min()),
  }));
  const model = sequential([dense({ units: 3, activation: "softmax" })]);
  model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: [histogram()] });
  const seen: string[] = [];
  const { history } = await model.fit(X, Y, {
    epochs: 2,
    batchSize: 20,
    callbacks: { onBatchEnd: (_, logs) => void seen.push(Object.keys(logs).join()) },
  });
  assertEquals(history["test/spread"], [1, 1]);
  assertEquals(new Set(seen), new Set(["loss"]));
});

Deno.test("predict() of no rows has no rows, and batches join to what one batch gives", () => {
  const model = classifier().build([4]);
  assertEquals(model.predict(X.slice(0, 0)).shape, [0, 3]);
  const parts = model.predict(X, { batchSize: 7 }).data;
  model.predict(X, { batchSize: 50 }).data.forEach((v, i) => assertAlmostEquals(v, parts[i]!, 1e-6));
});
