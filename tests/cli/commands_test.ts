import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { parseCsv } from "../../src/data/mod.ts";
import { fromOnnx } from "../../src/export/mod.ts";
import { loadModel } from "../../src/io/mod.ts";
import { assertDone, houses, inFolder, isGranted, run, runHere } from "./_files.ts";

const test = (name: string, fn: (folder: string) => Promise<void>): void =>
  Deno.test({ name, ignore: !isGranted }, () => inFolder(fn));

test("each command works as its own process, and new rows are predicted the same in another", async (folder) => {
  const model = `${folder}/iris.safetensors`;
  const trained = await run(["train", "data/iris.csv", "--target", "species", "--out", model]);
  assertDone(trained);
  assertMatch(trained.err, /150 rows, 96 to train on, 24 to validate, 30 to test/);
  assertMatch(trained.out, /accuracy (8|9|10)\d.\d% of 30 rows/);
  assertMatch(trained.out, /versicolor +\d+ +\d+ +\d+\n/);
  assertMatch(trained.out, /class +precision +recall +f1 +rows/);

  const measured = await run(["evaluate", model, "data/iris.csv", "--json"]);
  assertDone(measured);
  const { rows, accuracy, confusion, classes } = JSON.parse(measured.out);
  assertEquals([rows, classes.length], [150, 3]);
  assertGreaterOrEqual(accuracy, 0.93);
  assertAlmostEquals(accuracy, [0, 1, 2].reduce((sum, k) => sum + confusion[k][k], 0) / 150);

  const predict = ["predict", model, "data/iris.csv", "--keep", "species", "--probabilities"];
  const [first, second] = [await run(predict), await run([...predict, "--out", `${folder}/p.csv`])];
  assertDone(first);
  assertDone(second);
  assertEquals(await Deno.readTextFile(`${folder}/p.csv`), first.out);
  const table = parseCsv(first.out);
  assertEquals(table.names, ["species", "prediction", "p(setosa)", "p(versicolor)", "p(virginica)"]);
  const [truth, guesses] = [table.texts("species"), table.texts("prediction")];
  assertEquals(guesses.filter((guess, i) => guess === truth[i]).length, Math.round(accuracy * 150));
  const sums = table.names.slice(2).map((name) => table.numbers(name));
  for (let i = 0; i < 150; i++) {
    assertAlmostEquals(sums.reduce((sum, column) => sum + column[i]!, 0), 1, 1e-5);
  }

  const summary = await run(["summary", model]);
  assertStringIncludes(summary.out, "total parameters: 403");
  assertStringIncludes(
    summary.out,
    "predicts species (classification): one of setosa, versicolor, virginica",
  );
  assertStringIncludes(summary.out, "petal_width: a number; missing: median");

  assertDone(await run(["export", model, "--onnx", `${folder}/iris.onnx`]));
  const onnx = await fromOnnx(await Deno.readFile(`${folder}/iris.onnx`));
  assertEquals([onnx.inputs.length, onnx.inputs[0]!.shape], [1, ["batch", 4]]);
  const scaled = [[0, 0.5, -1, 2], [1, -2, 0.25, 0]];
  const [here, there] = [
    (await loadModel(model)).predict(scaled),
    onnx.apply(onnx.parameters, scaled)["output"]!,
  ];
  assertEquals(there.shape, [2, 3]);
  here.data.forEach((value, i) => assertAlmostEquals(there.data[i]!, value, 1e-6));

  for (const what of ["model", "history"]) {
    assertDone(await run(["plot", what, model, "--out", `${folder}/${what}.svg`]));
    assertStringIncludes(await Deno.readTextFile(`${folder}/${what}.svg`), "<svg");
  }
});

const FAST = ["--epochs", "60", "--learning-rate", "0.03", "--hidden", "12", "--json"];

for (const missing of ["median", "mean", "drop"]) {
  test(`a regression with missing values and categories is learnt with the policy ${missing}`, async (folder) => {
    const [data, fresh, model] = [`${folder}/a.csv`, `${folder}/b.csv`, `${folder}/m.safetensors`];
    await Deno.writeTextFile(data, houses(400, 1));
    await Deno.writeTextFile(fresh, houses(100, 2).replaceAll(",west,", ",east,"));
    const args = ["train", data, "--target", "price", "--missing", missing, "--out", model, ...FAST];
    const trained = await runHere(args);
    assertDone(trained);
    const report = JSON.parse(trained.out);
    const { train, validation, test } = report.rows;
    assertEquals([report.task, train + validation + test === 400], ["regression", missing !== "drop"]);
    assertLess(report.test.rootMeanSquaredError, 0.4 * report.test.standardDeviation);

    const summary = await runHere(["summary", model]);
    assertStringIncludes(summary.out, "district: one of north, south, old, west");
    assert(!summary.out.includes("name:"), "a column of names is left out");

    const predicted = await runHere(["predict", model, fresh, "--out", `${folder}/p.csv`, "--keep", "all"]);
    assertDone(predicted);
    assertMatch(predicted.err, /rows with a district that was not there in training/);
    assertEquals(predicted.err.includes("were not predicted"), missing === "drop");
    const table = parseCsv(await Deno.readTextFile(`${folder}/p.csv`));
    assertEquals(table.names, ["name", "area", "age", "district", "price", "prediction"]);
    assertEquals(table.rowCount, 100);
    const empty = table.texts("prediction").filter((text) => text === "").length;
    assertEquals(empty > 0, missing === "drop");
    const known = table.filter("prediction", (text) => text !== "").filter(
      "district",
      (text) => text === "north",
    )
      .dropMissing();
    const [prices, guesses] = [known.numbers("price"), known.numbers("prediction")];
    const errors = prices.map((price, i) => Math.abs(price - guesses[i]!));
    assertGreater(errors.length, 5);
    assertLess(errors.reduce((sum, error) => sum + error / errors.length, 0), 40);
  });
}

test("training from the file in each epoch learns what training in memory does", async (folder) => {
  const data = `${folder}/a.csv`;
  await Deno.writeTextFile(data, houses(400, 1));
  const args = ["train", data, "--target", "price", "--out", `${folder}/m.safetensors`, "--stream", ...FAST];
  const trained = await runHere(args);
  assertDone(trained);
  const { rows, test } = JSON.parse(trained.out);
  assertEquals(rows.train + rows.validation + rows.test, 400);
  assertEquals(test.rows, rows.test);
  assertGreater(rows.validation, 20);
  assertLess(test.rootMeanSquaredError, 0.4 * test.standardDeviation);
  const again = await runHere(args);
  assertEquals(JSON.parse(again.out).test, test);
});

test("whole numbers of few values are classes, unless a number is asked for", async (folder) => {
  const lines = Array.from({ length: 100 }, (_, i) => `${i % 50};${Number(i % 50 > 24)};${i % 2 ? 70 : 8}`);
  await Deno.writeTextFile(`${folder}/a.csv`, `x;y;code\n${lines.join("\n")}\n`);
  const train = (...args: string[]) =>
    runHere([
      "train",
      `${folder}/a.csv`,
      "--separator",
      ";",
      "--out",
      `${folder}/m.safetensors`,
      ...FAST,
      ...args,
    ]);
  const classes = await train("--target", "y", "--categories", "code");
  assertDone(classes);
  assertEquals(JSON.parse(classes.out).task, "classification");
  assertGreaterOrEqual(JSON.parse(classes.out).test.accuracy, 0.85);
  const summary = await runHere(["summary", `${folder}/m.safetensors`]);
  assertStringIncludes(summary.out, "code: one of 8, 70; missing");
  // The separator is kept with the model.
  assertDone(await runHere(["evaluate", `${folder}/m.safetensors`, `${folder}/a.csv`]));
  const numbers = await train("--target", "y", "--task", "regression", "--features", "x", "--test", "0");
  assertEquals([JSON.parse(numbers.out).task, JSON.parse(numbers.out).test], ["regression", null]);
});

test("columns are found by name, in whatever order a new file has them", async (folder) => {
  const model = `${folder}/m.safetensors`;
  const train = ["train", "data/iris.csv", "--target", "species", "--features", "petal_width,petal_length"];
  assertDone(await runHere([...train, "--out", model, ...FAST]));
  const write = async (name: string, text: string): Promise<string> => {
    await Deno.writeTextFile(`${folder}/${name}.csv`, text);
    assertDone(
      await runHere([
        "predict",
        model,
        `${folder}/${name}.csv`,
        "--out",
        `${folder}/p.csv`,
        "--probabilities",
      ]),
    );
    return Deno.readTextFile(`${folder}/p.csv`);
  };
  const one = await write("one", "petal_length,petal_width\n1.4,0.2\n5.9,2.2\n");
  const other = await write("two", "id,petal_width,more,petal_length\n7,0.2,,1.4\n8,2.2,x,5.9\n");
  assertEquals(one, other);
  assertMatch(one, /\nsetosa,.*\nvirginica,/);
});

test("files of a header with columns named by years, quotes and line breaks are fine", async (folder) => {
  const lines = Array.from({ length: 60 }, (_, i) => `${i},"a ""b"", \n${i % 3}",${2 * i + i % 3}`);
  await Deno.writeTextFile(`${folder}/a.csv`, `\ufeff2020,text,1999\r\n${lines.join("\r\n")}\r\n`);
  const args = ["--target", "1999", "--out", `${folder}/m.safetensors`, ...FAST];
  const trained = await runHere(["train", `${folder}/a.csv`, ...args]);
  assertDone(trained);
  assertGreater(JSON.parse(trained.out).test.r2, 0.8);
});

test("200,000 rows are predicted and evaluated in a small heap", async (folder) => {
  const [data, model] = [`${folder}/a.csv`, `${folder}/m.safetensors`];
  const [header, ...lines] = houses(1000, 3).trimEnd().split("\n");
  await Deno.writeTextFile(data, [header, ...lines, ""].join("\n"));
  assertDone(await runHere(["train", data, "--target", "price", "--out", model, ...FAST, "--epochs", "5"]));
  const many = Array.from({ length: 200 }, () => lines.join("\n"));
  await Deno.writeTextFile(data, [header, ...many, ""].join("\n"));
  const small = ["--v8-flags=--max-old-space-size=48"];
  const measured = await run(["evaluate", model, data, "--json"], small);
  assertDone(measured);
  assertEquals(JSON.parse(measured.out).rows, 200_000);
  assertDone(await run(["predict", model, data, "--out", `${folder}/p.csv`, "--quiet"], small));
  assertEquals((await Deno.readTextFile(`${folder}/p.csv`)).split("\n").length, 200_002);
});
