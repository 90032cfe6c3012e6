import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { dense, earlyStopping, type FitOptions, type Sequential, sequential } from "../../../src/nn/mod.ts";
import { sgd } from "../../../src/optim/mod.ts";

const X = [[1], [2], [3]];
const Y = [2, 4, 6];

/** A line that starts at 0; from a rate of 0.2 on its loss grows. */
function line(learningRate: number): Sequential {
  const model = sequential([dense({ units: 1, useBias: false, kernelInitializer: "zeros" })], {
    dtype: "float64",
  });
  model.compile({ optimizer: sgd({ learningRate }), loss: "meanSquaredError", metrics: ["mae"] });
  return model;
}

const weight = (model: Sequential): number => Object.values(model.getWeights())[0]!.item();

const best = (values: readonly number[]): number => Math.min(...values);

for (const [learningRate, behaviour] of [[0.01, "falls"], [0.3, "grows"]] as const) {
  for (const monitor of ["loss", "mae", "valLoss", "valMae"]) {
    Deno.test(`restoreBestWeights leaves the weights of the least ${monitor}, where the loss ${behaviour}`, async () => {
      const model = line(learningRate);
      const { history } = await model.fit(X, Y, {
        epochs: 6,
        batchSize: "full",
        validationData: [X, Y],
        callbacks: earlyStopping({ monitor, patience: 3, restoreBestWeights: true }),
      });
      const found = model.evaluate(X, Y)[/mae/i.test(monitor) ? "mae" : "loss"]!;
      assertAlmostEquals(found, best(history[monitor]!), 1e-12);
    });
  }
}

Deno.test("the weights of a training number are those before the last update of its epoch", async () => {
  for (const asIterable of [false, true]) {
    const model = line(0.01);
    const batches = new Set([[[[1]], [2]], [[[2]], [4]], [[[3]], [6]]]);
    const before: number[] = [];
    const options: FitOptions = {
      epochs: 3,
      batchSize: 1,
      shuffle: false,
      callbacks: [
        earlyStopping({ monitor: "loss", patience: 5, restoreBestWeights: true }),
        { onBatchBegin: () => void before.push(weight(model)) },
      ],
    };
    await (asIterable
      ? model.fit(batches, { epochs: 3, callbacks: options.callbacks! })
      : model.fit(X, Y, options));
    assertEquals(before.length, 9);
    assertEquals(weight(model), before[8]);
  }
});

Deno.test("restoreBestWeights takes exploded weights back when training throws", async () => {
  const model = line(1e30);
  await assertRejects(
    () =>
      model.fit(X, Y, {
        epochs: 20,
        batchSize: "full",
        callbacks: earlyStopping({ monitor: "loss", patience: 50, restoreBestWeights: true }),
      }),
    RangeError,
    "Cannot go on training: the loss is Infinity",
  );
  assertEquals(weight(model), 0);
});

Deno.test("restoreBestWeights takes the best weights back when training is aborted", async () => {
  const abort = new AbortController();
  const model = line(0.3);
  const training = model.fit(X, Y, {
    epochs: 20,
    batchSize: "full",
    signal: abort.signal,
    callbacks: [earlyStopping({ monitor: "loss", patience: 50, restoreBestWeights: true }), {
      onEpochEnd: (epoch) => void (epoch === 4 && abort.abort()),
    }],
  });
  await assertRejects(() => training, DOMException);
  assertEquals(weight(model), 0);
});

Deno.test("without restoreBestWeights the last weights stay", async () => {
  const model = line(0.3);
  await model.fit(X, Y, {
    epochs: 3,
    batchSize: "full",
    callbacks: earlyStopping({ monitor: "loss", patience: 5 }),
  });
  assertEquals(weight(model) === 0, false);
});

Deno.test("epochs without validation are not watched, and a number that never comes is named", async () => {
  const options = {
    epochs: 4,
    validationData: [X, Y],
    validationFrequency: 2,
  } as const;
  const { epoch } = await line(0.01).fit(X, Y, { ...options, callbacks: earlyStopping() });
  assertEquals(epoch.length, 4);
  await assertRejects(
    () => line(0.01).fit(X, Y, { ...options, callbacks: earlyStopping({ monitor: "valAccuracy" }) }),
    RangeError,
    "Cannot stop early: training records loss, mae, valLoss, valMae, not valAccuracy",
  );
});
