import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { type Callbacks, dense, earlyStopping, type Sequential, sequential } from "../../../src/nn/mod.ts";
import { sgd } from "../../../src/optim/mod.ts";

const X = [[1], [2], [3]];
const Y = [2, 4, 6];

function line(learningRate = 0.01): Sequential {
  const model = sequential([dense({ units: 1, useBias: false, kernelInitializer: "zeros" })], {
    dtype: "float64",
  });
  model.compile({ optimizer: sgd({ learningRate }), loss: "meanSquaredError" });
  return model;
}

Deno.test("callbacks are called in order, and training waits for those that are async", async () => {
  const events: string[] = [];
  const note = (name: string): Promise<void> =>
    new Promise((done) => setTimeout(() => done(void events.push(`${name} late`)), 0));
  await line().fit(X, Y, {
    epochs: 2,
    batchSize: 2,
    callbacks: [{
      onTrainBegin: () => note("train"),
      onEpochBegin: (epoch) => void events.push(`epoch ${epoch}`),
      onBatchEnd: (batch, logs) => note(`batch ${batch} ${Object.keys(logs)}`),
      onEpochEnd: (epoch) => note(`end ${epoch}`),
      onTrainEnd: () => void events.push("done"),
    }],
  });
  const epoch = (k: number): string[] => [
    `epoch ${k}`,
    "batch 0 loss late",
    "batch 1 loss late",
    `end ${k} late`,
  ];
  assertEquals(events, ["train late", ...epoch(0), ...epoch(1), "done"]);
});

Deno.test("false from onEpochEnd() ends training, also from a promise, after all callbacks", async () => {
  for (const answer of [() => false as const, () => Promise.resolve(false as const)]) {
    let later = 0;
    const callbacks: Callbacks[] = [{ onEpochEnd: answer }, { onEpochEnd: () => void later++ }];
    const { epoch, history } = await line().fit(X, Y, { epochs: 9, callbacks });
    assertEquals([epoch, history["loss"]!.length, later], [[0], 1, 1]);
  }
});

Deno.test("an error in a callback ends training with it", async () => {
  const callbacks = {
    onEpochEnd: () => {
      throw new RangeError("enough");
    },
  };
  await assertRejects(() => line().fit(X, Y, { callbacks }), RangeError, "enough");
});

const WATCHES: readonly [string, Parameters<typeof earlyStopping>[0], string, number[], number][] = [
  ["stops at the first epoch that is no better", { monitor: "loss" }, "loss", [3, 2, 2, 1], 2],
  ["waits for patience epochs", { monitor: "loss", patience: 3 }, "loss", [3, 4, 4, 4, 1], 3],
  ["stops at the first epoch with a patience of 1, as Keras", { monitor: "loss", patience: 1 }, "loss", [
    3,
    4,
  ], 1],
  ["starts waiting anew after an improvement", { monitor: "loss", patience: 2 }, "loss", [3, 4, 2, 3, 3], 4],
  [
    "starts at startFromEpoch",
    { monitor: "loss", startFromEpoch: 2 },
    "loss",
    [1, 2, 3, 2, 4],
    4,
  ],
  [
    "wants to be better than the baseline",
    { monitor: "loss", patience: 2, baseline: 1 },
    "loss",
    [3, 3, 2],
    1,
  ],
  ["asks for minDelta", { monitor: "loss", minDelta: 0.5 }, "loss", [3, 2, 1.75, 0], 2],
  ["takes NaN as no improvement", { monitor: "loss" }, "loss", [3, NaN, 1], 1],
  ["watches valLoss by default", {}, "valLoss", [3, 4], 1],
  ["takes a larger accuracy as better", { monitor: "valAccuracy" }, "valAccuracy", [0.5, 0.7, 0.6], 2],
  ["takes larger as better where asked", { monitor: "f", mode: "max" }, "f", [1, 2, 1], 2],
];

for (const [behaviour, options, name, values, end] of WATCHES) {
  Deno.test(`earlyStopping() ${behaviour}`, () => {
    const stop = earlyStopping(options);
    assertEquals(
      values.findIndex((value, epoch) => stop.onEpochEnd!(epoch, { [name]: value }) === false),
      end,
    );
  });
}

Deno.test("one earlyStopping() serves several trainings", async () => {
  const stop = earlyStopping({ monitor: "loss" });
  const options = { epochs: 4, callbacks: stop };
  const first = await line().fit(X, Y, options);
  const second = await line().fit(X, Y, options);
  assertEquals(first, second);
  assertStrictEquals(first.epoch.length, 4);
});

Deno.test("earlyStopping() refuses bad options, and numbers that are not recorded", async () => {
  assertThrows(() => earlyStopping({ patience: -1 }), RangeError, "patience is -1, use a number from 0 up");
  assertThrows(() => earlyStopping({ minDelta: NaN }), RangeError, "minDelta is NaN");
  assertThrows(() => earlyStopping({ mode: "up" as "max" }), RangeError, 'mode is "up", use "min" or "max"');
  await assertRejects(
    () => line().fit(X, Y, { callbacks: earlyStopping() }),
    RangeError,
    "Cannot stop early: training records loss, not valLoss",
  );
});
