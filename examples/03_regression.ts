/**
 * A regression on a CSV file: read, split, scale, train, stop at the right time, and report errors in the unit of the
 * target. `deno task example:regression`, or on a file of your own
 * `deno task example:regression --csv homes.csv --target price`.
 */
import { type Examples, readCsv, standardScaler, trainTestSplit } from "../src/data/mod.ts";
import { dense, earlyStopping, sequential } from "../src/nn/mod.ts";
import { adam } from "../src/optim/mod.ts";
import { key, normal, uniform } from "../src/random/mod.ts";
import { orFail, readCount, readFlags } from "./_command_line.ts";

const flags = readFlags(
  `Learns to predict a column of numbers of a CSV file from its other columns.

Usage: deno task example:regression [options]
  --csv FILE       a file with a header, all columns numbers (default: 400 flats, made up)
  --target NAME    the column to predict (default: rent)
  --epochs N       at most so many times through the data (default: 300)
  --help           print this`,
  ["csv", "target", "epochs"],
);
const target = flags.target ?? "rent";
const epochs = readCount("epochs", flags.epochs, 300);

// 1. The table. Without a file we make one up: the rent of a flat in euros a month, from its area, its floor and its
//    distance to the centre, with noise that nobody could predict: a standard deviation of 40 euros.
const path = flags.csv ?? await writeFlats();
const table = await orFail(() => readCsv(path));
const names = table.names.filter((name) => name !== target);
const features = await orFail(() => table.features(names)); // [rows, columns]
const labels = await orFail(() => table.features([target])); // [rows, 1]
if (flags.csv === undefined) await Deno.remove(path);
console.log(`${features.shape[0]} rows: ${target} from ${names.join(", ")}`);

// 2. Rows that training never sees tell how good the model is. Networks like numbers around 0, so both sides are
//    scaled, by means and deviations of the training rows alone.
const { train, test } = await orFail(() =>
  trainTestSplit({ features, labels }, { testFraction: 0.2, seed: 1 })
);
const [ofFeatures, ofTarget] = [standardScaler().fit(train.features), standardScaler().fit(train.labels)];
const scale = ({ features, labels }: Examples): [x: Examples["features"], y: Examples["labels"]] => [
  ofFeatures.transform(features),
  ofTarget.transform(labels),
];

// 3. The model. A fifth of the training rows decides when to stop: when their loss has not fallen for 20 epochs, the best
//    weights come back.
const model = sequential([
  dense({ units: 32, activation: "relu" }),
  dense({ units: 32, activation: "relu" }),
  dense({ units: 1 }),
]);
model.compile({ optimizer: adam({ learningRate: 0.005 }), loss: "meanSquaredError" });
const { history } = await model.fit(...scale(train), {
  epochs,
  batchSize: 32,
  validationSplit: 0.2,
  callbacks: earlyStopping({ monitor: "valLoss", patience: 20, restoreBestWeights: true }),
});
console.log(`trained for ${history["loss"]!.length} epochs`);

// 4. The report, in the unit of the target: predictions are scaled back. R² is the share of the variance that is
//    explained: 0 for always guessing the mean, 1 for no error.
const predicted = ofTarget.inverseTransform(model.predict(scale(test)[0])); // [rows, 1]
const actual = Array.from(test.labels.data);
const errors = Array.from(predicted.data, (p, i) => p - actual[i]!);
const mean = actual.reduce((sum, y) => sum + y, 0) / actual.length;
const squares = (list: readonly number[]): number => list.reduce((sum, x) => sum + x * x, 0);
const baseline = actual.map((y) => y - mean);
console.log(`\n  ${target}    predicted    error`);
for (let i = 0; i < Math.min(5, errors.length); i++) {
  console.log(
    [actual[i]!, predicted.data[i]!, errors[i]!].map((x) => x.toFixed(0).padStart(9)).join(""),
  );
}
console.log(
  `\nmean error on new rows: ${(errors.reduce((s, e) => s + Math.abs(e), 0) / errors.length).toFixed(1)}`,
);
console.log(`R² on new rows: ${(1 - squares(errors) / squares(baseline)).toFixed(3)}`);

async function writeFlats(): Promise<string> {
  const rows = 400;
  const draws = uniform(key(7), [rows, 3]).data;
  const noise = normal(key(8), [rows]).data;
  const lines = Array.from({ length: rows }, (_, i) => {
    const area = 25 + 95 * draws[3 * i]!; // m²
    const floor = Math.floor(6 * draws[3 * i + 1]!);
    const distance = 12 * draws[3 * i + 2]!; // km
    // Rent falls with the distance, steeply at first, and an attic without a lift is cheaper.
    const rent = area * (9 + 9 * Math.exp(-distance / 3)) - 60 * Math.max(0, floor - 3) + 40 * noise[i]!;
    return [area.toFixed(1), floor, distance.toFixed(2), rent.toFixed(0)].join(",");
  });
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  await Deno.writeTextFile(path, `area,floor,distance,rent\n${lines.join("\n")}\n`);
  return path;
}
