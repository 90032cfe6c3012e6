import { assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { dense, sequential } from "../../src/nn/mod.ts";
import { assertDone, inFolder, isGranted, run, runHere } from "./_files.ts";

const HEADER = "x,colour,y\n";
const ROWS = Array.from(
  { length: 40 },
  (_, i) => `${i},${i % 2 ? "red" : "blue"},${i % 4 < 2 ? "yes" : "no"}\n`,
);
const GOOD = HEADER + ROWS.join("");
const put = (row: number, line: string): string =>
  HEADER + ROWS.map((each, i) => i === row - 1 ? `${line}\n` : each).join("");
const TRAIN = ["train", "FILE", "--target", "y", "--epochs", "1", "--out", "OUT"];

type Mistake = readonly [
  what: string,
  content: string | Uint8Array<ArrayBuffer>,
  args: readonly string[],
  message: string,
];
const FILES: readonly Mistake[] = [
  ["an empty file", "", TRAIN, "the file is empty"],
  ["a header alone", HEADER, TRAIN, "there is a header (x, colour, y) and no row"],
  ["a word among numbers", put(7, "many,red,yes"), TRAIN, "row 7, column 1 (x): expected a number"],
  ["an infinite number", put(7, "1e999,red,yes"), TRAIN, "row 7, column 1 (x): expected a number"],
  ["a long row", put(9, "1,red,yes,4"), TRAIN, "row 9, column 4: the row has 4 fields, the header has 3"],
  ["a short row", put(9, "1,red"), TRAIN, "row 9, column 3: the row has 2 fields, the header has 3"],
  ["a column named twice", "x,x,y\n1,2,yes\n", TRAIN, "column x is named twice"],
  ["a target of one class", HEADER + "1,red,yes\n2,red,yes\n", TRAIN, 'it has one only, "yes"'],
  ["a target without values", HEADER + "1,red,\n2,red,NA\n", TRAIN, "column y of FILE: it has no values"],
  ["two rows", HEADER + "1,red,yes\n2,red,no\n", TRAIN, "Cannot split 2 rows"],
  ["another separator", GOOD.replaceAll(",", ";"), TRAIN, 'try --separator ";"'],
  ["no column to predict from", "y\n" + "yes\nno\n".repeat(20), TRAIN, "no column is left to predict y from"],
  ["bytes that are no text", new Uint8Array([0x78, 0x2c, 0xff, 0xfe, 10]), TRAIN, "no text in UTF-8"],
  ["a quote that is not closed", put(30, '1,"red,yes'), TRAIN, "Cannot read FILE"],
  [
    "gaps that are forbidden",
    put(5, "1,,yes"),
    [...TRAIN, "--missing", "error"],
    "row 5, column 2 (colour): the value",
  ],
  [
    "a forbidden gap in the target",
    put(5, "1,red,"),
    [...TRAIN, "--missing", "error"],
    "row 5, column 3 (y): the value",
  ],
  [
    "gaps in all rows",
    "x,z,y\n" + ",1,yes\n1,,no\n".repeat(9),
    [...TRAIN, "--missing", "drop"],
    "no row is left",
  ],
  [
    "a wide column that is asked for",
    `x,y\n${ROWS.map((_, i) => `a${i},yes\nb${i},no\nc${i},no\n`).join("")}`,
    [
      ...TRAIN,
      "--features",
      "x",
    ],
    "column x of FILE: it has over 100 texts",
  ],
  ["texts as a number", GOOD, [...TRAIN, "--task", "regression"], "as a number: it holds texts"],
  ["an unknown target", GOOD, ["train", "FILE", "--target", "colours"], "(did you mean colour?)"],
  ["an unknown feature", GOOD, [...TRAIN, "--features", "x,z"], 'Unknown column in FILE: "z"'],
  ["the target among the features", GOOD, [...TRAIN, "--features", "x,y"], "Cannot predict y from itself"],
  ["no target", GOOD, ["train", "FILE"], "write --target NAME"],
  ["an unknown flag", GOOD, [...TRAIN, "--epoch", "3"], "Unknown flag --epoch (did you mean --epochs?)"],
  ["a flag without a value", GOOD, ["train", "FILE", "--target"], "Cannot read --target: it has no value"],
  [
    "a bad number",
    GOOD,
    [...TRAIN, "--epochs", "many"],
    'Bad value for --epochs: "many", expected an integer from 1',
  ],
  ["a bad list", GOOD, [...TRAIN, "--hidden", "8,,8"], 'Bad value for --hidden: "8,,8"'],
  ["a bad choice", GOOD, [...TRAIN, "--missing", "zero"], "expected median, mean, drop, error"],
  ["a bad share", GOOD, [...TRAIN, "--test", "1"], "expected a number from 0 up, below 1"],
  ["a bad separator", GOOD, [...TRAIN, "--separator", "::"], "the separator is"],
  ["one word too many", GOOD, [...TRAIN, "more"], '"more" is one word too many'],
  ["no file", GOOD, ["train", "--target", "y"], "data.csv is not given, write train data.csv"],
  ["a file that is not there", GOOD, ["train", "FILE.not", "--target", "y"], "there is no such file"],
  ["a folder", GOOD, ["train", "FOLDER", "--target", "y"], "Cannot read FOLDER: it is a folder"],
  [
    "a folder to write to that is not there",
    GOOD,
    [...TRAIN, "--out", "OUT/no/m"],
    "there is no folder OUT/no",
  ],
  [
    "a learning rate that diverges",
    GOOD,
    [...TRAIN, "--learning-rate", "1e300", "--epochs", "9"],
    "the loss is NaN",
  ],
  ["a command that is not there", GOOD, ["trian", "FILE"], "(did you mean train?)"],
  ["a model that is none", GOOD, ["evaluate", "FILE", "FILE"], "Cannot read FILE"],
  ["a picture of something else", GOOD, ["plot", "weights", "FILE"], "write plot model, or plot history"],
  ["an export to nothing", GOOD, ["export", "FILE"], "Cannot export: no format is given"],
  ["standard input to train on", GOOD, ["train", "-", "--target", "y"], "it is read more than once"],
];
for (const [what, content, args, message] of FILES) {
  Deno.test(
    { name: `${what} ends with code 2 and one line`, ignore: !isGranted },
    () =>
      inFolder(async (folder) => {
        const names: readonly [string, string][] = [
          ["FILE", `${folder}/data.csv`],
          ["OUT", `${folder}/model.safetensors`],
          ["FOLDER", folder],
        ];
        const fill = (text: string): string =>
          names.reduce((filled, [name, path]) => filled.replace(name, path), text);
        await Deno.writeFile(
          `${folder}/data.csv`,
          typeof content === "string" ? new TextEncoder().encode(content) : content,
        );
        const { code, out, err } = await runHere(
          args.map(fill).concat(args[0] === "train" ? ["--quiet"] : []),
        );
        assertEquals([code, err.split("\n").length, out], [2, 1, ""], err);
        assertStringIncludes(err, fill(message));
        assertNotMatch(err, /^\s+at |undefined|\[object/m);
      }),
  );
}

Deno.test(
  { name: "mistakes in new rows name row and column", ignore: !isGranted },
  () =>
    inFolder(async (folder) => {
      const [data, model] = [`${folder}/data.csv`, `${folder}/m.safetensors`];
      await Deno.writeTextFile(data, GOOD);
      assertDone(await runHere(["train", data, "--target", "y", "--epochs", "1", "--out", model, "--quiet"]));
      const cases: readonly [command: string, content: string, message: string][] = [
        ["predict", put(33, "many,red,"), 'row 33, column 1 (x): expected a number, found "many"'],
        ["predict", "x,y\n1,yes\n", 'Unknown column in FILE: "colour"'],
        [
          "evaluate",
          put(3, "1,red,perhaps"),
          'row 3, column 3 (y): found the class "perhaps", expected one of no, yes',
        ],
        ["evaluate", "x,colour\n1,red\n", 'Unknown column in FILE: "y"'],
        ["evaluate", HEADER + "1,red,\n", "all rows have missing values"],
      ];
      for (const [command, content, message] of cases) {
        await Deno.writeTextFile(data, content);
        const out = command === "predict" ? ["--out", `${folder}/p.csv`] : [];
        const { code, err } = await runHere([command, model, data, ...out]);
        assertEquals([code, err.split("\n").length], [2, 1], err);
        assertStringIncludes(err, message.replace("FILE", data));
        assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
          "data.csv",
          "m.safetensors",
        ]);
      }
    }),
);

Deno.test(
  { name: "models of others and damaged tables are refused", ignore: !isGranted },
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/m.safetensors`;
      const model = sequential([dense({ units: 2, inputShape: [3] })]).build();
      await model.save(path);
      assertStringIncludes((await runHere(["summary", path])).err, "it was not written by train");
      const scaler = { kind: "standard", offsets: [0, 0], scales: [1, 1] };
      const features = ["a", "b"].map((name) => ({ kind: "number", name, filling: 0 }));
      const target = { task: "classification", name: "y", classes: ["no", "yes"] };
      const table = { version: 1, separator: ",", missing: "mean", features, scaler, target, history: {} };
      model.metadata = { table: { ...table, version: 9 } };
      await model.save(path);
      assertStringIncludes(
        (await runHere(["summary", path])).err,
        "the table of columns is wrong at version",
      );
      model.metadata = { table };
      await model.save(path);
      assertStringIncludes(
        (await runHere(["summary", path])).err,
        "does not fit the layers, 2 numbers go in",
      );
    }),
);

Deno.test({
  name: "a process ends with code 2 and one line, and prints help with code 0",
  ignore: !isGranted,
}, async () => {
  const { code, out, err } = await run(["train", "missing.csv", "--target", "y"]);
  assertEquals([code, out, err], [2, "", "Cannot read missing.csv: there is no such file\n"]);
  const commands = ["train", "evaluate", "predict", "summary", "export", "plot"];
  const help = await run(["--help"]);
  assertDone(help);
  for (const command of commands) {
    assertStringIncludes(help.out, `  ${command} `);
    const { code, out } = await runHere([command, "--help"]);
    assertEquals([code, out.includes(`Usage: ${command} `), out.includes("--help")], [0, true, true]);
  }
});
