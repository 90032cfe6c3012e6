import { stringify } from "@std/csv/stringify";
import { message } from "../../_internal/message.ts";
import type { Arguments, Command } from "../arguments.ts";
import { RowEncoder } from "../encoder.ts";
import { type PredictedBlock, predictFile, predictionOf } from "../measure.ts";
import { checkWritable, remark } from "../output.ts";
import { CsvFile } from "../rows.ts";
import { loadTableModel, type Target } from "../schema.ts";

/** Predicts new rows. */
export const predict: Command = {
  summary: "Predicts the rows of a CSV file, and writes a CSV file with a prediction for each.",
  positionals: ["model.safetensors", "new.csv"],
  flags: {
    out: { value: "FILE", help: "where predictions go (default: standard output)" },
    keep: { value: "LIST", help: "columns to write before the prediction, or all (default: none)" },
    probabilities: { help: "write the probability of each class, too" },
    separator: { value: "C", help: "what separates fields, or tab (default: as in training)" },
    quiet: { help: "say nothing of missing values and unknown categories" },
  },
  notes:
    `There is one line for each row, in their order. Where the policy is drop and something is missing, the
prediction is empty. A file of any length is read in a memory that does not grow; - is standard input.`,
  run: runPredict,
};

async function runPredict(given: Arguments): Promise<void> {
  const table = await loadTableModel(given.positional(0));
  const { target, separator } = table.schema;
  const file = new CsvFile(given.positional(1), given.separator() ?? separator);
  const probabilities = given.has("probabilities");
  if (probabilities && target.task === "regression") {
    throw new TypeError(message`Cannot write probabilities: the model predicts a number, ${target.name}`);
  }
  const encoder = new RowEncoder(file, table.schema);
  const kept = given.text("keep") === "all" ? "all" : given.list("keep") ?? [];
  const lines = writeLines(file, target, kept, probabilities, predictFile(table, file, encoder, "all"));
  const out = given.text("out");
  if (out === undefined) await writeToOutput(lines);
  else await writeToFile(out, lines);
  if (!given.has("quiet")) encoder.remarks("were not predicted").forEach(remark);
}

/** The predictions as CSV, piece by piece. */
async function* writeLines(
  file: CsvFile,
  target: Target,
  kept: "all" | readonly string[],
  probabilities: boolean,
  blocks: AsyncIterable<PredictedBlock>,
): AsyncGenerator<string, void, unknown> {
  const classes = target.task === "classification" && probabilities ? target.classes : [];
  const write = (rows: readonly (readonly unknown[])[]): string =>
    stringify(rows, { separator: file.separator, crlf: false });
  let positions: readonly number[] | undefined;
  for await (const { rows, output } of blocks) {
    if (positions === undefined) {
      const names = kept === "all" ? file.names : kept;
      positions = names.map((name) => file.position(name));
      yield write([[...names, "prediction", ...classes.map((label) => `p(${label})`)]]);
    }
    const places = positions;
    yield write(rows.map(({ row, at }) => [
      ...places.map((place) => row.fields[place]),
      at === undefined ? "" : String(predictionOf(target, output, at)),
      ...classes.map((_, k) => at === undefined ? "" : short(output[at + k]!)),
    ]));
  }
}

function short(probability: number): string {
  return String(Number(probability.toFixed(6)));
}

async function writeToOutput(lines: AsyncIterable<string>): Promise<void> {
  const encoder = new TextEncoder();
  const writer = Deno.stdout.writable.getWriter();
  try {
    for await (const text of lines) await writer.write(encoder.encode(text));
  } catch (error) {
    // Whoever reads the output has read enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  } finally {
    writer.releaseLock();
  }
}

/** Writes to a file beside the one that is wanted, which takes its name when it is whole. */
async function writeToFile(path: string, lines: AsyncIterable<string>): Promise<void> {
  await checkWritable(path);
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    await Deno.writeFile(temporary, ReadableStream.from(lines).pipeThrough(new TextEncoderStream()));
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
