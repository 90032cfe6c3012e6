import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { parse } from "../../../examples/explore/expression.ts";
import { layOut } from "../../../examples/explore/layout.ts";
import { read, write } from "../../../examples/explore/numbers.ts";
import { traceOf } from "../../../examples/explore/trace.ts";

const valueOf = (text: string, values: { [name: string]: number } = {}): number => {
  const { rows, output } = traceOf(parse(text), new Map(Object.entries(values)));
  return rows[output]!.value;
};

Deno.test("a formula is read as mathematics reads it", () => {
  for (
    const [text, f] of [
      ["x + 2*3", (x: number) => x + 6],
      ["-x^2", (x: number) => -(x ** 2)],
      ["2^-x", (x: number) => 2 ** -x],
      ["x - 1 - 2", (x: number) => x - 3],
      ["8/x/2", (x: number) => 8 / x / 2],
      ["x^2^3", (x: number) => x ** 8],
      ["(x + 1)(2)".replace(")(", ")*("), (x: number) => 2 * (x + 1)],
      ["h = x*x; h + sin(h) - pi", (x: number) => x * x + Math.sin(x * x) - Math.PI],
      ["maximum(x, 1e0) · .5", (x: number) => Math.max(x, 1) / 2],
    ] as const
  ) {
    for (const x of [0.7, 1.9]) assertAlmostEquals(valueOf(text, { x }), f(x), 1e-12, text);
  }
});

Deno.test("what is no formula is told with its place and a guess", () => {
  for (
    const [text, message, position] of [
      ["sine(x)", 'there is no function "sine", perhaps "sin"', 0],
      ["x + ", "something is missing at the end", 4],
      ["2x", 'an operator is missing before "x"', 1],
      ["sin x", "sin is a function: write sin(…)", 0],
      ["(x + 1", "a bracket is not closed", 6],
      ["1 + 2", "nothing here depends on a variable", 0],
      ["atan2(x)", "atan2 takes two numbers", 0],
      ["x $ 2", `"$" can't stand here`, 2],
      ["x = 3; x", "nothing here depends on a variable", 0],
      ["sin = x; sin", "sin has a meaning already", 0],
      ["h = x", '"; " is missing', 5],
    ] as const
  ) {
    const error = assertThrows(() => parse(text), SyntaxError, message) as SyntaxError & { position: number };
    assertEquals(error.position, position, text);
  }
});

Deno.test("the walk of a trace ends with the gradient, and every part is counted", () => {
  const { rows, steps, output } = traceOf(parse("h = w * x; h*h + sin(h)"), new Map([["w", 0.7], ["x", 2]]));
  const h = 1.4;
  const slope = 2 * h + Math.cos(h);
  const last = (name: string): number => steps.find(({ row }) => rows[row]!.name === name)!.adjoint;
  assertEquals(steps[0], { ...steps[0]!, row: output, adjoint: 1 });
  assertAlmostEquals(last("h"), slope, 1e-12);
  assertAlmostEquals(last("w"), slope * 2, 1e-12);
  assertAlmostEquals(last("x"), slope * 0.7, 1e-12);
  const parts = steps.flatMap((step) => step.parts).filter(({ to }) => rows[to]!.name === "h");
  assertEquals(parts.map(({ before }) => before === undefined), [true, false, false]);
  assertEquals(rows.find(({ name }) => name === "h")!.users.length, 3);
});

Deno.test("the first number that is not finite is named, and what f does not depend on is told", () => {
  const { firstBad, rows } = traceOf(parse("a = x * 2; log(y - 3) + sqrt(x)"), new Map([["x", 2], ["y", 1]]));
  assertEquals(rows[firstBad!]!.operation, "log");
  assertEquals(rows.find(({ name }) => name === "a")!.isUsed, false);
  assertEquals(traceOf(parse("x"), new Map([["x", 5]])).steps[0]!.adjoint, 1);
});

Deno.test("boxes stand below what they take, and never over each other", () => {
  const { rows } = traceOf(
    parse("r = (x + 1) / 2; s = (r + x/r) / 2; t = (s + x/s) / 2; (t + x/t) * (r + y) / 2"),
    new Map(),
  );
  const boxes = rows.map(({ row, operands }) => ({ id: row, operands }));
  const places = layOut(boxes, { across: 140, down: 84 });
  for (const { id, operands } of boxes) {
    for (const operand of operands) assertEquals(places.get(operand)!.y < places.get(id)!.y, true);
  }
  const all = [...places.values()];
  for (const [i, a] of all.entries()) {
    for (const b of all.slice(i + 1)) assertEquals(a.y !== b.y || Math.abs(a.x - b.x) > 139.99, true);
  }
});

Deno.test("numbers are written shortly, and read as people write them", () => {
  assertEquals([0, 1 / 3, -0.25, 1234567, 2.5e-7, NaN, -Infinity, 1234.5678, 5].map((x) => write(x)), [
    "0",
    "0.3333",
    "−0.25",
    "1.235×10⁶",
    "2.5×10⁻⁷",
    "NaN",
    "−∞",
    "1234.57",
    "5",
  ]);
  assertEquals(["-3/4", "−0.5", "1,5", " 2 ", "x", "1/2/3", ""].map(read), [
    -0.75,
    -0.5,
    1.5,
    2,
    undefined,
    undefined,
    undefined,
  ]);
});
