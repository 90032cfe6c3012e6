/** Python as a referee: `TAPEGRAD_PYTHON`, else `python3`, where it has the packages that a test needs. */
const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "env" })).state === "granted";

/** A Python with some packages. */
export interface Python {
  /** Runs a script and returns what it prints; throws with its errors if it fails. */
  run(script: string, ...args: string[]): Promise<string>;
}

/**
 * Finds a Python with packages.
 *
 * @returns undefined where there is none; tests are ignored then
 */
export async function findPython(...packages: string[]): Promise<Python | undefined> {
  if (!granted) return undefined;
  const executable = Deno.env.get("TAPEGRAD_PYTHON") ?? "python3";
  const run = async (script: string, ...args: string[]): Promise<string> => {
    const { success, stdout, stderr } = await new Deno.Command(executable, { args: ["-c", script, ...args] })
      .output();
    if (!success) throw new Deno.errors.Interrupted(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  };
  try {
    await run(`import ${packages.join(", ")}`);
  } catch {
    return undefined;
  }
  return { run };
}
