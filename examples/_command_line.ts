import { parseArgs } from "@std/cli/parse-args";

/** Ends the program with exit code 2 and one line on standard error. */
export function fail(message: string): never {
  console.error(message);
  Deno.exit(2);
}

/** Runs a part of the program that may fail by what it was given; ends the program with one line if it does. */
export async function orFail<T>(part: () => T | Promise<T>): Promise<T> {
  try {
    return await part();
  } catch (error) {
    fail(error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, " ") : String(error));
  }
}

/** Makes a folder if need be, and makes sure that files can be written there before anything long begins. */
export async function checkFolder(folder: string, files: readonly string[]): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder }));
    for (const file of files) {
      const found = await Deno.stat(`${folder}/${file}`).catch(() => undefined);
      if (found?.isDirectory) fail(`Cannot write to ${folder}: ${file} is a folder`);
    }
  } catch (error) {
    const isFile = error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory;
    fail(
      `Cannot write to ${folder}: ${
        isFile ? "it is no folder" : error instanceof Error ? error.message : error
      }`,
    );
  }
}

/** Refuses flags that a program does not have, and words that belong to none. */
export function rejectUnknown(argument: string): never {
  fail(`Unknown argument: ${argument}, see --help`);
}

/** Reads a flag that is a number. */
export function readNumber(
  name: string,
  text: string | undefined,
  ok: (value: number) => boolean,
  expected: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !ok(value)) {
    fail(`Bad value for --${name}: ${JSON.stringify(text)}, expected ${expected}`);
  }
  return value;
}

/**
 * Reads the flags of an example, all of which take a value; prints the help text and ends the program if that is asked
 * for.
 */
export function readFlags<N extends string>(help: string, names: readonly N[]): { [K in N]?: string } {
  const flags: { [name: string]: unknown } = parseArgs(Deno.args, {
    string: [...names] as string[],
    boolean: ["help"],
    unknown: rejectUnknown,
  });
  if (flags.help) {
    console.log(help);
    Deno.exit(0);
  }
  return Object.fromEntries(names.map((name) => [name, flags[name]])) as { [K in N]?: string };
}

/** Reads a flag that is an integer from 1 up. */
export function readCount(name: string, text: string | undefined, byDefault: number): number {
  return readNumber(name, text, (n) => Number.isSafeInteger(n) && n >= 1, "an integer from 1 up") ??
    byDefault;
}
