/**
 * Tapegrad next to TensorFlow.js and jax-js, both in WebAssembly, one thread each: one table, in one run, of the
 * same data. The results are compared before anything is measured; a mismatch ends the run.
 *
 *     deno task bench:peers [--only TEXT] [--seconds 1] [--workers]
 *
 * Each entry is the median of the calls, with the best in brackets. `--workers` adds a column for jax-js on all
 * cores.
 */
import { parseArgs } from "@std/cli";
import type { Case, Result, Task, Tasks } from "./peers/cases.ts";

interface Library {
  readonly name: string;
  readonly tasks: Tasks;
}

/** Seconds that one call takes. */
interface Time {
  readonly median: number;
  readonly best: number;
}

async function main(): Promise<void> {
  const flags = parseArgs(Deno.args, { string: ["only", "seconds"], boolean: ["workers"] });
  const seconds = Number(flags.seconds ?? 1);
  if (!(seconds > 0)) {
    throw new RangeError(`Cannot measure for ${flags.seconds} seconds: use a number above 0`);
  }
  const { cases } = await import("./peers/cases.ts");
  const { plainTasks, scalarRows, tapegradTasks } = await import("./peers/tapegrad.ts");
  const { jaxTasks } = await import("./peers/jax.ts");
  const { tfjsTasks } = await import("./peers/tfjs.ts");
  const libraries: Library[] = [
    { name: "Tapegrad", tasks: tapegradTasks },
    { name: "jax-js", tasks: jaxTasks(false) },
    ...(flags.workers ? [{ name: "jax-js workers", tasks: jaxTasks(true) }] : []),
    { name: "tfjs-wasm", tasks: tfjsTasks },
    { name: "by hand", tasks: plainTasks },
  ];
  const table = [["case", "", ...libraries.map(({ name }) => name), "ratio to the best peer"]];
  for (const what of cases.filter(({ name }) => name.includes(flags.only ?? ""))) {
    console.error(`${what.name} ...`);
    const expected: Result[] = [];
    const times: (Time | null)[] = [];
    for (const { name, tasks } of libraries) {
      const make = tasks[what.name];
      if (make === undefined) {
        times.push(null);
        continue;
      }
      const task = await make();
      await compare(what, name, task, expected);
      times.push(await measure(task, seconds));
    }
    table.push([what.name, what.unit, ...times.map((time) => format(what, time)), ratio(times, libraries)]);
    if (what.name.startsWith("scalar")) {
      const rows = scalarRows();
      const perRow = times.map((time) => format({ ...what, unit: "ns/row", amount: rows }, time));
      table.push([`  of ${rows} recorded rows`, "ns/row", ...perRow, ""]);
    }
  }
  print(table);
  // Workers of other libraries would keep the process alive.
  Deno.exit(0);
}

/** Runs the first calls and compares their results with those of the library before. */
async function compare(what: Case, name: string, task: Task, expected: Result[]): Promise<void> {
  for (let i = 0; i < what.checks; i++) {
    const found = await task.run();
    const wanted = expected[i] ??= Array.from(found);
    const scale = Math.max(...Array.from(wanted, Math.abs).slice(0, 10_000));
    if (found.length !== wanted.length) {
      throw new TypeError(
        `Cannot compare ${what.name}: ${name} gives ${found.length} numbers, not ${wanted.length}`,
      );
    }
    for (let k = 0; k < wanted.length; k++) {
      if (Math.abs(found[k]! - wanted[k]!) <= what.tolerance * scale) continue;
      throw new RangeError(
        `Cannot compare ${what.name}: call ${i} of ${name} gives ${found[k]} at ${k}, not ${wanted[k]}`,
      );
    }
  }
}

/** Times calls, in groups long enough for the clock. */
async function measure(task: Task, seconds: number): Promise<Time> {
  const group = async (calls: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) {
      const result = task.run();
      if (result instanceof Promise) await result;
    }
    return (performance.now() - start) / 1000;
  };
  let calls = 1;
  let spent = 0;
  // Engines compile what runs often, so a part of the time goes into warming up.
  while (spent < seconds / 3) {
    const time = await group(calls);
    spent += time;
    if (time < 0.01) calls = Math.ceil(calls * Math.min(4, 0.012 / Math.max(time, 1e-6)));
  }
  const times: number[] = [];
  for (let left = seconds; left > 0 || times.length < 5;) {
    const time = await group(calls);
    times.push(time / calls);
    left -= time;
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1]!, best: times[0]! };
}

/** A time in the unit of the case: the median, with the best in brackets. */
function format({ unit, amount = 1 }: Case, time: Time | null): string {
  if (time === null) return "-";
  const convert = (s: number): number =>
    unit === "steps/s"
      ? 1 / s
      : unit === "GFLOP/s"
      ? amount / s / 1e9
      : s / amount * { ms: 1e3, us: 1e6, "ns/row": 1e9 }[unit];
  const digits = (x: number): string => x >= 100 ? x.toFixed(0) : x.toPrecision(3);
  return `${digits(convert(time.median))} (${digits(convert(time.best))})`;
}

/** How many times as fast as the best peer we are. */
function ratio(times: readonly (Time | null)[], libraries: readonly Library[]): string {
  const peers = times.filter((time, i) => i > 0 && time !== null && libraries[i]!.name !== "by hand");
  if (peers.length === 0) return "-";
  return (Math.min(...peers.map((time) => time!.median)) / times[0]!.median).toPrecision(2);
}

function print(table: readonly (readonly string[])[]): void {
  const widths = table[0]!.map((_, k) => Math.max(...table.map((row) => row[k]!.length)));
  for (const row of table) {
    console.log(row.map((cell, k) => k < 2 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)).join("  "));
  }
}

if (import.meta.main) await main();
