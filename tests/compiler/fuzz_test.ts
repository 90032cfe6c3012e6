/** Random programs, compiled and eager: 1,000 of them, or as many as TAPEGRAD_FUZZ says, from a seed on. */
import { assertEquals } from "@std/assert";
import { randomProgram } from "./random_programs.ts";
import { compile } from "../../src/transforms/compile/compile.ts";
import { valueAndGrad, type Variable } from "../../mod.ts";

const granted =
  (await Deno.permissions.query({ name: "env", variable: "TAPEGRAD_FUZZ" })).state === "granted";
const [count = 1000, first = 0] = granted
  ? (Deno.env.get("TAPEGRAD_FUZZ") ?? "1000 0").split(" ").map(Number)
  : [];
const PER_TEST = 250;

/** Runs one program both ways; says where they differ. */
function difference(seed: number): string | null {
  const { inputs, run, text } = randomProgram(seed);
  const argnums = inputs.map((_, i) => i);
  const both = valueAndGrad(run, { argnums }) as unknown as (...x: Variable[]) => [Variable, Variable[]];
  const compiled = compile(both);
  const [value, gradients] = both(...inputs);
  const [found, slopes] = compiled(...inputs);
  const tolerance = inputs[0]!.dtype === "float64" ? 1e-9 : 2e-3;
  if (compiled.stats().some(({ target }) => target !== "wasm")) return `seed ${seed} did not run compiled`;
  const pairs = [[found, value], ...gradients.map((g, i) => [slopes[i]!, g])] as [Variable, Variable][];
  for (const [actual, expected] of pairs) {
    const [a, e] = [actual.data, expected.data];
    const scale = Math.max(1, ...Array.from(e).filter(Number.isFinite).map(Math.abs));
    for (let k = 0; k < e.length; k++) {
      if (Object.is(a[k], e[k]) || Math.abs(a[k]! - e[k]!) <= tolerance * scale) continue;
      return `seed ${seed}: compiled ${a[k]}, eager ${e[k]}\n${text}`;
    }
  }
  return null;
}

for (let start = first; start < first + count; start += PER_TEST) {
  const end = Math.min(start + PER_TEST, first + count);
  Deno.test(`random programs ${start} to ${end - 1} run compiled as they do eagerly`, () => {
    for (let seed = start; seed < end; seed++) {
      assertEquals(difference(seed), null);
    }
  });
}
