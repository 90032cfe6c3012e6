import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type TablePrediction, tablePredictor, type TableRow } from "../../src/cli/mod.ts";
import { loadModel } from "../../src/io/mod.ts";
import { dense, sequential } from "../../src/nn/mod.ts";
import { assertDone, inFolder, isGranted, run, runHere } from "./_files.ts";

const CITIES = ["Graz", "Linz", "Wien"];
const rows: TableRow[] = Array.from({ length: 120 }, (_, i) => ({
  area: 30 + (i * 37) % 90,
  city: CITIES[i % 3]!,
  balcony: i % 5 === 0 ? null : i % 2 === 0,
  price: 3 * (30 + (i * 37) % 90) + 40 * (i % 3),
}));

/** Rows as the text of a CSV file. */
function csv(columns: readonly string[], list: readonly TableRow[]): string {
  return [columns, ...list.map((row) => columns.map((name) => row[name] ?? ""))].map((x) => x.join(",")).join(
    "\n",
  );
}

/** Trains on the rows, and gives what the command line and the predictor say of some of them. */
async function predictBoth(
  target: string,
  flags: readonly string[],
  list: readonly TableRow[],
): Promise<{ written: string[]; found: TablePrediction[] }> {
  let [written, found]: [string[], TablePrediction[]] = [[], []];
  await inFolder(async (folder) => {
    const [data, fresh, model] = ["data.csv", "new.csv", "model.safetensors"].map((name) =>
      `${folder}/${name}`
    ) as [
      string,
      string,
      string,
    ];
    const columns = Object.keys(rows[0]!);
    await Deno.writeTextFile(data, csv(columns, rows));
    await Deno.writeTextFile(fresh, csv(columns.filter((name) => name !== target), list));
    assertDone(
      await runHere([
        "train",
        data,
        "--target",
        target,
        "--epochs",
        "20",
        "--out",
        model,
        "--quiet",
        ...flags,
      ]),
    );
    const { out, err, code } = await run(["predict", model, fresh]);
    assertEquals(code, 0, err);
    written = out.trimEnd().split("\n").slice(1);
    found = tablePredictor(await loadModel(model)).predict(list);
  });
  return { written, found };
}

const fresh: TableRow[] = [
  { area: 50, city: "Wien", balcony: true },
  { area: "61.5", city: "Bern", balcony: "false" },
  { area: null, city: null, balcony: null },
];

Deno.test(
  { name: "tablePredictor() says of rows what the command line says", ignore: !isGranted },
  async () => {
    const { written, found } = await predictBoth("price", [], fresh);
    assertEquals(found.map(({ prediction }) => String(prediction)), written);
    assertEquals(found.map((x) => x.probabilities), [undefined, undefined, undefined]);
  },
);

Deno.test(
  { name: "tablePredictor() names classes, with their probabilities", ignore: !isGranted },
  async () => {
    const list = [{ area: 50, price: 150, balcony: true }, { area: 60, price: 260, balcony: null }];
    const { written, found } = await predictBoth("city", [], list);
    assertEquals(found.map(({ prediction }) => prediction as string), written);
    for (const { prediction, probabilities } of found) {
      assertEquals(Object.keys(probabilities!), CITIES);
      assertAlmostEquals(Object.values(probabilities!).reduce((a, b) => a + b), 1, 1e-5);
      assertEquals(probabilities![prediction as string], Math.max(...Object.values(probabilities!)));
    }
  },
);

Deno.test(
  { name: "tablePredictor() predicts nothing where what is missing forbids it", ignore: !isGranted },
  async () => {
    const { found } = await predictBoth("price", ["--missing", "drop"], fresh);
    assertEquals(found.map(({ prediction }) => prediction === null), [false, false, true]);
    assert(found[0]!.prediction !== found[1]!.prediction);
  },
);

Deno.test({ name: "tablePredictor() says which row and column is wrong", ignore: !isGranted }, async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/data.csv`, csv(Object.keys(rows[0]!), rows));
    const out = `${folder}/model.safetensors`;
    assertDone(
      await runHere([
        "train",
        `${folder}/data.csv`,
        "--target",
        "price",
        "--epochs",
        "1",
        "--out",
        out,
        "--quiet",
      ]),
    );
    const predictor = tablePredictor(await loadModel(out));
    assertEquals(predictor.columns, ["area", "city", "balcony"]);
    assertEquals(predictor.predict([]), []);
    const [good] = fresh;
    const wrong: readonly (readonly [unknown, typeof Error, string])[] = [
      [
        [good, { are: 1, city: "Wien", balcony: true }],
        RangeError,
        'Cannot predict row 2: there is no "area" (is it "are"?); pass null where it is not known',
      ],
      [
        [{ ...good, area: "large" }],
        SyntaxError,
        'Cannot predict row 1, column area: expected a number, found "large"',
      ],
      [
        [{ ...good, city: ["Wien"] }],
        TypeError,
        "column city: expected a text, a number or null, found object",
      ],
      [[[1, 2, 3]], TypeError, "Cannot predict row 1: pass an object of values by column"],
      [good, TypeError, "pass a list of rows"],
    ];
    for (const [list, type, text] of wrong) {
      assertThrows(() => predictor.predict(list as TableRow[]), type, text);
    }
  });
});

Deno.test("tablePredictor() takes models of the command line only", () => {
  const model = sequential([dense({ units: 1 })]).build([2]);
  assertThrows(
    () => tablePredictor(model),
    SyntaxError,
    "Cannot read the model: the model has no table of columns",
  );
  assertThrows(
    () => tablePredictor("model.safetensors" as never),
    TypeError,
    "pass the model that loadModel() read",
  );
});
