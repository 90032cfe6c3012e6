import { assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { constant } from "../../../mod.ts";
import { Dataset } from "../../../src/data/mod.ts";
import { dense, dropout, type FitOptions, type Sequential, sequential } from "../../../src/nn/mod.ts";
import { accumulate, adam, averagedParameters, movingAverage, sgd } from "../../../src/optim/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

const ROWS = 40;
const X = uniform(key(1), [ROWS, 3], { dtype: "float32" });
const Y = constant(Array.from({ length: ROWS }, (_, i) => [i % 2]), { dtype: "float32" });

function fresh(): Sequential {
  const model = sequential([
    dense({ units: 6, activation: "relu" }),
    dropout({ rate: 0.3 }),
    dense({ units: 1 }),
  ], {
    seed: 3,
  });
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: "meanSquaredError" });
  return model.build([3]);
}

const weightsOf = (model: Sequential): unknown =>
  Object.entries(model.getWeights()).map(([path, value]) => [path, [...value.data]]);

const rows = (): Dataset<readonly [unknown, unknown]> =>
  Dataset.fromArrays([X, Y]) as Dataset<readonly [unknown, unknown]>;

/** The same rows, as a source whose size is not known. */
const generated = (): Dataset<readonly [unknown, unknown]> =>
  Dataset.fromGenerator(function* () {
    for (let i = 0; i < ROWS; i++) yield [X.data.slice(3 * i, 3 * i + 3), Y.data.slice(i, i + 1)] as const;
  });

type Source = { readonly data: () => unknown; readonly options?: Partial<FitOptions> };
const SOURCES: { readonly [name: string]: Source } = {
  "arrays": { data: () => undefined, options: { batchSize: 16 } },
  "arrays in their order": { data: () => undefined, options: { batchSize: 16, shuffle: false } },
  "shuffled rows": { data: () => rows().shuffle().batch(16) },
  "shuffled rows, read ahead": { data: () => rows().shuffle().batch(16).prefetch(2) },
  "a shuffled generator": { data: () => generated().shuffle(10).batch(16) },
  "rows without end": { data: () => rows().shuffle().batch(16).repeat(), options: { stepsPerEpoch: 2 } },
  "parts of the epochs of rows": { data: () => rows().shuffle().batch(16), options: { stepsPerEpoch: 2 } },
  "parts of the epochs of a generator": {
    data: () => generated().shuffle(7).batch(16),
    options: { stepsPerEpoch: 4 },
  },
  "batches in an array": {
    data: () => ({
      *[Symbol.iterator]() {
        for (let i = 0; i < ROWS; i += 16) {
          yield [X.slice([i, 0], [Math.min(16, ROWS - i), 3]), Y.slice([i, 0], [Math.min(16, ROWS - i), 1])];
        }
      },
    }),
  },
};

function fit(
  model: Sequential,
  { data, options }: Source,
  epochs: number,
  initialEpoch = 0,
): Promise<unknown> {
  const all = { ...options, epochs, initialEpoch };
  const source = data();
  return source === undefined ? model.fit(X, Y, all) : model.fit(source as Iterable<unknown>, all);
}

for (const [name, source] of Object.entries(SOURCES)) {
  Deno.test(`training on ${name} goes on after any epoch with the bits of one training`, async () => {
    const whole = fresh();
    await fit(whole, source, 4);
    for (let stop = 1; stop < 4; stop++) {
      const first = fresh();
      await fit(first, source, stop);
      const second = fresh();
      second.setTrainingState(first.trainingState());
      assertNotEquals(weightsOf(second), weightsOf(whole));
      await fit(second, source, 4, stop);
      assertEquals(weightsOf(second), weightsOf(whole), `after ${stop}`);
    }
  });
}

Deno.test("a Dataset of the rows in order trains to the bits of the arrays", async () => {
  const [arrays, dataset, generator] = [fresh(), fresh(), fresh()];
  await arrays.fit(X, Y, { batchSize: 16, epochs: 3, shuffle: false });
  await dataset.fit(rows().batch(16), { epochs: 3 });
  await generator.fit(generated().batch(16), { epochs: 3 });
  assertEquals(weightsOf(dataset), weightsOf(arrays));
  assertEquals(weightsOf(generator), weightsOf(arrays));
});

Deno.test("a Dataset measures what arrays measure, as validation data and by evaluate()", async () => {
  const model = fresh();
  const { history } = await model.fit(X, Y, { validationData: rows().batch(16), epochs: 2 });
  assertEquals((await model.evaluate(rows().batch(16)))["loss"], history["valLoss"]!.at(-1));
  assertEquals(model.evaluate(X, Y, { batchSize: 16 })["loss"], history["valLoss"]!.at(-1));
});

Deno.test("a Dataset is closed when training ends early or can't begin", async () => {
  let open = 0;
  const data = Dataset.fromGenerator(async function* () {
    open++;
    try {
      for (let i = 0;; i++) {
        await Promise.resolve();
        yield [X.slice([i % 8, 0], [2, 3]), Y.slice([i % 8, 0], [2, 1])];
      }
    } finally {
      open--;
    }
  });
  await fresh().fit(data, { stepsPerEpoch: 3, epochs: 2 });
  assertEquals(open, 0);
  await fresh().fit(data, { callbacks: { onBatchEnd: (batch) => batch === 4 ? false : undefined } });
  assertEquals(open, 0);
  const narrow = sequential([dense({ units: 1, inputShape: [2] })]);
  narrow.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  await assertRejects(() => narrow.fit(data, { stepsPerEpoch: 3 }), TypeError, "Cannot feed");
  assertEquals(open, 0);
});

Deno.test("gradients of several batches together take the step of one large batch", async () => {
  const plain = (): Sequential => sequential([dense({ units: 1 })], { dtype: "float64", seed: 1 });
  const [whole, parts] = [plain(), plain()];
  whole.compile({ optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }), loss: "meanSquaredError" });
  parts.compile({
    optimizer: accumulate(sgd({ learningRate: 0.1, momentum: 0.9 }), 4),
    loss: "meanSquaredError",
  });
  await whole.fit(X, Y, { batchSize: 40, epochs: 6, shuffle: false });
  await parts.fit(X, Y, { batchSize: 10, epochs: 6, shuffle: false });
  for (const [path, value] of Object.entries(whole.getWeights())) {
    const other = parts.getWeights()[path]!.data;
    value.data.forEach((number, i) => assertAlmostEquals(other[i]!, number, 1e-12, path));
  }
});

Deno.test("a moving average of the weights is kept while training, saved, and can be put in their place", async () => {
  const model = sequential([dense({ units: 1 })], { dtype: "float64" });
  const optimizer = movingAverage(sgd({ learningRate: 0.1 }), { momentum: 0.5 });
  model.compile({ optimizer, loss: "meanSquaredError" });
  model.build([3]);
  let average: number[] | undefined;
  await model.fit(X, Y, {
    batchSize: 8,
    callbacks: {
      onBatchEnd() {
        const kernel = [...model.parameters["dense/kernel"]!.data];
        average = average?.map((a, i) => 0.5 * a + 0.5 * kernel[i]!) ?? kernel;
      },
    },
  });
  const kept = averagedParameters(model.parameters, model.trainingState().optimizer);
  kept["dense/kernel"]!.data.forEach((number, i) => assertAlmostEquals(number, average![i]!, 1e-12));
  model.setWeights(kept);
  assertEquals(model.parameters["dense/kernel"]!.data, kept["dense/kernel"]!.data);
});
