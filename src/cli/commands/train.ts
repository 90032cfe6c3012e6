import { message } from "../../_internal/message.ts";
import { dense, earlyStopping, type History, type Layer, type Sequential, sequential } from "../../nn/mod.ts";
import { adam } from "../../optim/mod.ts";
import type { Arguments, Command } from "../arguments.ts";
import { chooseColumns, type ChosenColumns } from "../choose_columns.ts";
import { count, RowEncoder } from "../encoder.ts";
import { readExamples, type TrainingExamples } from "../examples.ts";
import { predictFile } from "../measure.ts";
import { checkWritable, print, progress, remark } from "../output.ts";
import { profileOf } from "../profile.ts";
import { type Report, reportOf } from "../report.ts";
import { CsvFile } from "../rows.ts";
import { ENTRY, POLICIES, type Schema, short, type TableModel, widthOf } from "../schema.ts";

/** More hidden units in a layer than that help with no table, and take long. */
const MOST_UNITS = 100_000;
/** From so many rows on, batches are larger. */
const MANY_ROWS = 10_000;

/** Learns to predict a column of a table from the others. */
export const train: Command = {
  summary: "Trains a model that predicts one column of a CSV file from the others, and saves it as one file.",
  positionals: ["data.csv"],
  flags: {
    target: { value: "NAME", help: "the column to predict" },
    features: { value: "LIST", help: "the columns to predict from (default: all others)" },
    categories: { value: "LIST", help: "columns of numbers to read as texts" },
    task: { value: "NAME", help: "classification, regression or auto (the default)" },
    missing: { value: "POLICY", help: "median (the default), mean, drop or error" },
    hidden: { value: "LIST", help: "units of the hidden layers, or none (default: 16,16)" },
    epochs: { value: "N", help: "times through the data at most (default: 200)" },
    patience: { value: "N", help: "epochs without improvement after which training ends (default: 20)" },
    "learning-rate": { value: "X", help: "step size of Adam (default: 0.01)" },
    "batch-size": { value: "N", help: "rows in each step (default: 32, from 10,000 rows on 256)" },
    test: { value: "SHARE", help: "share of the rows to report on, 0 for none (default: 0.2)" },
    validation: { value: "SHARE", help: "share of the others to stop early by, 0 for none (default: 0.2)" },
    seed: { value: "N", help: "for weights, split and order (default: 0)" },
    separator: { value: "C", help: "what separates fields, or tab (default: a comma)" },
    stream: { help: "read from the file in each epoch, as is done with large ones" },
    out: { value: "FILE", help: "where the model goes (default: model.safetensors)" },
    quiet: { help: "print only the report" },
    json: { help: "print only the report, as JSON" },
  },
  notes:
    `Texts are classes, and so are whole numbers of at most 10 different values in 5 rows each on average;
any other column of numbers is a regression. Columns of texts become one column of zeros and ones for each
text (at most 100; wider columns are left out), and a text that training had not is none of them: all zeros.

Missing are empty fields, NA, N/A, NaN, null, none and ?. Numbers are filled with the median or mean of the
rows to train on (of over 100,000 numbers the median is that of a random sample), missing texts are none of
the known ones. With drop such rows are left out, with error the first one ends the program. Rows in which
the target is missing are left out, but for error. Numbers are brought to mean 0 and standard deviation 1.`,
  run: runTrain,
};

const isShare = (value: number): boolean => value >= 0 && value < 1;
const isSeed = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32;

/** What the flags say. */
function readFlags(given: Arguments) {
  const target = given.text("target");
  if (target === undefined) {
    throw new TypeError("Cannot train: the column to predict is not given, write --target NAME");
  }
  return {
    target,
    features: given.list("features"),
    categories: given.list("categories") ?? [],
    task: given.choice("task", ["auto", "classification", "regression"], "auto"),
    missing: given.choice("missing", POLICIES, "median"),
    hidden: readHidden(given),
    epochs: given.count("epochs", 200),
    patience: given.count("patience", 20),
    learningRate: given.number("learning-rate", 0.01, (x) => x > 0 && x < Infinity, "a number above 0"),
    batchSize: given.text("batch-size") === undefined ? undefined : given.count("batch-size", 32),
    test: given.number("test", 0.2, isShare, "a number from 0 up, below 1"),
    validation: given.number("validation", 0.2, isShare, "a number from 0 up, below 1"),
    seed: given.number("seed", 0, isSeed, "an integer from 0 up, below 2^32"),
    out: given.text("out") ?? "model.safetensors",
    stream: given.has("stream"),
    talks: !given.has("quiet") && !given.has("json"),
    json: given.has("json"),
  } as const;
}
type Flags = ReturnType<typeof readFlags>;

function readHidden(given: Arguments): readonly number[] {
  const text = given.text("hidden") ?? "16,16";
  if (text === "none") return [];
  const units = text.split(",").map((each) => each.trim() === "" ? NaN : Number(each));
  if (units.every((each) => Number.isInteger(each) && each >= 1 && each <= MOST_UNITS)) return units;
  throw new RangeError(
    message`Bad value for --hidden: ${
      JSON.stringify(text)
    }, expected integers from 1 to ${MOST_UNITS}, such as 16,16`,
  );
}

async function runTrain(given: Arguments): Promise<void> {
  const flags = readFlags(given);
  const path = given.positional(0);
  if (path === "-") {
    throw new TypeError("Cannot train on standard input: it is read more than once, pass a file");
  }
  await checkWritable(flags.out);
  const file = new CsvFile(path, given.separator());
  const profile = await profileOf(file);
  const chosen = chooseColumns(file, profile, flags);
  const examples = await readExamples(file, profile.rowCount, chosen, flags.missing, flags);
  if (flags.talks) remark(describeData(file, chosen, examples));
  const start = performance.now();
  const trained = await fit(examples, flags);
  const seconds = (performance.now() - start) / 1000;
  const schema: Schema = {
    version: 1,
    separator: file.separator,
    ...examples.schema,
    history: trained.history,
  };
  if (flags.talks) {
    remark(`trained ${count(trained.history["loss"]!.length, "epoch")} in ${seconds.toFixed(1)} s`);
  }
  const table: TableModel = { model: trained.model, schema };
  const report = examples.counts.test === 0 ? undefined : await reportOnTest(table, file, examples);
  trained.model.metadata = { [ENTRY]: schema };
  await trained.model.save(flags.out);
  if (flags.json) {
    const { train, validation, test } = examples.counts;
    print(JSON.stringify({
      task: schema.target.task,
      rows: { train, validation, test },
      epochs: trained.history["loss"]!.length,
      seconds,
      test: report?.toJSON() ?? null,
      out: flags.out,
    }));
    return;
  }
  print(report === undefined ? "no rows were kept to test on" : report.toString());
  if (flags.talks) remark(`wrote ${flags.out}`);
}

function describeData(
  file: CsvFile,
  { leftOut }: ChosenColumns,
  { schema, counts }: TrainingExamples,
): string {
  const { features, target } = schema;
  const used = features.map((feature) =>
    feature.kind === "number" ? feature.name : `${feature.name} (${count(feature.values.length, "text")})`
  );
  const what = target.task === "regression"
    ? `a number, on average ${short(target.scaler.offsets[0]!)}`
    : `${target.classes.length} classes`;
  const rows = counts.train + counts.validation + counts.test;
  return [
    `${file.name}: ${
      count(rows, "row")
    }, ${counts.train} to train on, ${counts.validation} to validate, ${counts.test} to test`,
    ...counts.none === 0 ? [] : [`left out: ${count(counts.none, "row")} with missing values`],
    ...leftOut.length === 0 ? [] : [`left out: ${leftOut.join(", ")}`],
    `predicts ${target.name} (${target.task}, ${what}) from ${used.join(", ")}`,
  ].join("\n");
}

/** A model of dense layers. */
function buildModel({ schema }: TrainingExamples, { hidden, learningRate, seed }: Flags): Sequential {
  const isRegression = schema.target.task === "regression";
  const units = schema.target.task === "regression" ? 1 : schema.target.classes.length;
  const layers: Layer[] = [
    ...hidden.map((units, i) => dense({ units, activation: "relu", name: `hidden_${i + 1}` })),
    dense({ units, ...isRegression ? {} : { activation: "softmax" as const }, name: "output" }),
  ];
  const model = sequential(layers, { name: "table", seed, inputShape: [widthOf(schema.features)] });
  model.compile({
    optimizer: adam({ learningRate }),
    loss: isRegression ? "meanSquaredError" : "sparseCategoricalCrossentropy",
    metrics: isRegression ? ["meanAbsoluteError"] : ["accuracy"],
  });
  return model;
}

async function fit(
  examples: TrainingExamples,
  flags: Flags,
): Promise<{ model: Sequential; history: History["history"] }> {
  const model = buildModel(examples, flags);
  const { counts, arrays } = examples;
  const batchSize = flags.batchSize ?? (counts.train >= MANY_ROWS ? 256 : 32);
  const validates = counts.validation > 0;
  const options = {
    epochs: flags.epochs,
    callbacks: [
      earlyStopping({
        monitor: validates ? "valLoss" : "loss",
        patience: flags.patience,
        restoreBestWeights: true,
      }),
      ...flags.talks ? [await progress(flags.epochs)] : [],
    ],
  };
  const { history } = arrays === undefined
    ? await model.fit(examples.batches("train", batchSize), {
      ...options,
      ...validates ? { validationData: examples.batches("validation", batchSize) } : {},
    })
    : await model.fit(...arrays.train, {
      ...options,
      batchSize,
      ...validates ? { validationData: arrays.validation } : {},
    });
  return { model, history };
}

async function reportOnTest(table: TableModel, file: CsvFile, { partOf }: TrainingExamples): Promise<Report> {
  const report = reportOf(table.schema.target);
  const encoder = new RowEncoder(file, table.schema);
  const isTest = ({ number }: { number: number }): boolean => partOf(number) === "test";
  for await (const { rows, output } of predictFile(table, file, encoder, "labels", isTest)) {
    for (const { row, label, at } of rows) report.add(label!, output, at!, row.number);
  }
  return report;
}
