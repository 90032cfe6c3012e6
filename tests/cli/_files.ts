import { assertEquals } from "@std/assert";
import { runCommandLine } from "../../src/cli/mod.ts";

/** Whether processes may be started and files written. */
export const isGranted: boolean = (await Promise.all(
  (["run", "read", "write", "env"] as const).map((name) => Deno.permissions.query({ name })),
)).every(({ state }) => state === "granted");

const ROOT = new URL("../../", import.meta.url);

/** What a program ended with. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as its own process. */
export async function run(args: readonly string[], engine: readonly string[] = []): Promise<Ended> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...engine, "src/cli/mod.ts", ...args],
    cwd: ROOT,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code: output.code, out: text(output.stdout), err: text(output.stderr) };
}

/** Runs the command line in this process, which is faster; what it writes with the console is caught. */
export async function runHere(args: readonly string[]): Promise<Ended> {
  const { log, error } = console;
  const [out, err]: [string[], string[]] = [[], []];
  console.log = (text: string) => void out.push(text);
  console.error = (text: string) => void err.push(text);
  try {
    const code = await runCommandLine(args);
    return { code, out: out.join("\n"), err: err.join("\n") };
  } finally {
    console.log = log;
    console.error = error;
  }
}

/** Asserts that it went well. */
export function assertDone({ code, err }: Ended): void {
  assertEquals(code, 0, err);
}

/** Runs a test in a folder of its own. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Random numbers from 0 to 1. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Houses, with a price by area, age and district; some values are missing, and one column is a name. */
export function houses(rows: number, seed: number): string {
  const draw = random(seed);
  const districts: readonly [string, number][] = [["north", 50], ["south, old", 0], ["west", -30]];
  const lines = Array.from({ length: rows }, (_, i) => {
    const area = 40 + 100 * draw();
    const age = Math.floor(60 * draw());
    const [district, extra] = districts[Math.floor(3 * draw())]!;
    const price = 3 * area - age + extra + 4 * draw();
    const gap = draw();
    return [
      `house ${i}`,
      gap < 0.05 ? "" : area.toFixed(2),
      gap > 0.95 ? "NA" : String(age),
      gap > 0.5 && gap < 0.55 ? "?" : district.includes(",") ? `"${district}"` : district,
      price.toFixed(3),
    ].join(",");
  });
  return `name,area,age,district,price\n${lines.join("\n")}\n`;
}
