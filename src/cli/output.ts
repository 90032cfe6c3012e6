import type { Callbacks } from "../nn/mod.ts";
import { describeEpoch } from "../nn/training/progress.ts";

/** Without a terminal about so many epochs are told of. */
const LINES = 10;

/** Writes a line to standard output. */
export function print(text: string): void {
  console.log(text);
}

/** Writes a line for people to standard error, so that standard output stays for results. */
export function remark(text: string): void {
  console.error(text);
}

/** The sentence of an error, in one line. */
export function describeError(error: unknown): string {
  if (error instanceof Deno.errors.IsADirectory) return "Cannot read or write a file: it is a folder";
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s*\n\s*/g, " ");
}

/** Shows how training goes: a bar on a terminal, else some lines. */
export async function progress(epochs: number): Promise<Callbacks> {
  const every = Math.ceil(epochs / LINES);
  if (!Deno.stderr.isTerminal()) {
    return {
      onEpochEnd(epoch, logs): void {
        if ((epoch + 1) % every === 0) remark(describeEpoch(epoch, epochs, logs));
      },
    };
  }
  const { ProgressBar } = await import("@std/cli/unstable-progress-bar");
  let latest = "";
  let bar: InstanceType<typeof ProgressBar> | undefined;
  const end = async (): Promise<void> => {
    await bar?.stop();
    bar = undefined;
  };
  return {
    onTrainBegin(): void {
      bar = new ProgressBar({
        max: epochs,
        barLength: 30,
        clear: true,
        formatter: (f: { readonly progressBar: string; readonly styledTime: string }) =>
          `${f.progressBar}  ${f.styledTime}  ${latest}`,
      });
    },
    onEpochEnd(epoch, logs): void {
      latest = describeEpoch(epoch, epochs, logs);
      if (bar !== undefined) bar.value = epoch + 1;
    },
    onTrainEnd: end,
    onTrainError: end,
  };
}

/**
 * Makes sure that a file can be written before anything long begins.
 *
 * @throws {TypeError} If its folder is not there, or a folder has its name
 */
export async function checkWritable(path: string): Promise<void> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (found?.isDirectory) throw new TypeError(`Cannot write ${path}: it is a folder`);
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".";
  const into = await Deno.stat(folder).catch(() => undefined);
  if (into === undefined) throw new TypeError(`Cannot write ${path}: there is no folder ${folder}`);
  if (!into.isDirectory) throw new TypeError(`Cannot write ${path}: ${folder} is no folder`);
}
