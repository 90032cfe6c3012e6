import { message } from "../_internal/message.ts";
import { nearestName } from "../_internal/readers/mod.ts";
import { Arguments, type Command, helpOf } from "./arguments.ts";
import { evaluate } from "./commands/evaluate.ts";
import { exportModel } from "./commands/export.ts";
import { plot } from "./commands/plot.ts";
import { predict } from "./commands/predict.ts";
import { summary } from "./commands/summary.ts";
import { train } from "./commands/train.ts";
import { describeError, print, remark } from "./output.ts";

const COMMANDS: { readonly [name: string]: Command } = {
  train,
  evaluate,
  predict,
  summary,
  export: exportModel,
  plot,
};

/**
 * Runs a command of the command line: `train`, `evaluate`, `predict`, `summary`, `export` or `plot`. Results go to
 * standard output, remarks and the one line that says what is wrong to standard error. Needs permission to read and
 * write the files that are named.
 *
 * @param args The words after the name of the program
 * @returns The exit code: 0, or 2 if the arguments or files will not do
 *
 * @example
 * ```ts
 * import { runCommandLine } from "@tapegrad/tapegrad/cli";
 *
 * console.log(await runCommandLine(["train", "--help"])); // 0
 * ```
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    const [name, ...rest] = args;
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      const lines = Object.entries(COMMANDS).map(([each, command]) =>
        `  ${each.padEnd(10)}${command.summary}`
      );
      print(
        `Trains models on tables and uses them.\n\nCommands:\n${
          lines.join("\n")
        }\n\nCOMMAND --help says more.`,
      );
      return name === undefined ? 2 : 0;
    }
    const command = commandOf(name);
    const given = new Arguments(name, command, rest);
    if (given.has("help")) print(helpOf(name, command));
    else await command.run(given);
    return 0;
  } catch (error) {
    remark(describeError(error));
    return 2;
  }
}

function commandOf(name: string): Command {
  const names = Object.keys(COMMANDS);
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name]!;
  const near = nearestName(name, names);
  throw new TypeError(
    message`Unknown command ${JSON.stringify(name)}${
      near === undefined ? "" : ` (did you mean ${near}?)`
    }: there are ${names.join(", ")}`,
  );
}
