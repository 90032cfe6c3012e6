/**
 * Tapegrad next to TensorFlow.js and jax-js, both in WebAssembly, and to PyTorch where a Python has it, one thread each:
 * one table, in one run, of the same data. The results are compared before anything is measured; a mismatch ends the
 * run.
 *
 *     deno task bench:peers [--only TEXT] [--seconds 1] [--workers] [--python PATH]
 *
 * Each entry is the median of the wall time, with that of the processor time after a stroke. `--workers` adds a column
 * for jax-js on all cores.
 */
import { cpuUsage } from "node:process";
import { parseArgs } from "@std/cli";
import { useBlas } from "../../mod.ts";
import type { Case, Result, Task, Tasks } from "./peers/cases.ts";
import { measureProcess, processes } from "./peers/processes.ts";
import { findTorch, measureTorch } from "./peers/torch.ts";

/** Our columns: with the kernels, and with the native library of the machine. */
const [OURS, NATIVE] = ["Tapegrad", "with BLAS"];

/** Seconds that one call takes. */
interface Time {
  readonly wall: number;
  readonly processor: number;
}

interface Library {
  readonly name: string;
  /** Compares the first calls and measures the others; `null` for what the library can't run. */
  measure(what: Case, seconds: number, expected: Result[]): Promise<Time | null>;
}

async function main(): Promise<void> {
  const flags = parseArgs(Deno.args, { string: ["only", "seconds", "python"], boolean: ["workers"] });
  const seconds = Number(flags.seconds ?? 1);
  if (!(seconds > 0)) {
    throw new RangeError(`Cannot measure for ${flags.seconds} seconds: use a number above 0`);
  }
  const { cases } = await import("./peers/cases.ts");
  const { nativeTasks, plainTasks, scalarRows, tapegradTasks } = await import("./peers/tapegrad.ts");
  const { jaxTasks } = await import("./peers/jax.ts");
  const { tfjsTasks } = await import("./peers/tfjs.ts");
  const python = await findTorch(flags.python);
  if (python === undefined) console.error("No Python with PyTorch was found: its column is left out");
  const libraries: Library[] = [
    inProcess(OURS, tapegradTasks),
    ...(hasBlas() ? [inProcess(NATIVE, nativeTasks)] : []),
    inProcess("jax-js", jaxTasks(false)),
    ...(flags.workers ? [inProcess("jax-js workers", jaxTasks(true))] : []),
    inProcess("tfjs-wasm", tfjsTasks),
    ...(python === undefined ? [] : [torch(python)]),
    inProcess("by hand", plainTasks),
  ];
  const table = [["case", "", ...libraries.map(({ name }) => name), "ratio to the best peer", "with BLAS"]];
  const isWanted = (name: string): boolean => name.includes(flags.only ?? "");
  for (const [name, programs] of Object.entries(processes).filter(([name]) => isWanted(name))) {
    console.error(`${name} ...`);
    const times: (Time | null)[] = [];
    for (const library of libraries) {
      const program = programs[library.name];
      times.push(program === undefined ? null : await measureProcess(program));
    }
    table.push([
      name,
      "ms",
      ...times.map((time) => format({ unit: "ms" }, time)),
      ratio(times, libraries),
      "-",
    ]);
  }
  for (const what of cases.filter(({ name }) => isWanted(name))) {
    console.error(`${what.name} ...`);
    const expected: Result[] = [];
    const times: (Time | null)[] = [];
    for (const library of libraries) times.push(await library.measure(what, seconds, expected));
    const ratios = [OURS, NATIVE].map((name) => ratio(times, libraries, name));
    table.push([what.name, what.unit, ...times.map((time) => format(what, time)), ...ratios]);
    if (what.name.startsWith("scalar")) {
      const rows = scalarRows();
      const perRow = times.map((time) => format({ unit: "ns/row", amount: rows }, time));
      table.push([`  of ${rows} recorded rows`, "ns/row", ...perRow, "", ""]);
    }
  }
  print(table);
  // Workers of other libraries would keep the process alive.
  Deno.exit(0);
}

/** Whether the machine has a native library for products. */
function hasBlas(): boolean {
  try {
    return useBlas("auto") !== null;
  } catch (error) {
    console.error(`${(error as Error).message}: its column is left out`);
    return false;
  } finally {
    useBlas(false);
  }
}

function inProcess(name: string, tasks: Tasks): Library {
  return {
    name,
    async measure(what, seconds, expected) {
      const make = tasks[what.name];
      if (make === undefined) return null;
      const task = await make();
      const results: Result[] = [];
      for (let i = 0; i < what.checks; i++) results.push(Array.from(await task.run()));
      compare(what, name, results, expected);
      return await measure(task, seconds);
    },
  };
}

function torch(python: string): Library {
  return {
    name: "PyTorch",
    async measure(what, seconds, expected) {
      const report = await measureTorch(python, what, seconds);
      if (report !== null) compare(what, "PyTorch", report.results, expected);
      return report;
    },
  };
}

/** Compares the results of the first calls with those of the library before. */
function compare(what: Case, name: string, results: readonly Result[], expected: Result[]): void {
  results.forEach((found, i) => {
    const wanted = expected[i] ??= found;
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
  });
}

/** Times calls, in groups long enough for the clock. */
async function measure(task: Task, seconds: number): Promise<Time> {
  const group = async (calls: number): Promise<Time> => {
    const before = cpuUsage();
    const start = performance.now();
    for (let i = 0; i < calls; i++) {
      const result = task.run();
      if (result instanceof Promise) await result;
    }
    const { user, system } = cpuUsage(before);
    return { wall: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
  };
  let calls = 1;
  let spent = 0;
  // Engines compile what runs often, so a part of the time goes into warming up.
  while (spent < seconds / 3) {
    const { wall } = await group(calls);
    spent += wall;
    if (wall < 0.01) calls = Math.ceil(calls * Math.min(4, 0.012 / Math.max(wall, 1e-6)));
  }
  const times: Time[] = [];
  for (let left = seconds; left > 0 || times.length < 5;) {
    const time = await group(calls);
    times.push(time);
    left -= time.wall;
  }
  const median = (of: (time: Time) => number): number =>
    times.map(of).sort((a, b) => a - b)[times.length >> 1]! / calls;
  return { wall: median((time) => time.wall), processor: median((time) => time.processor) };
}

/** A time in the unit of the case: wall time, and processor time after a stroke. */
function format({ unit, amount = 1 }: Pick<Case, "unit" | "amount">, time: Time | null): string {
  if (time === null) return "-";
  const convert = (s: number): number =>
    unit === "steps/s"
      ? amount / s
      : unit === "GFLOP/s"
      ? amount / s / 1e9
      : s / amount * { ms: 1e3, us: 1e6, "ns/row": 1e9 }[unit];
  const digits = (x: number): string => Number.isNaN(x) ? "-" : x >= 100 ? x.toFixed(0) : x.toPrecision(3);
  return `${digits(convert(time.wall))} / ${digits(convert(time.processor))}`;
}

/** How many times as fast as the best peer we are, by processor time where all know it. */
function ratio(times: readonly (Time | null)[], libraries: readonly Library[], name = OURS): string {
  const ours = times[libraries.findIndex((library) => library.name === name)];
  const peers = times.filter((time, i): time is Time =>
    time !== null && ![OURS, NATIVE, "by hand"].includes(libraries[i]!.name)
  );
  if (ours === undefined || ours === null || peers.length === 0) return "-";
  const of = [ours, ...peers].some(({ processor }) => Number.isNaN(processor)) ? "wall" : "processor";
  return (Math.min(...peers.map((time) => time[of])) / ours[of]).toPrecision(2);
}

function print(table: readonly (readonly string[])[]): void {
  const widths = table[0]!.map((_, k) => Math.max(...table.map((row) => row[k]!.length)));
  for (const row of table) {
    console.log(row.map((cell, k) => k < 2 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)).join("  "));
  }
}

if (import.meta.main) await main();
