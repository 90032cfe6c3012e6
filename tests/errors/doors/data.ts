/** Good arguments for data and files. */
import { square, type Variable, variable } from "../../../mod.ts";
import * as d from "../../../src/data/mod.ts";
import * as io from "../../../src/io/mod.ts";
import * as viz from "../../../src/viz/mod.ts";
import { dense, sequential } from "../../../src/nn/mod.ts";
import { checkGradients } from "../../../src/testing/mod.ts";
import { probe, type Probes, probesOf } from "./probe.ts";

type Call = (...args: never[]) => unknown;

const rows = (): number[][] => [[1, 2], [3, 4], [5, 6], [7, 8]];
const examples = (): d.ExampleRows => ({ features: rows(), labels: [0, 1, 0, 1] });
const table = (): d.Table => d.parseCsv("a,b\n1,x\n2,y\n");
const dataset = (): d.Dataset<number> => d.Dataset.fromGenerator([1, 2, 3, 4]);
const scaler = (): d.Scaler => {
  const made = d.standardScaler();
  made.fit(rows());
  return made;
};
const method = (make: () => object, name: string, args: () => readonly unknown[], collect = false) =>
  probe(
    ((...given: never[]) => {
      const object = make();
      const result: unknown = Reflect.apply(Reflect.get(object, name), object, given);
      return collect ? (result as d.Dataset<unknown>).take(20).toArray() : result;
    }) as Call,
    args,
  );
const model = () => {
  const made = sequential([dense({ units: 2 })], { seed: 1 });
  made.build([2]);
  return made;
};
const file = (name: string): string => `${Deno.env.get("TMPDIR") ?? "/tmp"}/tapegrad_probe_${name}`;

/** By name. */
export const data: Probes = {
  parseCsv: probe(
    d.parseCsv as Call,
    () => ["a;b\n1;2\n3;4\n", { columns: ["a", "b"], separator: ";", source: "x.csv" }],
  ),
  readCsv: probe(
    ((path: never, options: never) => d.readCsv(path, options).catch(missing)) as Call,
    () => [new URL("probe.csv", import.meta.url), { columns: ["a", "b"] }],
  ),
  streamCsv: probe(
    ((source: never, options: never) =>
      d.streamCsv(source, options).take(2).toArray().catch(missing)) as Call,
    () => [() => new Blob(["a,b\n1,2\n"]).stream(), { columns: ["a", "b"], separator: ",", source: "x.csv" }],
    { skips: ["a text", "a number in a text"] },
  ),
  parseIdx: probe(d.parseIdx as Call, () => [new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 5, 6])]),
  readIdx: probe(((path: never) => d.readIdx(path).catch(missing)) as Call, () => [file("none.idx")]),
  irisFromTable: probe(
    d.irisFromTable as Call,
    () => [
      d.parseCsv("sepal_length,sepal_width,petal_length,petal_width,species\n1,2,3,4,a\n1,2,3,4,b\n"),
      { classes: ["a", "b"], dtype: "float64" },
    ],
  ),
  loadIris: probe(
    d.loadIris as Call,
    () => [{ classes: ["setosa", "versicolor", "virginica"], dtype: "float64" }],
  ),
  makeBlobs: probe(
    d.makeBlobs as Call,
    () => [{ count: 8, classes: 2, dimensions: 2, deviation: 1, seed: 1 }],
  ),
  ...probesOf(
    { makeCircles: d.makeCircles as Call, makeMoons: d.makeMoons as Call },
    () => [{ count: 8, noise: 0.1, seed: 1 }],
  ),
  makeSpirals: probe(d.makeSpirals as Call, () => [{ count: 8, noise: 0.1, seed: 1, classes: 2, turns: 1 }]),
  makeRegression: probe(d.makeRegression as Call, () => [{ count: 8, dimensions: 2, noise: 0.1, seed: 1 }]),
  makeDigits: probe(d.makeDigits as Call, () => [{ count: 3, size: 12, noise: 0.1, seed: 1 }]),
  minMaxScaler: probe(
    ((options: never) => d.minMaxScaler(options).fitTransform(rows())) as Call,
    () => [{ low: 0, high: 1 }],
  ),
  ...probesOf({ standardScaler: d.standardScaler as Call, robustScaler: d.robustScaler as Call }, () => []),
  scalerFrom: probe(d.scalerFrom as Call, () => [{ kind: "standard", offsets: [1, 2], scales: [1, 2] }]),
  "Scaler.fit": method(d.standardScaler, "fit", () => [rows()]),
  "Scaler.fitTransform": method(d.robustScaler, "fitTransform", () => [rows()]),
  "Scaler.transform": method(scaler, "transform", () => [rows()]),
  "Scaler.inverseTransform": method(scaler, "inverseTransform", () => [rows()]),
  batches: probe(
    ((arrays: never, options: never) => [...d.batches(arrays, options)]) as Call,
    () => [[rows(), [1, 2, 3, 4]], { batchSize: 2, shuffle: true, seed: 1, dropLast: true }],
  ),
  "batches: one array": probe(
    ((rows: never) => [...d.batches([rows], { batchSize: 2 })]) as Call,
    () => [rows()],
  ),
  kFold: probe(d.kFold as Call, () => [examples(), { folds: 2, seed: 1, stratify: true }]),
  trainTestSplit: probe(
    d.trainTestSplit as Call,
    () => [examples(), { testFraction: 0.5, seed: 1, stratify: true }],
  ),
  "trainTestSplit: features and labels": probe(
    ((features: never, labels: never) => d.trainTestSplit({ features, labels })) as Call,
    () => [rows(), [0, 1, 0, 1]],
  ),
  "Table.texts": method(table, "texts", () => ["a"]),
  "Table.numbers": method(table, "numbers", () => ["a", { missing: "nan" }]),
  "Table.features": method(table, "features", () => [["a"], "float64", { missing: 0 }]),
  "Table.labels": method(table, "labels", () => ["b", ["x", "y"], "float64"]),
  "Table.oneHot": method(
    table,
    "oneHot",
    () => ["b", { classes: ["x", "y"], unknown: "zeros", dtype: "float64" }],
  ),
  "Table.isNumeric": method(table, "isNumeric", () => ["a"]),
  "Table.filter": method(table, "filter", () => ["a", (text: string) => text === "1"]),
  "Table.dropMissing": method(table, "dropMissing", () => [["a"]]),
  "Dataset.fromArrays": probe(
    ((arrays: never) => d.Dataset.fromArrays(arrays).toArray()) as Call,
    () => [{ x: rows(), y: [1, 2, 3, 4] }],
    { takes: ["argument 0"] },
  ),
  "Dataset.fromGenerator": probe(
    ((make: never) => d.Dataset.fromGenerator(make).take(3).toArray()) as Call,
    () => [() => [1, 2, 3]],
  ),
  "Dataset.zip": probe(
    ((all: never) => d.Dataset.zip(all).toArray()) as Call,
    () => [[dataset(), dataset()]],
  ),
  "Dataset.epoch": probe(((n: never) => Array.fromAsync(dataset().epoch(n))) as Call, () => [1]),
  "Dataset.map": method(dataset, "map", () => [(x: number) => x + 1], true),
  "Dataset.filter": method(dataset, "filter", () => [(x: number) => x > 1], true),
  "Dataset.shuffle": method(dataset, "shuffle", () => [3, { seed: 1 }], true),
  "Dataset.batch": method(dataset, "batch", () => [2, { dropLast: true }], true),
  "Dataset.prefetch": method(dataset, "prefetch", () => [2], true),
  "Dataset.repeat": method(dataset, "repeat", () => [2], true),
  "Dataset.take": method(dataset, "take", () => [2], true),
  "Dataset.skip": method(dataset, "skip", () => [2], true),
};

/** A path that was readable as one names no file. */
function missing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** A text names a file, which would be written or is not there. */
const PATHS = { skips: ["a text", "a number in a text"] };

/** By name. */
export const files: Probes = {
  encodeNpy: probe(io.encodeNpy as Call, () => [rows()]),
  encodeNpz: probe(io.encodeNpz as Call, () => [{ a: rows() }, { compress: true }]),
  encodeSafetensors: probe(io.encodeSafetensors as Call, () => [{ a: rows() }, { by: "me" }]),
  parseNpy: probe(io.parseNpy as Call, () => [io.encodeNpy(rows())]),
  parseNpz: probe(io.parseNpz as Call, () => [npz]),
  parseSafetensors: probe(io.parseSafetensors as Call, () => [io.encodeSafetensors({ a: rows() })]),
  ...probesOf(
    Object.fromEntries(
      (["readNpy", "readNpz", "readSafetensors"] as const).map((name) => [
        name,
        ((path: never) => io[name](path).catch(missing)) as Call,
      ]),
    ),
    () => [file("none")],
  ),
  writeNpy: probe(io.writeNpy as Call, () => [file("a.npy"), rows()], PATHS),
  writeNpz: probe(io.writeNpz as Call, () => [file("a.npz"), { a: rows() }, { compress: false }], PATHS),
  writeSafetensors: probe(
    io.writeSafetensors as Call,
    () => [file("a.safetensors"), { a: rows() }, { by: "me" }],
    PATHS,
  ),
  checkpoint: probe(io.checkpoint as Call, () => [file("{epoch}.safetensors"), {
    monitor: "loss",
    minDelta: 0,
    mode: "min",
    saveBestOnly: true,
    training: true,
  }]),
  "checkpoint: keep": probe(io.checkpoint as Call, () => [file("{epoch}.safetensors"), { keep: 2 }]),
  tensorBoard: probe(io.tensorBoard as Call, () => [file("runs"), { histogramFrequency: 1 }]),
  loadModel: probe(io.loadModel as Call, () => [modelBytes], PATHS),
  loadTfjsModel: probe(
    ((path: never) => io.loadTfjsModel(path).catch(missing)) as Call,
    () => [file("none.json")],
  ),
  loadWeights: probe(io.loadWeights as Call, () => [model(), modelBytes], PATHS),
};
const npz = await io.encodeNpz({ a: rows() });
const modelBytes = model().toBytes();

const FRAME = { title: "t", width: 300, height: 200 };
const SMALL = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>';
const firstFeature = (places: Variable): Variable => places.gather(0, { axis: 1 });

/** By name. */
export const pictures: Probes = {
  dotToSvg: probe(viz.dotToSvg as Call, () => ["digraph { a -> b }"]),
  lossChart: probe(viz.lossChart as Call, () => [{ loss: [3, 2, 1] }, {
    title: "t",
    width: 300,
    height: 200,
    series: ["loss"],
  }]),
  "lossChart: a series": probe(((loss: never) => viz.lossChart({ loss })) as Call, () => [[3, 2, 1]]),
  nodesToDot: probe(viz.nodesToDot as Call, () => [
    [{ id: 0, operation: "add", name: "x", value: "3", adjoint: "1", operands: [], kind: "operation" }],
    { rankdir: "LR", title: "t" },
  ]),
  "nodesToDot: a node": probe(((node: never) => viz.nodesToDot([node])) as Call, () => [
    { id: 0, operation: "add", name: "x", value: "3", adjoint: "1", operands: [], kind: "operation" },
  ]),
  toDot: probe(viz.toDot as Call, () => [variable(1).mul(2), { rankdir: "LR", title: "t", inputs: [] }]),
  toSvg: probe(viz.toSvg as Call, () => [variable(1).mul(2), { rankdir: "LR", title: "t", inputs: [] }]),
  modelToDot: probe(viz.modelToDot as Call, () => [model(), { rankdir: "LR", title: "t" }]),
  plotModel: probe(viz.plotModel as Call, () => [model(), { rankdir: "LR", title: "t" }]),
  ...probesOf(
    { predictionChart: viz.predictionChart as Call, residualChart: viz.residualChart as Call },
    () => [
      [1, 2],
      [2, 2],
      FRAME,
    ],
  ),
  rocChart: probe(viz.rocChart as Call, () => [[0, 1], [0.2, 0.8], FRAME]),
  confusionMatrixChart: probe(viz.confusionMatrixChart as Call, () => [[0, 1], [1, 1], {
    ...FRAME,
    classes: ["a", "b"],
  }]),
  boundaryChart: probe(viz.boundaryChart as Call, () => [[[0, 0], [1, 1]], [0, 1], firstFeature, {
    ...FRAME,
    classes: ["a", "b"],
  }]),
  histogramChart: probe(viz.histogramChart as Call, () => [{ w: [1, 2] }, FRAME], {
    takes: ["argument 0, w"],
  }),
  picture: probe(viz.picture as Call, () => ["<svg/>"]),
  svgToPng: probe(viz.svgToPng as Call, () => [SMALL, { scale: 1 }]),
  checkGradients: probe(checkGradients as Call, () => [(x: Variable) => square(x), [[1, 2]], {
    order: 2,
    argnums: [0],
    step: 1e-3,
    tolerance: 1e-3,
  }]),
};
