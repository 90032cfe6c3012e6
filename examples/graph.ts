/**
 * A neuron with two inputs, f(W, b) = sigmoid(w1 x1 + w2 x2 + b), on the tape: its rows in topological order,
 * its derivatives by the chain rule, and its graph drawn by Graphviz.
 */
import { parseArgs } from "@std/cli/parse-args";
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
const out = flags.out || fail("Bad value for --out: expected the name of a folder");

// 1. The numbers to differentiate by. A trainable variable becomes a row of the tape, a leaf, when it is first
// used. We are curious about the inputs x1 and x2 too; a network would leave those constant.
const w1 = variable(0.5, { name: "w1" });
const w2 = variable(-1, { name: "w2" });
const x1 = variable(2, { name: "x1" });
const x2 = variable(1, { name: "x2" });
const b = variable(0.25, { name: "b" });

// 2. The function. Each operation computes its value at once and appends one row: what was done, and to which
// rows. Operands are always earlier rows, so the tape is in topological order without any sorting.
const f = w1.mul(x1).add(w2.mul(x2)).add(b).sigmoid();

// 3. The derivatives. Start at the last row with df/df = 1 and walk up the table. When the walk meets a row, its
// adjoint (the derivative of f by it) is complete, and the chain rule hands it on to the row's operands:
//   sigmoid(z)   hands on adjoint * f (1 - f)
//   u + v        hands the adjoint to both
//   u * v        hands adjoint * v to u, and adjoint * u to v
// A row used more than once adds up what it is handed. The tape is dropped after the walk, unless it is kept to
// be printed and drawn:
f.backward({ retainTape: true });

console.log("f(W, b) = sigmoid(w1 x1 + w2 x2 + b), its rows in topological order:\n");
console.log(tape.toString());

// 4. The answers, which pen and paper confirm: with s = f (1 - f) they are s x1, s x2, s w1, s w2 and s.
console.log(`\nf = ${f.item()}`);
for (const v of [w1, w2, x1, x2, b]) console.log(`df/d${v.name} = ${v.grad?.item()}`);

// 5. The same rows as a picture: a box per row, an arrow per operand.
if (flags.pictures) {
  try {
    await Deno.mkdir(out, { recursive: true });
    await Deno.writeTextFile(`${out}/graph.dot`, toDot(f, { inputs: [x1, x2] }));
    await Deno.writeTextFile(`${out}/graph.svg`, await toSvg(f, { inputs: [x1, x2] }));
  } catch (error) {
    fail(`Cannot write to ${out}: ${error instanceof Error ? error.message : error}`);
  }
  console.log(`\nWrote ${out}/graph.dot and ${out}/graph.svg`);
}
