import { writeBytes } from "../../_internal/files.ts";
import { toOnnx } from "../../export/mod.ts";
import type { Arguments, Command } from "../arguments.ts";
import { checkWritable, remark } from "../output.ts";
import { inputNames, loadTableModel } from "../schema.ts";

/** Writes a model in another format. */
export const exportModel: Command = {
  summary: "Writes a model as an ONNX file, for ONNX Runtime and others.",
  positionals: ["model.safetensors"],
  flags: { onnx: { value: "FILE", help: "where the ONNX file goes" } },
  notes: `The ONNX model takes rows of scaled numbers, [batch, inputs]. Its metadata say which number is which
("inputs", a list), and "table" has offsets and scales, categories and classes, as JSON.`,
  async run(given: Arguments): Promise<void> {
    const out = given.text("onnx");
    if (out === undefined) throw new TypeError("Cannot export: no format is given, write --onnx FILE");
    await checkWritable(out);
    const { model, schema } = await loadTableModel(given.positional(0));
    const { history: _, ...table } = schema;
    const metadata = { inputs: JSON.stringify(inputNames(schema.features)), table: JSON.stringify(table) };
    await writeBytes(out, await toOnnx(model, { metadata }));
    remark(`wrote ${out}`);
  },
};
