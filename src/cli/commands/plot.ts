import { message } from "../../_internal/message.ts";
import { readCsv } from "../../data/mod.ts";
import { applyLayer } from "../../nn/mod.ts";
import { tape } from "../../tape/mod.ts";
import { variable } from "../../variable/mod.ts";
import { type ChartHistory, lossChart, toSvg } from "../../viz/mod.ts";
import type { Arguments, Command } from "../arguments.ts";
import { checkWritable, remark } from "../output.ts";
import { loadTableModel, type TableModel, widthOf } from "../schema.ts";

/** Draws a model, or how it was trained. */
export const plot: Command = {
  summary: "Draws a model as a graph, or the losses of its training as a chart, into an SVG file.",
  positionals: ["model|history", "model.safetensors"],
  flags: { out: { value: "FILE", help: "where the picture goes (default: model.svg or history.svg)" } },
  notes: `plot model draws what is computed of an average row. plot history draws the loss of each epoch; it
also takes a CSV file with a column loss, such as the callback csvLogger writes.`,
  async run(given: Arguments): Promise<void> {
    const what = given.positional(0);
    const path = given.positional(1);
    if (what !== "model" && what !== "history") {
      throw new TypeError(message`Cannot plot ${JSON.stringify(what)}: write plot model, or plot history`);
    }
    const out = given.text("out") ?? `${what}.svg`;
    await checkWritable(out);
    const svg = what === "model"
      ? await drawModel(await loadTableModel(path))
      : await lossChart(await readHistory(path), { title: "Loss of each epoch" });
    await Deno.writeTextFile(out, svg);
    remark(`wrote ${out}`);
  },
};

async function drawModel({ model, schema }: TableModel): Promise<string> {
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([path, value]) => [path, variable(value, { name: path })]),
  );
  // Scaled columns are 0 where they have their mean.
  const row = variable([new Array<number>(widthOf(schema.features)).fill(0)], {
    name: "row",
    dtype: "float32",
  });
  try {
    const { output } = applyLayer(model, { parameters, state: {} }, row);
    return await toSvg(output, { title: `Predicts ${schema.target.name}`, inputs: [row] });
  } finally {
    tape.clear();
  }
}

async function readHistory(path: string): Promise<ChartHistory> {
  if (path.toLowerCase().endsWith(".csv")) {
    const table = await readCsv(path);
    const losses = table.names.filter((name) => name.toLowerCase().endsWith("loss"));
    return Object.fromEntries(losses.map((name) => [name, [...table.numbers(name, { missing: "nan" })]]));
  }
  const { history } = (await loadTableModel(path)).schema;
  return Object.fromEntries(
    Object.entries(history).map(([name, list]) => [name, list.map((value) => value ?? NaN)]),
  );
}
