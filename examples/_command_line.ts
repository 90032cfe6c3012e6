/** Ends the program with exit code 2 and one line on standard error. */
export function fail(message: string): never {
  console.error(message);
  Deno.exit(2);
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
