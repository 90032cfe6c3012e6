import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { EXAMPLES } from "../../../examples/explore/explorer/examples.ts";
import { FUNCTIONS, parse } from "../../../examples/explore/explorer/expression.ts";
import { layOut } from "../../../examples/explore/explorer/layout.ts";
import { read, write } from "../../../examples/explore/numbers.ts";
import { traceOf } from "../../../examples/explore/explorer/trace.ts";
import {
  brief,
  elementAt,
  largestPlace,
  shapeOf,
  writeIndex,
} from "../../../examples/explore/explorer/values.ts";

const valueOf = (text: string, values: { [name: string]: number } = {}): number => {
  const { rows, output } = traceOf(parse(text), new Map(Object.entries(values)));
  return rows[output]!.value as number;
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
      ["sum([1, x, -x^2] * [1, 2, 3])", (x: number) => 1 + 2 * x - 3 * x * x],
      ["sum(matmul([[x, 1], [0, 2]], [3, x]))", (x: number) => 3 * x + x + 2 * x],
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
      ["atan2(x)", "atan2 takes two operands", 0],
      ["x $ 2", `"$" can't stand here`, 2],
      ["x = 3; x", "nothing here depends on a variable", 0],
      ["sin = x; sin", "sin has a meaning already", 0],
      ["h = x", '"; " is missing', 5],
      ["x = [[1, 2], [3]]; sum(x)", "the rows of an array must be equally long", 13],
      ["x = [1, [2]]; sum(x)", "the rows of an array must be equally long", 8],
      ["sum([1, ])", `"]" can't stand here`, 8],
      ["x = [1, 2; sum(x)", 'a "," or "]" is missing', 9],
      ["x = [1, 2", "an array is not closed", 4],
      ["x = []; sum(x)", `"]" can't stand here`, 5],
    ] as const
  ) {
    const error = assertThrows(() => parse(text), SyntaxError, message) as SyntaxError & { position: number };
    assertEquals(error.position, position, text);
  }
});

Deno.test("an array is a variable if it has a name, and the walk hands on arrays", () => {
  const { rows, steps, hasArrays } = traceOf(
    parse("W = [[0.5, -1], [2, 1]]; x = [1, 2]; b = [0.5, -1]; sum(sigmoid(matmul(W, x) + b) * [1, 3])"),
    new Map(),
  );
  assertEquals(hasArrays, true);
  const slopes = [[0.5 - 2 + 0.5, 1], [2 + 2 - 1, 3]].map(([z, weight]) => {
    const s = 1 / (1 + Math.exp(-z!));
    return weight! * s * (1 - s);
  });
  const gradient = (name: string): number[] => {
    const { adjoint } = steps.find(({ row }) => rows[row]!.name === name)!;
    return Array.from({ length: 4 }, (_, i) => elementAt(adjoint, i)).filter((x) => x !== undefined);
  };
  const expected = {
    W: [slopes[0]!, 2 * slopes[0]!, slopes[1]!, 2 * slopes[1]!],
    x: [0.5 * slopes[0]! + 2 * slopes[1]!, -slopes[0]! + slopes[1]!],
    b: slopes,
  };
  for (const [name, numbers] of Object.entries(expected)) {
    gradient(name).forEach((x, i) => assertAlmostEquals(x, numbers[i]!, 1e-14, name));
    assertEquals(gradient(name).length, numbers.length);
  }
  assertEquals(rows.filter(({ kind }) => kind === "constant").length, 1);
});

Deno.test("what an operation can't take, and an f that is no number, is told at its place", () => {
  for (
    const [text, message, position] of [
      ["x = [1, 2]; y = [1, 2, 3]; sum(x * y)", "shapes [2] and [3]", 33],
      ["W = [[1, 2]]; x = [1, 2, 3]; sum(matmul(W, x))", "inner dimensions differ", 33],
      ["sum([x, [1, 2]])", "Cannot stack", 4],
      ["x = [1, 2]; 2 * x", "f has the shape [2], and only a number has a gradient", 12],
    ] as const
  ) {
    const error = assertThrows(() => traceOf(parse(text), new Map()), SyntaxError, message);
    assertEquals((error as SyntaxError & { position: number }).position, position, text);
  }
});

Deno.test("every function and every example can be recorded, and parts add up to adjoints", () => {
  const texts = [
    ...Object.entries(FUNCTIONS).map(([name, count]) => {
      const operand = name === "outer" || name === "dot" ? "row" : "x";
      const operands = Array.from({ length: count }, () => operand).join();
      return `row = [1.5, 0.5]; x = [[1.5, 0.25], [0.5, 1.25]]; sum(${name}(${operands})) + sum(row)`;
    }),
    ...EXAMPLES.map(({ text }) => text),
  ];
  for (const text of texts) {
    const { values } = EXAMPLES.find((example) => example.text === text) ?? { values: {} };
    const { steps, rows, output } = traceOf(parse(text), new Map(Object.entries(values)));
    assertEquals(steps[0]!.row, output);
    for (const { row, adjoint } of steps.slice(1)) {
      const { total } = steps.flatMap(({ parts }) => parts).findLast(({ to }) => to === row)!;
      assertEquals(total, adjoint, text);
      assertEquals(shapeOf(adjoint), shapeOf(rows[row]!.value), text);
    }
  }
});

Deno.test("an array is written by its first elements, as many as there is room for", () => {
  const { rows } = traceOf(parse("x = [[1, -2.5, 3], [4, 1e9, 0]]; sum(x)"), new Map());
  const { value } = rows[0]!;
  assertEquals(
    [6, 12, 40].map((room) => brief(value, 3, room)),
    ["1 …", "1 −2.5 3 4 …", "1 −2.5 3 4 1×10⁹ 0"],
  );
  assertEquals([largestPlace(value), writeIndex(value, 4), writeIndex(2, 0)], [4, "[1, 1]", ""]);
});

Deno.test("the walk of a trace ends with the gradient, and every part is counted", () => {
  const { rows, steps, output } = traceOf(parse("h = w * x; h*h + sin(h)"), new Map([["w", 0.7], ["x", 2]]));
  const h = 1.4;
  const slope = 2 * h + Math.cos(h);
  const last = (name: string): number => steps.find(({ row }) => rows[row]!.name === name)!.adjoint as number;
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
  const { places, route, width } = layOut(boxes, { across: 140, down: 84 });
  for (const { id, operands } of boxes) {
    for (const operand of operands) assertEquals(places.get(operand)!.y < places.get(id)!.y, true);
  }
  const all = [...places.values()];
  for (const [i, a] of all.entries()) {
    for (const b of all.slice(i + 1)) assertEquals(a.y !== b.y || Math.abs(a.x - b.x) > 139.99, true);
  }
  // Lines pass through no box: one way point in each layer in between, beside all that stands there.
  let passed = 0;
  for (const { id, operands } of boxes) {
    for (const operand of operands) {
      const way = route(operand, id);
      const [top, bottom] = [places.get(operand)!.y, places.get(id)!.y];
      assertEquals(way.map(({ y }) => y), way.map((_, i) => top + 84 * (i + 1)));
      assertEquals(way.length, (bottom - top) / 84 - 1);
      for (const { x, y } of way) {
        passed++;
        assertEquals(all.every((box) => box.y !== y || Math.abs(box.x - x) > 70), true);
        assertEquals(x >= 0 && x <= width, true);
      }
    }
  }
  assertEquals(passed > 5, true);
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
