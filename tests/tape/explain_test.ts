import { assert, assertAlmostEquals, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { constant, mish, noGrad, tape, type Variable, variable } from "../../mod.ts";
import { formulaOps, namedFormula, UNIT, writeFormula } from "../../src/tape/rule_text.ts";
import { type Operation, operation as op, operations } from "../../src/primitives/mod.ts";
import { eagerOps } from "../../src/primitives/operation.ts";
import { apply } from "../../src/variable/apply.ts";

const INFIX: { readonly [symbol: string]: readonly [strength: number, f: (x: number, y: number) => number] } =
  {
    "=": [0, (x, y) => Number(x === y)],
    "≠": [0, (x, y) => Number(x !== y)],
    "<": [0, (x, y) => Number(x < y)],
    "≤": [0, (x, y) => Number(x <= y)],
    ">": [0, (x, y) => Number(x > y)],
    "≥": [0, (x, y) => Number(x >= y)],
    "+": [1, (x, y) => x + y],
    "-": [1, (x, y) => x - y],
    "·": [2, (x, y) => x * y],
    "/": [2, (x, y) => x / y],
    "^": [4, (x, y) => x ** y],
  };

/** Reads a formula as mathematics does, and computes it: names stand for numbers, calls for operations of the table. */
function compute(text: string, names: { readonly [name: string]: number }): number {
  const tokens = text.match(/[%\w.]+(?:e-\d+)?|[^\s]/g)!;
  let at = 0;
  const expression = (strength: number): number => {
    let left = tokens[at] === "-" ? (at++, -expression(3)) : atom();
    for (;;) {
      const infix = INFIX[tokens[at]!];
      if (infix === undefined || infix[0] < strength) return left;
      at++;
      left = infix[1](left, expression(infix[0] + 1));
    }
  };
  const atom = (): number => {
    const token = tokens[at++]!;
    if (token === "(") {
      const inner = expression(0);
      assertEquals(tokens[at++], ")", text);
      return inner;
    }
    if (tokens[at] === "(") {
      const operands: number[] = [];
      do {
        at++;
        operands.push(expression(0));
      } while (tokens[at] === ",");
      assertEquals(tokens[at++], ")", text);
      return (op as unknown as { [name: string]: Operation })[token]!.evaluate(operands, undefined) as number;
    }
    const value = names[token] ?? (token === "π" ? Math.PI : Number(token));
    assert(!Number.isNaN(value) || token === "NaN", `${token} in ${text} is no number`);
    return value;
  };
  const result = expression(0);
  assertEquals(at, tokens.length, text);
  return result;
}

const SCALARS = operations.filter(({ scalar }) => scalar !== null);
const NAMES = ["x", "y", "z"];

/** Operands within the domain of an operation, other ones for each round. */
function operandsOf({ primitive }: Operation, round: number): number[] {
  const domains = primitive.samples[0]!.domains ?? [];
  return Array.from({ length: primitive.arity as number }, (_, k) => {
    const [low, high] = domains[k] ?? [-2, 2];
    return low + (high - low) * ((0.37 + 0.31 * round + 0.29 * k) % 1);
  });
}

for (const operation of SCALARS) {
  Deno.test(`explain() of ${operation.name} gives parts that add up, and texts that can be computed`, () => {
    for (let round = 0; round < 4; round++) {
      const numbers = operandsOf(operation, round);
      const leaves = numbers.map((value, k) => variable(value, { name: NAMES[k]! }));
      const result = apply(operation, leaves, undefined);
      // The result is used twice, so that its adjoint is not 1.
      const f = result.mul(3).add(result.square());
      f.backward({ retainTape: true });
      const row = tape.rowOf(result)!;
      const explanations = tape.explain(row);
      assertEquals(explanations.map(({ name }) => name), NAMES.slice(0, numbers.length));
      const names = { x: numbers[0]!, y: numbers[1] ?? 0, z: numbers[2] ?? 0, [`%${row}`]: result.item() };
      for (const [k, { operand, rule, local, part }] of explanations.entries()) {
        assertEquals(operand, tape.rowOf(leaves[k]!));
        if (part !== undefined) assertEquals(part, tape.adjointOf(operand));
        const scale = Math.max(1, Math.abs(local!));
        // Texts have six digits of a number that a rule writes.
        assertAlmostEquals(compute(rule, names), local!, 1e-5 * scale, `${rule} at ${numbers}`);
        if (part !== undefined) {
          const product = local! * (tape.adjointOf(row) as number);
          assertAlmostEquals(part as number, product, 1e-12 * Math.max(1, Math.abs(product)));
        }
      }
      tape.clear();
    }
  });
}

Deno.test("rules that are written for people are the rules that compute", () => {
  const shown = operations.filter(({ primitive }) => primitive.display !== undefined);
  assertGreater(shown.length, 4);
  const ops = eagerOps.float64;
  for (const operation of shown) {
    for (let round = 0; round < 20; round++) {
      const inputs = operandsOf(operation, round);
      if (round === 19) inputs.fill(1.25); // a tie
      const context = operation.context(ops, inputs, operation.evaluate(inputs, undefined), undefined);
      const wanted = inputs.map(() => true);
      const [written, used] = [operation.display(context, 1.5), operation.pullBack(context, 1.5, wanted)];
      written.forEach((part, k) => {
        const expected = used[k] as number;
        assertAlmostEquals(part as number, expected, 1e-13 * Math.max(1, Math.abs(expected)), operation.name);
      });
    }
  }
});

Deno.test("rules read as in a book", () => {
  const x = variable(0.5, { name: "x" });
  const w = variable(-2, { name: "w" });
  const written = (f: Variable): string[] => {
    const texts = tape.explain(tape.rowOf(f)!).map(({ rule, numbers }) => `${rule} = ${numbers}`);
    tape.clear();
    return texts;
  };
  assertEquals(written(x.mul(w)), ["w = -2", "x = 0.5"]);
  assertEquals(written(x.sub(w)), ["1 = 1", "-1 = -1"]);
  assertEquals(written(x.sigmoid()), ["%1 · (1 - %1) = 0.6225 · (1 - 0.6225)"]);
  assertEquals(written(x.sqrt()), ["1 / (2 · %1) = 1 / (2 · 0.7071)"]);
  assertEquals(written(x.erf()), ["2 / sqrt(π) · exp(-x^2) = 2 / sqrt(π) · exp(-0.5^2)"]);
  assertEquals(written(x.maximum(w)), ["x > w = 0.5 > (-2)", "w > x = -2 > 0.5"].map((text) => text));
  assertEquals(written(w.square()), ["w · 2 = -2 · 2"]);
  assertEquals(written(x.div(w)), ["1 / w = 1 / (-2)", "-(%2 / w) = -(-0.25 / (-2))"]);
});

Deno.test("rules of arrays say what the engine sums, and into which shapes", () => {
  const [w, b] = [variable(0.5, { name: "w" }), variable([[1, 2]], { name: "b" })];
  const x = variable([[1, 2], [3, 4], [5, 6]], { name: "x" });
  const rulesOf = (f: Variable): string[] => {
    const texts = tape.explain(tape.rowOf(f)!).map(({ rule }) => rule);
    tape.clear();
    return texts;
  };
  assertEquals(rulesOf(w.mul(x)), ["sum(g · x)", "g · w"]);
  assertEquals(rulesOf(x.add(b)), ["g", "reshape(sum(g, axes [0]), [1, 2])"]);
  assertEquals(rulesOf(x.sum()), ["broadcastTo(g, [3, 2])"]);
  assertEquals(rulesOf(x.reshape([2, 3])), ["reshape(g, [3, 2])"]);
  assertEquals(rulesOf(x.matmul(x.transpose())), ["matmul(g, transpose(%1))", "matmul(transpose(x), g)"]);
  assertEquals(rulesOf(x.slice([1, 0], [2, 1])), ["place(g, begin [1, 0], [3, 2])"]);
  assertEquals(rulesOf(x.softmax()), ["(g - sum(g · %1, axes [1])) · %1"]);
  assertEquals(rulesOf(x.permute([1, 0])), ["transpose(g)"]);
  assertEquals(rulesOf(x.expandDims(0).permute([0, 2, 1])), ["transpose(g, axes [0, 2, 1])"]);
  const [ofX] = tape.explain(tape.rowOf(x.neg().pow(2))!);
  assertEquals(ofX!.numbers, "[3, 2] 1 1 1 … · 2 · ([3, 2] -1 -2 -3 …)^(2 - 1)");
  tape.clear();
});

Deno.test("a formula has brackets where they are needed, and nowhere else", () => {
  const ops = formulaOps("float64");
  const [a, b] = [namedFormula("a", 2), namedFormula("b", -3)];
  const text = (f: Parameters<typeof writeFormula>[0]): string =>
    writeFormula(f, ({ name, value }) => name ?? `${value}`);
  assertEquals(text(ops.sub(a, ops.sub(b, a))), "a - (b - a)");
  assertEquals(text(ops.sub(ops.sub(a, b), a)), "a - b - a");
  assertEquals(text(ops.mul(ops.add(a, b), ops.div(a, b))), "(a + b) · a / b");
  assertEquals(text(ops.div(a, ops.mul(a, b))), "a / (a · b)");
  assertEquals(text(ops.square(ops.neg(a))), "(-a)^2");
  assertEquals(text(ops.pow(ops.pow(a, b), ops.sub(b, 1))), "(a^b)^(b - 1)");
  assertEquals(text(ops.mul(UNIT, ops.mul(a, 1))), "a");
  assertEquals(text(ops.mul(a, -1)), "a · (-1)");
  assertEquals(text(ops.where(ops.gt(a, 0), b, a)), "b");
});

Deno.test("explain() of arrays tells what the rule makes of the adjoint g", () => {
  const w = variable([[1, 2], [3, 4]], { name: "w" });
  const x = variable([[5], [6]], { name: "x" });
  const f = w.matmul(x).sum();
  f.backward({ retainTape: true });
  const row = tape.rowOf(f)! - 1;
  const [ofW, ofX] = tape.explain(row);
  assertEquals([ofW!.rule, ofX!.rule], ["matmul(g, transpose(x))", "matmul(transpose(w), g)"]);
  assertEquals([ofW!.numbers, ofW!.local], ["matmul([2, 1] 1 1, transpose([2, 1] 5 6))", undefined]);
  assertEquals(ofX!.part, tape.adjointOf(tape.rowOf(x)!));
  tape.clear();
});

Deno.test("walk() goes back over the rows that a number depends on, and ends with the gradients", () => {
  const [w, x] = [variable(0.5, { name: "w" }), variable(2, { name: "x" })];
  const other = w.exp(); // is not on the way
  const h = w.mul(x);
  const f = h.mul(h).add(w.sin()).add(constant(3).mul(w));
  const steps = [...tape.walk(tape.rowOf(f)!)];
  const rows = steps.map(({ row }) => row);
  assertEquals(rows, rows.toSorted((a, b) => b - a));
  assertEquals(rows.includes(tape.rowOf(other)!), false);
  f.backward({ retainTape: true });
  for (const { row, adjoint, parts } of steps) {
    assertEquals(adjoint, tape.adjointOf(row));
    for (const { operand, part, total } of parts) {
      assertEquals(part === undefined, tape.operationName(operand) === "constant");
      if (total !== undefined) assert(typeof total === "number");
    }
  }
  // Each row's adjoint is what it was handed, added up, before it hands on anything itself.
  for (const { row, adjoint } of steps.slice(1)) {
    const handed = steps.flatMap(({ parts }) => parts).filter(({ operand }) => operand === row);
    assertEquals(handed.at(-1)!.total, adjoint);
    assertAlmostEquals(handed.reduce((sum, { part }) => sum + (part as number), 0), adjoint as number, 1e-14);
  }
  tape.clear();
  assertThrows(() => [...tape.walk(0)], RangeError, "Cannot walk back from row 0: the tape has 0 rows");
  const array = variable([1, 2]).square();
  assertThrows(() => [...tape.walk(tape.rowOf(array)!)], TypeError, "only a number has a gradient");
  assertThrows(() => tape.explain(9), RangeError, "Cannot explain row 9: the tape has 2 rows");
  tape.clear();
});

Deno.test("a name in between is shown by tables and explanations, and goes with its row", () => {
  const x = variable(2, { name: "x" });
  const h = x.square().named("h");
  const f = h.exp();
  assertEquals([h.name, tape.nameOf(tape.rowOf(h)!), h.item()], ["h", "h", 4]);
  assertEquals(tape.toString().includes("square     %0        4        h"), true, tape.toString());
  assertEquals(tape.explain(tape.rowOf(f)!)[0]!.name, "h");
  f.backward();
  assertEquals([tape.rowOf(h), x.grad!.item()], [undefined, 4 * Math.exp(4)]);
  const row = tape.rowOf(x.square());
  assertEquals([row, tape.nameOf(row!)], [1, undefined]);
  tape.clear();
  assertEquals(noGrad(() => x.square().named("free").name), "free");
  assertThrows(() => x.named("y"), TypeError, "Cannot name a trainable Variable y");
});

Deno.test("rows of a function that is composed of others stand under its name", () => {
  const x = variable(0.5, { name: "x" });
  const f = mish(x).silu();
  assertEquals(tape.notes.groups.map(({ name, start, end }) => [name, start, end]), [["mish", 1, 4], [
    "silu",
    4,
    6,
  ]]);
  assertEquals(tape.toString().split("\n")[3]!.trimEnd().endsWith("mish"), true, tape.toString());
  f.backward();
  assertEquals(tape.notes.groups, []);
});

Deno.test("toString({ rules: true }) adds the derivatives", () => {
  const [x, w] = [variable(2, { name: "x" }), variable(3, { name: "w" })];
  x.mul(w).sigmoid();
  const lines = tape.toString({ rules: true }).split("\n").map((line) => line.trimEnd());
  assertEquals(lines.length, 5);
  assert(lines[3]!.endsWith("x: w = 3; w: x = 2"), lines[3]);
  assert(lines[4]!.endsWith("%2: %3 · (1 - %3) = 0.00246651"), lines[4]);
  tape.clear();
});
