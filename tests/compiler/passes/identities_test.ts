import { assertEquals } from "@std/assert";
import {
  constantNode,
  inputNode,
  type Node,
  nodeOps,
  operationNode,
} from "../../../src/compiler/graph/nodes.ts";
import { simplifyIdentities } from "../../../src/compiler/passes/identities.ts";
import { operation as op, type Ops } from "../../../src/primitives/mod.ts";
import { assertSamePrograms, graphOf, lines, operationNames } from "../graphs.ts";

type Case = readonly [name: string, write: (ops: Ops<Node>, x: Node) => Node, left: readonly string[]];

/** What is left of an expression of x, shape [2, 3]. */
const CASES: readonly Case[] = [
  ["x + -0", (ops, x) => ops.add(x, -0), []],
  ["-0 + x", (ops, x) => ops.add(-0, x), []],
  ["x + 0, which is 0 for -0", (ops, x) => ops.add(x, 0), ["add"]],
  ["0 + x", (ops, x) => ops.add(0, x), ["add"]],
  ["x - 0", (ops, x) => ops.sub(x, 0), []],
  ["x - -0, which is 0 for -0", (ops, x) => ops.sub(x, -0), ["sub"]],
  ["-0 - x", (ops, x) => ops.sub(-0, x), ["neg"]],
  ["0 - x, which is 0 for 0", (ops, x) => ops.sub(0, x), ["sub"]],
  ["x - x, which is NaN for infinities", (ops, x) => ops.sub(x, x), ["sub"]],
  ["x * 1", (ops, x) => ops.mul(x, 1), []],
  ["1 * x", (ops, x) => ops.mul(1, x), []],
  ["x * -1", (ops, x) => ops.mul(x, -1), ["neg"]],
  ["-1 * x", (ops, x) => ops.mul(-1, x), ["neg"]],
  ["x * 0, which is NaN for infinities", (ops, x) => ops.mul(x, 0), ["mul"]],
  ["0 * x", (ops, x) => ops.mul(0, x), ["mul"]],
  ["x * x", (ops, x) => ops.mul(x, x), ["square"]],
  ["x / 1", (ops, x) => ops.div(x, 1), []],
  ["x / x, which is NaN for 0", (ops, x) => ops.div(x, x), ["div"]],
  ["0 / x", (ops, x) => ops.div(0, x), ["div"]],
  ["1 / x", (ops, x) => ops.div(1, x), ["div"]],
  ["x ** 1", (ops, x) => ops.pow(x, 1), []],
  ["x ** 2", (ops, x) => ops.pow(x, 2), ["square"]],
  ["x ** 0", (ops, x) => ops.pow(x, 0), ["pow"]],
  ["x ** 0.5, which is not sqrt for -0 and -Infinity", (ops, x) => ops.pow(x, 0.5), ["pow"]],
  ["-(-x)", (ops, x) => ops.neg(ops.neg(x)), []],
  ["-(-(-x))", (ops, x) => ops.neg(ops.neg(ops.neg(x))), ["neg"]],
  ["log(exp(x)), which rounds and overflows", (ops, x) => ops.log(ops.exp(x)), ["exp", "log"]],
  ["sqrt(square(x)), which overflows", (ops, x) => ops.sqrt(ops.square(x)), ["square", "sqrt"]],
  ["identity", (ops, x) => ops.identity(x), []],
  ["stopGradient", (ops, x) => ops.stopGradient(x), []],
  ["a cast to the dtype it has", (ops, x) => ops.cast(x, { dtype: "float64" }), []],
  ["a broadcast to the shape it has", (ops, x) => ops.broadcastTo(x, { shape: [2, 3] }), []],
  ["a broadcast to another", (ops, x) => ops.broadcastTo(x, { shape: [1, 2, 3] }), ["broadcastTo"]],
  ["a reshape to the shape it has", (ops, x) => ops.reshape(x, { shape: [2, 3] }), []],
  [
    "reshapes there and back",
    (ops, x) =>
      ops.reshape(ops.reshape(ops.reshape(x, { shape: [6] }), { shape: [3, 2] }), { shape: [2, 3] }),
    [],
  ],
  [
    "two reshapes",
    (ops, x) => ops.reshape(ops.reshape(x, { shape: [6] }), { shape: [3, 2] }),
    ["reshape"],
  ],
  ["a transposition that does nothing", (ops, x) => ops.transpose(x, { axes: [0, 1] }), []],
  [
    "two transpositions",
    (ops, x) => ops.transpose(ops.transpose(x, { axes: [1, 0] }), { axes: [1, 0] }),
    [],
  ],
  ["a sum over no axes", (ops, x) => ops.sum(x, { axes: [], keepDims: false }), []],
  ["a sum over axes", (ops, x) => ops.sum(x, { axes: [0], keepDims: false }), ["sum"]],
  ["one within another", (ops, x) => ops.sub(ops.mul(ops.add(x, -0), 1), ops.neg(ops.neg(-0))), []],
];

for (const [name, write, left] of CASES) {
  Deno.test(`simplifyIdentities() leaves ${left.length === 0 ? "nothing" : left.join(" ")} of ${name}`, () => {
    const before = graphOf([[2, 3]], (ops, x) => {
      const result = write(ops, x!);
      return [result, ops.tanh(result)];
    });
    const after = simplifyIdentities(before);
    const names = operationNames(after).filter((o) => o !== "tanh");
    // A constant side that is no input stays where it is not known as a number yet.
    assertEquals(
      name === "one within another" ? names.filter((o) => o !== "neg" && o !== "sub") : names,
      left,
    );
    // A sum starts at 0, and so loses the sign of -0.
    assertSamePrograms(after, before, name.startsWith("a sum") ? Number.MIN_VALUE : 0);
  });
}

Deno.test("simplifyIdentities() keeps what changes the shape or dtype", () => {
  const narrow = inputNode(0, [3], "float32");
  const scalar = inputNode(1, [], "float64");
  const ops = nodeOps("float64");
  const wide = (name: "add" | "mul" | "identity", ...operands: Node[]) =>
    operationNode(op[name], operands, undefined, "float64");
  const before = {
    inputs: [narrow, scalar],
    outputs: [
      wide("mul", narrow, constantNode(1, "float64")),
      wide("add", narrow, constantNode(-0, "float64")),
      ops.cast(narrow, { dtype: "float64" }),
      wide("identity", narrow),
      ops.broadcastTo(scalar, { shape: [1] }),
      ops.reshape(scalar, { shape: [1, 1] }),
    ],
  };
  assertEquals(lines(simplifyIdentities(before)), lines(before));
});

Deno.test("simplifyIdentities() joins transpositions in the right order", () => {
  const before = graphOf([[2, 3, 4]], (ops, x) => [
    ops.transpose(ops.transpose(x!, { axes: [1, 2, 0] }), { axes: [0, 2, 1] }),
    ops.transpose(ops.transpose(x!, { axes: [1, 2, 0] }), { axes: [2, 0, 1] }),
  ]);
  const after = simplifyIdentities(before);
  assertEquals(lines(after), [
    "%0 = input 0: float64[2, 3, 4]",
    '%1 = transpose %0 {"axes":[1,0,2]}: float64[3, 2, 4]',
    "return %1 %0",
  ]);
  assertSamePrograms(after, before);
});

Deno.test("simplifyIdentities() works on empty arrays and axes of length 1", () => {
  const before = graphOf([[0, 3], [1, 1]], (ops, x, y) => [
    ops.mul(ops.transpose(ops.transpose(x!, { axes: [1, 0] }), { axes: [1, 0] }), 1),
    ops.reshape(ops.reshape(y!, { shape: [] }), { shape: [1] }),
  ]);
  const after = simplifyIdentities(before);
  assertEquals(operationNames(after), ["reshape"]);
  assertSamePrograms(after, before);
});
