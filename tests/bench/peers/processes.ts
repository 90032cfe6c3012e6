/** Whole processes that import a library, or make a first call with it. */

/** Seconds of a process: the median of the wall time, and the mean of the processor time where that is known. */
export interface ProcessTime {
  readonly wall: number;
  readonly processor: number;
}

const at = (path: string): string => new URL(path, import.meta.url).href;
const RUNS = 10;

/** The programs, by case and library; `by hand` is a process that does nothing. */
export const processes: { readonly [name: string]: { readonly [library: string]: string } } = {
  "process that imports the library": {
    Tapegrad: `import "${at("../../../mod.ts")}";`,
    "jax-js": `import "npm:@jax-js/jax@0.1.25";`,
    "tfjs-wasm": `import "npm:@tensorflow/tfjs@4.22.0"; import "npm:@tensorflow/tfjs-backend-wasm@4.22.0";`,
    "by hand": "",
  },
  "process that takes one step of MLP 784-128-10": Object.fromEntries(
    ([["Tapegrad", "tapegrad", "tapegradTasks"], ["jax-js", "jax", "jaxTasks(false)"], [
      "tfjs-wasm",
      "tfjs",
      "tfjsTasks",
    ]] as const).map(([name, file, tasks]) => [
      name,
      `import { ${tasks.split("(")[0]} } from "${at(`./${file}.ts`)}";
      const task = await ${tasks}["MLP 784-128-10, batch 64, SGD"]();
      await task.run();
      Deno.exit(0);`,
    ]),
  ),
};

/** Measures a program, after one run that fills caches. */
export async function measureProcess(program: string): Promise<ProcessTime> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, program);
    const run = async (): Promise<number> => {
      const config = decodeURIComponent(new URL("../../../deno.json", import.meta.url).pathname);
      const args = ["run", "-A", "--no-check", "--config", config, path];
      const begun = performance.now();
      const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, stdout: "null" }).output();
      const wall = (performance.now() - begun) / 1000;
      if (!success) throw new TypeError(`Cannot measure a process: ${new TextDecoder().decode(stderr)}`);
      return wall;
    };
    await run();
    const before = await childTime();
    const walls: number[] = [];
    for (let i = 0; i < RUNS; i++) walls.push(await run());
    return {
      wall: walls.sort((a, b) => a - b)[RUNS >> 1]!,
      processor: (await childTime() - before) / RUNS,
    };
  } finally {
    await Deno.remove(path);
  }
}

/** Processor seconds of the processes that this one has waited for; NaN where the system does not tell. */
async function childTime(): Promise<number> {
  try {
    const fields = (await Deno.readTextFile("/proc/self/stat")).replace(/^.*\) /, "").split(" ");
    return (Number(fields[13]) + Number(fields[14])) / 100; // In hundredths of a second.
  } catch {
    return NaN;
  }
}
