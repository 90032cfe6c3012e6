import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Callbacks,
  csvLogger,
  dense,
  earlyStopping,
  learningRateScheduler,
  reduceLROnPlateau,
  type Sequential,
  sequential,
  terminateOnNaN,
  type TrainedModel,
} from "../../../src/nn/mod.ts";
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

/** A model that only has a rate. */
function rated(learningRate: number): TrainedModel {
  return { learningRate, getWeights: () => ({}), setWeights: () => {} };
}

const PLAN = { epochs: 9, steps: 1, validationFrequency: undefined };

/** The rates after epochs with given losses. */
function ratesOf(callback: Callbacks, losses: readonly number[]): number[] {
  const model = rated(1);
  callback.onTrainBegin!(model, PLAN);
  return losses.map((loss, epoch) => {
    callback.onEpochEnd!(epoch, { loss });
    return model.learningRate;
  });
}

/** As keras.callbacks.ReduceLROnPlateau(factor=0.5, ...) gives them. */
const PLATEAUS: readonly [string, Parameters<typeof reduceLROnPlateau>[0], number[], number[]][] = [
  ["after patience epochs", { patience: 2 }, [3, 3, 3, 3, 3], [1, 1, 0.5, 0.5, 0.25]],
  ["not while the number falls", { patience: 1 }, [3, 2, 1, 1], [1, 1, 1, 0.5]],
  ["if it falls by less than minDelta", { patience: 1, minDelta: 1 }, [3, 2.5, 1, 0.5], [1, 0.5, 0.5, 0.25]],
  ["not while it cools down", { patience: 1, cooldown: 2 }, [3, 3, 3, 3, 3], [1, 0.5, 0.5, 0.25, 0.25]],
  ["not below minLearningRate", { patience: 1, minLearningRate: 0.4 }, [3, 3, 3, 3], [1, 0.5, 0.4, 0.4]],
];

for (const [behaviour, options, losses, rates] of PLATEAUS) {
  Deno.test(`reduceLROnPlateau() lowers the rate ${behaviour}`, () => {
    assertEquals(ratesOf(reduceLROnPlateau({ monitor: "loss", factor: 0.5, ...options }), losses), rates);
  });
}

Deno.test("the rate that callbacks set is the one of the next steps, as with an optimizer made with it", async () => {
  const scheduled = line(0.01);
  const rates = [0.01, 0.02, 0.005];
  await scheduled.fit(X, Y, {
    epochs: 3,
    shuffle: false,
    callbacks: learningRateScheduler((epoch) => rates[epoch]!),
  });
  let weight = 0;
  for (const rate of rates) {
    const slope = X.reduce((sum, [x], i) => sum + 2 * x! * (weight * x! - Y[i]!), 0) / 3;
    weight -= rate * slope;
  }
  assertAlmostEquals(Object.values(scheduled.getWeights())[0]!.item(), weight, 1e-12);
  assertEquals(scheduled.learningRate, 0.005);
});

Deno.test("terminateOnNaN() ends training with the weights from before, without an error", async () => {
  const model = line(1e200);
  const { epoch, history } = await model.fit(X, Y, {
    epochs: 9,
    batchSize: "full",
    callbacks: terminateOnNaN(),
  });
  assertEquals(epoch.length < 9, true);
  assertEquals(Number.isFinite(history["loss"]!.at(-1)!), false);
  assertEquals(Number.isFinite(Object.values(model.getWeights())[0]!.item()), true);
});

Deno.test("csvLogger() writes a row for each epoch, also of numbers that come later", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/log.csv`;
  const train = (append: boolean) =>
    line().fit(X, Y, {
      epochs: 2,
      validationData: [X, Y],
      validationFrequency: 2,
      callbacks: csvLogger(path, { separator: ";", append }),
    });
  const { history } = await train(false);
  const rows = [
    "epoch;loss;valLoss",
    `0;${history["loss"]![0]};`,
    `1;${history["loss"]![1]};${history["valLoss"]![0]}`,
  ];
  assertEquals(await Deno.readTextFile(path), rows.join("\n") + "\n");
  await train(true);
  assertEquals(await Deno.readTextFile(path), [...rows, ...rows.slice(1)].join("\n") + "\n");
  await train(false);
  assertEquals(await Deno.readTextFile(path), rows.join("\n") + "\n");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("onTrainBegin() is told of epochs, batches and validation, onTrainError() of what ended training", async () => {
  const seen: unknown[] = [];
  const callbacks: Callbacks = {
    onTrainBegin: (_, plan) => void seen.push(plan),
    onTrainEnd: () => void seen.push("end"),
    onTrainError: (error) => void seen.push((error as Error).message),
  };
  await line().fit(X, Y, { epochs: 2, batchSize: 2, callbacks });
  assertEquals(seen.splice(0), [{ epochs: 2, steps: 2, validationFrequency: undefined }, "end"]);
  const failing = {
    onEpochEnd: () => {
      throw new RangeError("enough");
    },
  };
  const options = {
    validationData: [X, Y],
    validationFrequency: 3,
    callbacks: [callbacks, failing],
  } as const;
  await assertRejects(() => line().fit(X, Y, options), RangeError, "enough");
  assertEquals(seen, [{ epochs: 1, steps: 1, validationFrequency: 3 }, "enough"]);
});

const BAD: readonly [() => unknown, ErrorConstructor, string][] = [
  [
    () => earlyStopping({ restore_best_weights: true } as never),
    TypeError,
    "(did you mean restoreBestWeights?)",
  ],
  [() => earlyStopping({ monitor: 3 as never }), TypeError, "monitor is 3, use the name of a number"],
  [() => reduceLROnPlateau({ factor: 1 }), RangeError, "factor is 1"],
  [() => reduceLROnPlateau({ minLr: 0.1 } as never), TypeError, 'no option "minLr"'],
  [() => learningRateScheduler(0.1 as never), TypeError, "pass a function of epoch and rate"],
  [() => csvLogger(3 as never), TypeError, "Cannot log to 3: pass a path, a URL or a function"],
  [() => csvLogger("log.csv", { separator: "" }), TypeError, "the separator is"],
];

for (const [f, type, message] of BAD) {
  Deno.test(`callbacks refuse bad options: ${message}`, () => {
    assertThrows(f, type, message);
  });
}
