/**
 * Trains a small network to tell Iris flowers apart, shows the loss of every epoch, and draws it.
 * The defaults are the smallest case: setosa against versicolor, 4-3-1, sigmoid, full batch, 30 epochs.
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  type Iris,
  irisFromTable,
  loadIris,
  readCsv,
  standardScaler,
  trainTestSplit,
} from "../src/data/mod.ts";
import { applyLayer, dense, type Sequential, sequential } from "../src/nn/mod.ts";
import { adam, type Optimizer, rmsprop, sgd } from "../src/optim/mod.ts";
import { checkFolder, fail, orFail, readNumber, rejectUnknown } from "./_command_line.ts";

const HELP = `Trains a small network on Fisher's Iris data.

Usage: deno task iris [options]
  --epochs N           times through the data (default: 30; 200 with --classes all)
  --learning-rate X    (default: 1; 0.1 with --classes all or another optimizer than sgd)
  --hidden N           units in the hidden layer (default: 3; 8 with --classes all)
  --optimizer NAME     sgd, adam or rmsprop (default: sgd; adam with --classes all)
  --batch-size N       examples in each step (default: all)
  --seed N             for weights, split and order (default: 0)
  --classes LIST       two species, such as setosa,versicolor (the default), or all
  --csv FILE           another file with the columns of data/iris.csv
  --raw                leave the features as they are (default: mean 0, standard deviation 1)
  --out DIR            where pictures and predictions go (default: out)
  --no-pictures        write no files
  --quiet              print only the result
  --json               print one JSON object a line, for programs
  --help               print this`;

const flags = parseArgs(Deno.args, {
  string: ["epochs", "learning-rate", "hidden", "optimizer", "batch-size", "seed", "classes", "csv", "out"],
  boolean: ["raw", "pictures", "quiet", "json", "help"],
  negatable: ["pictures"],
  default: { pictures: true },
  unknown: rejectUnknown,
});
if (flags.help) {
  console.log(HELP);
  Deno.exit(0);
}

const OPTIMIZERS: { readonly [name: string]: (options: { learningRate: number }) => Optimizer } = {
  sgd,
  adam,
  rmsprop,
};
/** More hidden units than that do not help with flowers, and take long. */
const MOST_UNITS = 100_000;

/** A loss that has grown that much has diverged. */
const DIVERGED = 3;

const FILES = ["loss.svg", "model.svg", "predictions.txt"];
const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;

const all = flags.classes === "all";
const optimizerName = flags.optimizer ?? (all ? "adam" : "sgd");
const makeOptimizer = Object.hasOwn(OPTIMIZERS, optimizerName) ? OPTIMIZERS[optimizerName] : undefined;
if (makeOptimizer === undefined) {
  fail(`Bad value for --optimizer: ${JSON.stringify(optimizerName)}, expected sgd, adam or rmsprop`);
}
const epochs = readNumber("epochs", flags.epochs, isCount, "an integer from 1 up") ?? (all ? 200 : 30);
const learningRate =
  readNumber("learning-rate", flags["learning-rate"], (x) => x > 0 && x < Infinity, "a number above 0") ??
    (optimizerName === "sgd" ? 1 : 0.1);
const hidden = readNumber(
  "hidden",
  flags.hidden,
  (n) => isCount(n) && n <= MOST_UNITS,
  `an integer from 1 to ${MOST_UNITS}`,
) ??
  (all ? 8 : 3);
const batchSize = readNumber("batch-size", flags["batch-size"], isCount, "an integer from 1 up") ?? Infinity;
const seed =
  readNumber("seed", flags.seed, (n) => Number.isSafeInteger(n) && n >= 0, "an integer from 0 up") ?? 0;
const out = flags.out ?? "out";
if (out === "") fail(`Bad value for --out: "", expected a folder`);
const talk = !flags.quiet && !flags.json;

const iris = await load();
if (flags.pictures) await checkFolder(out, FILES);
const scaler = standardScaler();
const { train, test } = await orFail(() => trainTestSplit(iris, { testFraction: 0.2, seed }));
const scale = (x: typeof train.features): typeof train.features => flags.raw ? x : scaler.transform(x);
scaler.fit(train.features);
const trainX = scale(train.features);
const testX = scale(test.features);

const model = sequential([
  dense({ units: hidden, activation: "sigmoid", name: "hidden" }),
  iris.classes.length === 2
    ? dense({ units: 1, activation: "sigmoid", name: "output" })
    : dense({ units: iris.classes.length, activation: "softmax", name: "output" }),
], { name: "iris", seed });
model.compile({
  optimizer: makeOptimizer({ learningRate }),
  loss: iris.classes.length === 2 ? "binaryCrossentropy" : "sparseCategoricalCrossentropy",
  metrics: ["accuracy"],
});

const start = performance.now();
const { history } = await orFail(() =>
  model.fit(trainX, train.labels, {
    epochs,
    batchSize,
    callbacks: {
      onEpochEnd(epoch, logs) {
        if (flags.json) console.log(JSON.stringify({ epoch: epoch + 1, loss: logs["loss"] }));
        if (talk) console.log(`epoch ${String(epoch + 1).padStart(3)}  loss ${logs["loss"]!.toFixed(6)}`);
      },
    },
  })
);
const seconds = (performance.now() - start) / 1000;
const [firstLoss = 0, lastLoss = 0] = [history["loss"]!.at(0), history["loss"]!.at(-1)];
if (lastLoss > DIVERGED * Math.max(firstLoss, 1)) {
  fail(
    `Training has diverged: the loss went from ${firstLoss.toPrecision(4)} to ${
      lastLoss.toPrecision(4)
    }, use a ` +
      `smaller --learning-rate than ${learningRate}`,
  );
}

const trainAccuracy = model.evaluate(trainX, train.labels)["accuracy"]!;
const testAccuracy = model.evaluate(testX, test.labels)["accuracy"]!;
if (flags.json) console.log(JSON.stringify({ trainAccuracy, testAccuracy, seconds }));
else {
  if (talk) console.log(`\n${model.summary()}\n`);
  console.log(`train accuracy ${percent(trainAccuracy)}, test accuracy ${percent(testAccuracy)}`);
}

if (flags.pictures) {
  try {
    await writePictures(model);
  } catch (error) {
    fail(`Cannot write to ${out}: ${error instanceof Error ? error.message : error}`);
  }
  if (talk) console.log(`wrote ${out}/loss.svg, ${out}/model.svg and ${out}/predictions.txt`);
}

async function load(): Promise<Iris> {
  const classes = all
    ? undefined
    : (flags.classes ?? "setosa,versicolor").split(",").map((name) => name.trim());
  if (classes !== undefined && (classes.length !== 2 || classes[0] === classes[1])) {
    fail(`Bad value for --classes: ${JSON.stringify(flags.classes)}, expected two species, or all`);
  }
  const options = classes === undefined ? {} : { classes };
  const loaded = await orFail(async () => {
    try {
      return flags.csv === undefined ? loadIris(options) : irisFromTable(await readCsv(flags.csv), options);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) fail(`Cannot read ${flags.csv}: no such file`);
      if (error instanceof Deno.errors.IsADirectory) fail(`Cannot read ${flags.csv}: it is a folder`);
      throw error;
    }
  });
  if (loaded.classes.length > 1) return loaded;
  fail(`Cannot tell species apart: ${flags.csv} has one only, ${JSON.stringify(loaded.classes[0])}`);
}

/** The loss curve, the graph of the model for one flower, and what it says of the test flowers. */
async function writePictures(trained: Sequential): Promise<void> {
  const { tape, variable } = await import("../mod.ts");
  const { lossChart, toSvg } = await import("../src/viz/mod.ts");
  await Deno.mkdir(out, { recursive: true });
  await Deno.writeTextFile(
    `${out}/loss.svg`,
    await lossChart({ history }, { title: "Iris: loss per epoch" }),
  );

  const parameters = Object.fromEntries(
    Object.entries(trained.parameters).map(([path, value]) => [path, variable(value, { name: path })]),
  );
  const flower = variable([Array.from(testX.data.subarray(0, 4))], { name: "flower", dtype: "float32" });
  const { output } = applyLayer(trained, { parameters, state: {} }, flower);
  await Deno.writeTextFile(`${out}/model.svg`, await toSvg(output, { inputs: [flower] }));
  tape.clear();

  const guesses = trained.predict(testX);
  const width = guesses.shape[1]!;
  const lines = Array.from({ length: guesses.shape[0]! }, (_, i) => {
    const row = Array.from(guesses.data.subarray(i * width, (i + 1) * width));
    const guess = width === 1 ? Number(row[0]! > 0.5) : row.indexOf(Math.max(...row));
    const name = (k: number): string => iris.classes[k]!.padEnd(12);
    return `${name(test.labels.data[i]!)} ${name(guess)} ${row.map((p) => p.toFixed(4)).join(" ")}`;
  });
  await Deno.writeTextFile(
    `${out}/predictions.txt`,
    `species      prediction   probability\n${lines.join("\n")}\n`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
