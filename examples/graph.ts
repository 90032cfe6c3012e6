/**
 * A neuron with two inputs, f(W, b) = sigmoid(w1 x1 + w2 x2 + b), on the tape: its rows in topological order,
 * its derivatives by the chain rule, and its graph drawn by Graphviz.
 */
import { parseArgs } from "@std/cli";
import { tape, variable } from "../mod.ts";
import { toDot, toSvg } from "../src/viz/mod.ts";
import { fail, rejectUnknown } from "./_command_line.ts";

const HELP = `Draws the graph of a neuron with two inputs.

Usage: deno task graph [options]
  --out DIR        where graph.dot and graph.svg go (default: out)
  --no-pictures    only print
  --help           print this`;

const flags = parseArgs(Deno.args, {
  string: ["out"],
  boolean: ["pictures", "help"],
  negatable: ["pictures"],
  default: { out: "out", pictures: true },
  unknown: rejectUnknown,
});
if (flags.help) {
  console.log(HELP);
  Deno.exit(0);
}

// Every trainable variable becomes a row of the tape when it is first used.
const w1 = variable(0.5, { name: "w1" });
const w2 = variable(-1, { name: "w2" });
const x1 = variable(2, { name: "x1" });
const x2 = variable(1, { name: "x2" });
const b = variable(0.25, { name: "b" });

// Each operation appends one row. Operands are always earlier rows, so the rows are in topological order.
const f = w1.mul(x1).add(w2.mul(x2)).add(b).sigmoid();

// Walking the rows backwards gives the derivative of f by every one of them.
f.backward({ retainTape: true });

console.log("f(W, b) = sigmoid(w1 x1 + w2 x2 + b), its rows in topological order:\n");
console.log(tape.toString());
console.log(`\nf = ${f.item()}`);
for (const v of [w1, w2, x1, x2, b]) console.log(`df/d${v.name} = ${v.grad?.item()}`);

if (flags.pictures) {
  const out = flags.out ?? "out";
  try {
    await Deno.mkdir(out, { recursive: true });
    await Deno.writeTextFile(`${out}/graph.dot`, toDot(f));
    await Deno.writeTextFile(`${out}/graph.svg`, await toSvg(f));
  } catch (error) {
    fail(`Cannot write to ${out}: ${error instanceof Error ? error.message : error}`);
  }
  console.log(`\nWrote ${out}/graph.dot and ${out}/graph.svg`);
}
