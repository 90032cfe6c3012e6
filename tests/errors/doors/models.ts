/** Good arguments for models, losses, metrics and callbacks. */
import type { Variable } from "../../../mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import { sgd } from "../../../src/optim/mod.ts";
import { type Probe, probe, type Probes } from "./probe.ts";

type Call = (...args: never[]) => unknown;

const features = (): number[][] => [[1, 2], [3, 4], [5, 6]];
const labels = (): number[][] => [[1], [0], [1]];

/** A small model that is ready to be trained. */
function model(): nn.Sequential {
  const made = nn.sequential([nn.dense({ units: 1, activation: "sigmoid" })], { seed: 1 });
  made.compile({ optimizer: "sgd", loss: "binaryCrossentropy", compile: false });
  return made;
}
function built(): nn.Sequential {
  const made = model();
  made.build([2]);
  return made;
}

const method = (
  name: string,
  args: () => readonly unknown[],
  make: () => object = model,
  exceptions: Pick<Probe, "takes" | "skips"> = {},
): Probe =>
  probe(
    ((...given: never[]) => {
      const object = make();
      return Reflect.apply(Reflect.get(object, name), object, given);
    }) as Call,
    args,
    exceptions,
  );

/** Trains with what a factory gave. */
const training = (name: string, make: unknown, options: Record<string, unknown>): Probe =>
  probe(
    ((options: never) => {
      const made = nn.sequential([nn.dense({ units: 2, activation: "sigmoid" })], { seed: 1 });
      const given = (make as Call)(options);
      made.compile({
        optimizer: "sgd",
        loss: "meanSquaredError",
        compile: false,
        [name]: name === "metrics" ? [given] : given,
      });
      return made.fit(features(), [[1, 0], [0, 1], [1, 0]], { epochs: 1 });
    }) as Call,
    () => [options],
  );
const loss = (make: unknown, options: Record<string, unknown> = {}): Probe => training("loss", make, options);
const metric = (make: unknown, options: Record<string, unknown> = {}): Probe =>
  training("metrics", make, { name: "mine", ...options });
const sparse = (make: unknown, option: string, options: Record<string, unknown>): Probe =>
  probe(
    ((options: never) => {
      const made = nn.sequential([nn.dense({ units: 2, activation: "softmax" })], { seed: 1 });
      const given = (make as Call)(options);
      made.compile({
        optimizer: "sgd",
        loss: "sparseCategoricalCrossentropy",
        compile: false,
        [option]: option === "metrics" ? [given] : given,
      });
      return made.fit(features(), [0, 1, 0], { epochs: 1 });
    }) as Call,
    () => [options],
  );

/** Scores that are not joined. */
const BY_CLASS = { takesNull: ["argument 0, average"] };

/** By name. */
export const losses: Probes = {
  binaryCrossentropy: loss(nn.binaryCrossentropy, { fromLogits: false, labelSmoothing: 0.1 }),
  categoricalCrossentropy: loss(nn.categoricalCrossentropy, { fromLogits: false, labelSmoothing: 0.1 }),
  sparseCategoricalCrossentropy: sparse(nn.sparseCategoricalCrossentropy, "loss", {
    fromLogits: false,
    ignoreClass: 1,
  }),
  klDivergence: loss(nn.klDivergence),
  poisson: loss(nn.poisson),
  binaryFocalCrossentropy: loss(nn.binaryFocalCrossentropy, {
    fromLogits: false,
    labelSmoothing: 0.1,
    alpha: 0.2,
    gamma: 2,
    applyClassBalancing: true,
  }),
  categoricalFocalCrossentropy: loss(nn.categoricalFocalCrossentropy, {
    fromLogits: false,
    labelSmoothing: 0.1,
    alpha: 0.2,
    gamma: 2,
  }),
  categoricalHinge: loss(nn.categoricalHinge),
  hinge: loss(nn.hinge),
  squaredHinge: loss(nn.squaredHinge),
  cosineSimilarity: loss(nn.cosineSimilarity, { axis: -1 }),
  huber: loss(nn.huber, { delta: 1 }),
  logCosh: loss(nn.logCosh),
  meanAbsoluteError: loss(nn.meanAbsoluteError),
  meanAbsolutePercentageError: loss(nn.meanAbsolutePercentageError),
  meanSquaredError: loss(nn.meanSquaredError),
  meanSquaredLogarithmicError: loss(nn.meanSquaredLogarithmicError),
  defineLoss: probe(
    ((name: never, make: never) =>
      training("loss", nn.defineLoss(name, make), {}).call(undefined as never)) as Call,
    () => [`probe${++defined}`, () => (a: Variable, b: Variable) => a.sub(b).square().mean({ axis: 1 })],
  ),
  accuracy: metric(nn.accuracy),
  binaryAccuracy: metric(nn.binaryAccuracy, { threshold: 0.5 }),
  categoricalAccuracy: metric(nn.categoricalAccuracy),
  sparseCategoricalAccuracy: sparse(nn.sparseCategoricalAccuracy, "metrics", { name: "mine" }),
  sparseTopKCategoricalAccuracy: sparse(nn.sparseTopKCategoricalAccuracy, "metrics", { name: "mine", k: 1 }),
  topKCategoricalAccuracy: metric(nn.topKCategoricalAccuracy, { k: 1 }),
  auc: metric(nn.auc, {
    numThresholds: 5,
    curve: "PR",
    summationMethod: "minoring",
    multiLabel: true,
    fromLogits: false,
  }),
  "auc: thresholds": metric(nn.auc, { thresholds: [0.2, 0.4] }),
  confusionMatrix: sparse(nn.confusionMatrix, "metrics", { name: "mine", numClasses: 2 }),
  f1Score: { ...metric(nn.f1Score, { average: "micro", threshold: 0.5 }), ...BY_CLASS },
  fBetaScore: { ...metric(nn.fBetaScore, { average: "micro", threshold: 0.5, beta: 2 }), ...BY_CLASS },
  r2Score: {
    ...metric(nn.r2Score, { classAggregation: "uniformAverage" }),
    takesNull: ["argument 0, classAggregation"],
  },
  rootMeanSquaredError: metric(nn.rootMeanSquaredError),
  falseNegatives: metric(nn.falseNegatives, { thresholds: 0.5 }),
  falsePositives: metric(nn.falsePositives, { thresholds: [0.5] }),
  trueNegatives: metric(nn.trueNegatives, { thresholds: 0.5 }),
  truePositives: metric(nn.truePositives, { thresholds: 0.5 }),
  precision: metric(nn.precision, { thresholds: 0.5, classId: 1 }),
  recall: metric(nn.recall, { topK: 1, classId: 1 }),
  arrayFromLogs: probe(nn.arrayFromLogs as Call, () => [{ "a[0]": 1, "a[1]": 2 }, "a"], {
    // Metrics may be no number.
    skips: ["NaN"],
  }),
  defineMetric: probe(
    ((name: never, make: never) =>
      training("metrics", nn.defineMetric(name, make), {}).call(undefined as never)) as Call,
    () => [`probe${++defined}`, () => (a: Variable, b: Variable) => a.sub(b).square().mean({ axis: 1 })],
  ),
};
let defined = 0;

const fitOptions = {
  epochs: 1,
  initialEpoch: 0,
  batchSize: 2,
  validationSplit: 0.4,
  validationBatchSize: 2,
  validationFrequency: 1,
  shuffle: true,
  sampleWeight: [1, 2, 3],
  callbacks: [],
  compile: false,
  yieldEvery: 16,
  signal: new AbortController().signal,
  verbose: 0,
};
const compiling = {
  optimizer: "sgd",
  loss: "meanSquaredError",
  lossWeights: [1],
  metrics: ["mse"],
  weightedMetrics: ["mae"],
  compile: false,
};

/** So many epochs are trained as are asked for. */
const LONG = { skips: ["1e10", "2 ** 53"] };

/** By name. */
export const models: Probes = {
  input: probe(nn.input as Call, () => [{ shape: [3], name: "x", dtype: "float32" }]),
  sequential: probe(
    ((layers: never, options: never) => {
      const made = nn.sequential(layers, options);
      return made.predict(features() as never);
    }) as Call,
    () => [[nn.dense({ units: 1 })], {
      inputShape: [2],
      name: "m",
      seed: 1,
      dtype: "float64",
      trainable: true,
    }],
  ),
  "sequential: one layer": probe(
    ((layer: never) => nn.sequential([layer]).build([2]).predict(features() as never)) as Call,
    () => [nn.dense({ units: 1 })],
  ),
  model: probe(
    ((options: never) =>
      (nn.model(options) as nn.Functional<unknown, unknown>).predict(features() as never)) as Call,
    () => {
      const x = nn.input({ shape: [2] });
      return [{
        inputs: x,
        outputs: nn.dense({ units: 1 }).apply(x),
        name: "m",
        seed: 1,
        dtype: "float64",
        trainable: true,
      }];
    },
  ),
  "Sequential.add": method("add", () => [nn.dense({ units: 3 })], nn.sequential),
  "Model.getLayer": method("getLayer", () => ["dense"]),
  "Model.build": method("build", () => [[2]]),
  "Model.setWeights": method("setWeights", () => [{ "dense/kernel": [[1], [2]], "dense/bias": [3] }], built),
  "Model.setParameters": method(
    "setParameters",
    () => [{ "dense/kernel": [[1], [2]], "dense/bias": [3] }],
    built,
  ),
  "Model.compile": probe(
    ((options: never) => {
      const made = model();
      made.compile(options);
      return made.fit(features(), labels(), { epochs: 1 });
    }) as Call,
    () => [compiling],
  ),
  "Model.compile: optimizer": probe(
    ((optimizer: never) => {
      const made = model();
      made.compile({ optimizer, loss: "mse", compile: false });
      return made.fit(features(), labels(), { epochs: 1 });
    }) as Call,
    () => [sgd()],
  ),
  "Model.fit": method("fit", () => [features(), labels(), fitOptions], model, LONG),
  "Model.fit: validation": method(
    "fit",
    () => [features(), labels(), {
      validationData: [features(), labels()],
      classWeight: { 0: 1, 1: 2 },
      epochs: 1,
      stepsPerEpoch: 1,
      callbacks: [nn.earlyStopping()],
      batchSize: 2,
    }],
    model,
    LONG,
  ),
  "Model.fit: batches": method("fit", () => [new Set([[features(), labels()]]), { epochs: 1 }], model, LONG),
  "Model.trainOnBatch": method("trainOnBatch", () => [features(), labels(), {
    sampleWeight: [1, 2, 3],
    classWeight: { 0: 1, 1: 2 },
  }]),
  "Model.evaluate": method(
    "evaluate",
    () => [features(), labels(), { batchSize: 2, sampleWeight: [1, 2, 3] }],
    built,
  ),
  "Model.predict": method("predict", () => [features(), { batchSize: 2 }], built),
  "Model.learningRate": probe(
    ((rate: never) => {
      const made = built();
      made.learningRate = rate;
    }) as Call,
    () => [0.1],
  ),
  "Model.setTrainingState": method("setTrainingState", () => [trainingState()], built),
  "Model.toBytes": method("toBytes", () => [{ training: true }], built),
  "Model.save": method("save", () => ["/tmp/tapegrad_probe_model.safetensors", { training: true }], built, {
    skips: ["a text", "a number in a text"],
  }),
  "Model.summary": method("summary", () => [], built),
  fromDescription: probe(nn.fromDescription as Call, () => [JSON.parse(JSON.stringify(built()))]),
  layerFromDescription: probe(
    nn.layerFromDescription as Call,
    () => [JSON.parse(JSON.stringify(nn.dense({ units: 2 })))],
  ),
  describeTraining: probe(nn.describeTraining as Call, () => [compiling]),
  trainingFromDescription: probe(
    nn.trainingFromDescription as Call,
    () => [nn.describeTraining(compiling as never)],
  ),
  earlyStopping: probe(
    ((options: never) =>
      model().fit(features(), labels(), { epochs: 2, callbacks: nn.earlyStopping(options) })) as Call,
    () => [{ monitor: "loss", minDelta: 0, mode: "min", patience: 1, restoreBestWeights: true }],
  ),
};

function trainingState(): unknown {
  const made = built();
  made.trainOnBatch(features(), labels());
  return made.trainingState();
}
