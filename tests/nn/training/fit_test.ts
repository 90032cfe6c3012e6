import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { constant, NdArray, tape, type Variable, variable } from "../../../mod.ts";
import { loadIris } from "../../../src/data/mod.ts";
import { dense, type FitOptions, type Sequential, sequential } from "../../../src/nn/mod.ts";
import { adam, type Optimizer, sgd } from "../../../src/optim/mod.ts";

const X = [[1], [2], [3], [4], [5]];
const Y = [2, 4, 6, 8, 10];

/** `w x` from w = 0, float64, mean squared error. */
function line(optimizer: Optimizer = sgd({ learningRate: 0.01 })): Sequential {
  const model = sequential([dense({ units: 1, useBias: false, kernelInitializer: "zeros" })], {
    dtype: "float64",
  });
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

const weightOf = (model: Sequential): number => Object.values(model.getWeights())[0]!.item();

Deno.test("the loss of an epoch is the mean over examples, each batch taken before its update", async () => {
  const model = line();
  const { history, epoch } = await model.fit(X, Y, { epochs: 2, batchSize: 2, shuffle: false });
  let w = 0;
  const expected = [0, 1].map(() => {
    let sum = 0;
    for (const rows of [[1, 2], [3, 4], [5]]) {
      sum += rows.reduce((s, x) => s + (w * x - 2 * x) ** 2, 0);
      w -= 0.01 * rows.reduce((s, x) => s + 2 * (w * x - 2 * x) * x, 0) / rows.length;
    }
    return sum / 5;
  });
  expected.forEach((loss, k) => assertAlmostEquals(history["loss"]![k]!, loss, 1e-12));
  assertAlmostEquals(weightOf(model), w, 1e-12);
  assertEquals(epoch, [0, 1]);
});

for (const batchSize of ["full", Infinity, 5, 99] as const) {
  Deno.test(`batchSize ${batchSize} takes all five examples in one step`, async () => {
    const model = line();
    const batches: number[] = [];
    const { history } = await model.fit(X, Y, {
      batchSize,
      callbacks: { onBatchEnd: (batch) => void batches.push(batch) },
    });
    assertEquals(batches, [0]);
    assertEquals(history["loss"], [44]);
    assertAlmostEquals(weightOf(model), 0.44, 1e-12);
  });
}

Deno.test("labels and examples are taken as Variables, arrays, nested and typed arrays alike", async () => {
  const inputs = [
    [X, Y],
    [new NdArray(Float64Array.from(X.flat()), [5, 1]), Float64Array.from(Y)],
    [constant(X), constant(Y).reshape([5, 1])],
    [variable(X, { dtype: "float32" }), Int32Array.from(Y)],
  ] as const;
  for (const [x, y] of inputs) {
    const model = line();
    await model.fit(x, y, { batchSize: "full" });
    assertAlmostEquals(weightOf(model), 0.44, 1e-12);
  }
  tape.clear();
});

Deno.test("batches and splits cut between whole examples", async () => {
  const seen: unknown[] = [];
  const see = (y: Variable, p: Variable): Variable => {
    seen.push(y.value, p.value);
    return p.sub(y).square().mean();
  };
  const model = sequential([dense({ units: 2, useBias: false })]).build([2]);
  model.setParameters({ "dense/kernel": [[1, 0], [0, 1]] });
  model.compile({ optimizer: sgd({ learningRate: 0 }), loss: see });
  const x = [[1, 2], [3, 4], [5, 6], [7, 8]];
  await model.fit(x, x, { batchSize: 2, shuffle: false, validationSplit: 0.25 });
  const parts = [[[1, 2], [3, 4]], [[5, 6]], [[7, 8]]];
  assertEquals(seen, parts.flatMap((part) => [part, part]));
});

Deno.test("validationSplit keeps the last examples for measuring", async () => {
  const model = line();
  const { history } = await model.fit(X, Y, { epochs: 3, batchSize: "full", validationSplit: 0.4 });
  const known = line();
  const other = await known.fit(X.slice(0, 3), Y.slice(0, 3), {
    epochs: 3,
    batchSize: "full",
    validationData: [X.slice(3), Y.slice(3)],
  });
  assertEquals(history, other.history);
  assertEquals(Object.keys(history), ["loss", "valLoss"]);
  assertEquals(history["valLoss"]!.at(-1), known.evaluate(X.slice(3), Y.slice(3))["loss"]);
});

Deno.test("initialEpoch goes on counting, and two trainings in a row equal one", async () => {
  const once = line(sgd({ learningRate: 0.01, momentum: 0.9 }));
  const twice = line(sgd({ learningRate: 0.01, momentum: 0.9 }));
  const whole = await once.fit(X, Y, { epochs: 4, batchSize: 2 });
  const first = await twice.fit(X, Y, { epochs: 2, batchSize: 2 });
  const second = await twice.fit(X, Y, { epochs: 4, initialEpoch: 2, batchSize: 2 });
  assertEquals(second.epoch, [2, 3]);
  assertEquals([...first.history["loss"]!, ...second.history["loss"]!], whole.history["loss"]);
});

Deno.test("each epoch has an order of its own, and every example once", async () => {
  const seen: number[][] = [];
  let current: number[] = [];
  const model = line(sgd({ learningRate: 0 }));
  const recorder = (y: Variable, p: Variable): Variable => {
    current.push(...y.data);
    return p.sub(y).square().mean();
  };
  model.compile({ optimizer: sgd({ learningRate: 0 }), loss: recorder });
  await model.fit(X, Y, {
    epochs: 8,
    batchSize: 2,
    callbacks: {
      onEpochBegin: () => void (current = []),
      onEpochEnd: () => void seen.push(current),
    },
  });
  seen.forEach((order) => assertEquals(order.toSorted((a, b) => a - b), Y));
  assertGreater(new Set(seen.map((order) => order.join())).size, 4);
});

Deno.test("fit(), evaluate() and predict() leave the tape and the caller's Variables alone", async () => {
  const x = variable(X);
  const mark = tape.length;
  const model = line();
  await model.fit(x, Y, { epochs: 2, validationData: [x, Y] });
  model.evaluate(x, Y);
  const output = model.predict(x);
  assertEquals(tape.length, mark);
  assertEquals([output.trainable, x.grad], [false, null]);
});

Deno.test("verbose 1 prints one line per epoch, verbose 0 none", async () => {
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string): void => void lines.push(line);
  try {
    await line().fit(X, Y, { epochs: 2, batchSize: "full", verbose: 1 });
    await line().fit(X, Y);
  } finally {
    console.log = log;
  }
  assertEquals(lines.length, 2);
  assertEquals(lines[0], "Epoch 1/2  loss 44.0000");
});

Deno.test("a loss that is no number ends training with an error, and keeps the parameters before it", async () => {
  const model = line(sgd({ learningRate: 1e200 }));
  await assertRejects(
    () => model.fit(X, Y, { epochs: 9, batchSize: "full" }),
    RangeError,
    "Cannot go on training: the loss is Infinity in epoch 1, batch 0; lower the learning rate",
  );
  assert(Number.isFinite(weightOf(model)), String(weightOf(model)));
  await assertRejects(() => line().fit([[NaN]], [1]), RangeError, "the loss is NaN in epoch 0, batch 0");
});

const BAD_OPTIONS: readonly [FitOptions, string][] = [
  [{ epochs: 1.5 }, "epochs is 1.5, use an integer from 1 up"],
  [{ batchSize: 0 }, "batchSize is 0"],
  [{ batchSize: "all" as "full" }, 'batchSize is "all"'],
  [{ epochs: 2, initialEpoch: 2 }, "initialEpoch is 2, use an integer from 0 up, less than epochs, 2"],
  [{ validationSplit: 1 }, "validationSplit is 1, use more than 0, less than 1"],
  [{ validationSplit: 0.05 }, "validationSplit is 0.05, which leaves 5 of 5 examples to train on"],
  [{ validationSplit: 0.5, validationData: [X, Y] }, "both are given"],
];

for (const [options, message] of BAD_OPTIONS) {
  Deno.test(`fit() refuses bad options: ${message}`, async () => {
    await assertRejects(() => line().fit(X, Y, options), RangeError, message);
  });
}

Deno.test("shapes that do not fit are named with the model and the shapes", async () => {
  const model = sequential([dense({ units: 2 })], { name: "small" });
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  await assertRejects(() => model.fit([], []), TypeError, "Cannot feed small an array of shape [0]");
  await assertRejects(() => model.fit([1, 2], [1, 2]), TypeError, "expected [features]");
  model.build([3]);
  await assertRejects(
    () => model.fit([[1, 2]], [[1, 2]]),
    TypeError,
    "Cannot feed small an array of shape [1, 2]: it takes [1, 3]",
  );
  await assertRejects(
    () => model.fit([[1, 2, 3]], [[1, 2, 3], [4, 5, 6]]),
    TypeError,
    "examples of shape [1, 3] with labels of shape [2, 3]: the numbers of rows differ",
  );
  await assertRejects(
    () => model.fit([[1, 2, 3]], [1]),
    TypeError,
    "labels have shape [1], the model gives [1, 2]",
  );
  assertThrows(() => model.predict([[1]]), TypeError, "it takes [1, 3]");
});

Deno.test("a softmax model tells the three Iris species apart", async () => {
  const { features, labels } = loadIris();
  const model = sequential([
    dense({ units: 8, activation: "tanh" }),
    dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({
    optimizer: adam({ learningRate: 0.05 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  await model.fit(features, labels, { epochs: 60 });
  assertGreaterOrEqual(model.evaluate(features, labels)["accuracy"]!, 0.95);
  const rows = model.predict(features).sum({ axis: 1 });
  rows.data.forEach((sum) => assertAlmostEquals(sum, 1, 1e-6));
});

for (const optimizer of ["sgd", "adam", "adamW", "rmsprop", "adagrad", "adadelta", "adamax"] as const) {
  Deno.test(`compile() takes "${optimizer}" for the optimizer with its defaults`, async () => {
    const model = line();
    model.compile({ optimizer, loss: "meanSquaredError" });
    const { history } = await model.fit(X, Y, { epochs: 5, batchSize: "full" });
    history["loss"]!.slice(1).forEach((loss, k) => assertLess(loss, history["loss"]![k]!));
  });
}
