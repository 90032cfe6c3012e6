import { message } from "../../_internal/message.ts";
import type { Arguments, Command } from "../arguments.ts";
import { RowEncoder } from "../encoder.ts";
import { predictFile } from "../measure.ts";
import { print, remark } from "../output.ts";
import { type Report, reportOf } from "../report.ts";
import { CsvFile } from "../rows.ts";
import { loadTableModel, type TableModel } from "../schema.ts";

/** Reports how right a model is about a file. */
export const evaluate: Command = {
  summary: "Reports how right a model is about the rows of a CSV file in which the target is known.",
  positionals: ["model.safetensors", "data.csv"],
  flags: {
    separator: { value: "C", help: "what separates fields, or tab (default: as in training)" },
    quiet: { help: "print only the report" },
    json: { help: "print only the report, as JSON" },
  },
  notes: `Rows without a target are left out, and with the policy drop those in which anything is missing.
A file of any length is read in a memory that does not grow; - is standard input.`,
  run: runEvaluate,
};

async function runEvaluate(given: Arguments): Promise<void> {
  const table = await loadTableModel(given.positional(0));
  const file = new CsvFile(given.positional(1), given.separator() ?? table.schema.separator);
  const encoder = new RowEncoder(file, table.schema);
  const { report, rows } = await measure(table, file, encoder);
  if (rows === 0) {
    throw new RangeError(message`Cannot evaluate on ${file.name}: all rows have missing values`);
  }
  if (!given.has("quiet") && !given.has("json")) encoder.remarks("were left out").forEach(remark);
  print(given.has("json") ? JSON.stringify(report) : report.toString());
}

/** A report of the rows that have a label. */
async function measure(
  table: TableModel,
  file: CsvFile,
  encoder: RowEncoder,
): Promise<{ report: Report; rows: number }> {
  const report = reportOf(table.schema.target);
  let count = 0;
  for await (const { rows, output } of predictFile(table, file, encoder, "labels")) {
    count += rows.length;
    for (const { row, label, at } of rows) report.add(label!, output, at!, row.number);
  }
  return { report, rows: count };
}
