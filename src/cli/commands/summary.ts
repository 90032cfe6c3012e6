import type { Arguments, Command } from "../arguments.ts";
import { print } from "../output.ts";
import { describeSchema, loadTableModel } from "../schema.ts";

/** Says what is in a model's file. */
export const summary: Command = {
  summary: "Prints the layers of a model, the columns it needs and what it predicts.",
  positionals: ["model.safetensors"],
  flags: {},
  async run(given: Arguments): Promise<void> {
    const { model, schema } = await loadTableModel(given.positional(0));
    print(`${model.summary()}\n\n${describeSchema(schema)}`);
  },
};
