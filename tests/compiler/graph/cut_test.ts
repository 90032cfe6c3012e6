import { assertEquals, assertStrictEquals } from "@std/assert";
import { constantNode, type Graph, type Node, nodesOf } from "../../../src/compiler/graph/nodes.ts";
import { type Cut, cutGraph } from "../../../src/compiler/graph/cut.ts";
import { interpret, replay } from "../../../src/compiler/graph/interpret.ts";
import { INPUT } from "../../../src/tape/mod.ts";
import { handleOf } from "../../../src/variable/variable.ts";
import { constant, NdArray, tape, type Variable, variable } from "../../../mod.ts";
import { lines } from "../graphs.ts";

/** Records a function and cuts it out of the tape. */
function cutOut(
  inputs: readonly (number | NdArray)[],
  f: (...x: Variable[]) => readonly (Variable | Node)[],
  keeps?: "all" | "dependent",
): Cut {
  return tape.frame("a test", ({ mark }) => {
    const rows = inputs.map((value) =>
      tape.leaf(INPUT, value, typeof value === "number" ? "float64" : value.dtype)
    );
    const results = f(...rows.map(handleOf));
    const outputs = results.map((r) => "operands" in r ? r as Node : (r as Variable).row);
    return cutGraph(tape, mark, rows, outputs, keeps);
  });
}

/** The same, of a function that uses nothing from outside. */
function cut(...args: Parameters<typeof cutOut>): Graph {
  const { graph, outside } = cutOut(...args);
  assertEquals(outside, []);
  return graph;
}

Deno.test("cutGraph() gives the rows that the results depend on, without dead ones", () => {
  const graph = cut([2, new NdArray(new Float32Array([1, 2]))], (x, y) => {
    x!.sin().mul(y!);
    const z = y!.mul(3).sum();
    z.exp();
    return [z.mul(y!)];
  });
  assertEquals(lines(graph), [
    "%0 = input 0: float64[]",
    "%1 = input 1: float32[2]",
    "%2 = constant 3: float32[]",
    "%3 = mul %1 %2: float32[2]",
    '%4 = sum %3 {"axes":[0],"keepDims":false}: float32[]',
    "%5 = mul %4 %1: float32[2]",
    "return %5",
  ]);
  assertEquals(replay(graph)([7, new NdArray(new Float32Array([1, 2]))]), [
    new NdArray(new Float32Array([9, 18])),
  ]);
});

Deno.test("cutGraph() takes results that are inputs, rows in the middle, the same row, or no rows", () => {
  const fixed = constantNode(5, "float64");
  const graph = cut([2], (x) => {
    const y = x!.exp();
    y.mul(y);
    return [x!, y, fixed, y];
  });
  assertEquals(lines(graph), [
    "%0 = input 0: float64[]",
    "%1 = exp %0: float64[]",
    "%2 = constant 5: float64[]",
    "return %0 %1 %2 %1",
  ]);
  assertEquals(replay(graph)([0]), [0, 1, 5, 1]);
  assertStrictEquals(graph.outputs[2], fixed);
});

Deno.test("cutGraph() makes constants of values that were read from outside", () => {
  const a = constant([[1, 2]]);
  const graph = cut([1], (x) => [x!.mul(a).add(a)]);
  assertEquals(lines(graph).filter((line) => line.includes("constant")), [
    "%1 = constant: float64[1, 2]",
    "%3 = constant: float64[1, 2]",
  ]);
  assertEquals(replay(graph)([3]), [new NdArray(new Float64Array([4, 8]), [1, 2])]);
});

Deno.test("cutGraph() makes inputs of trainable Variables and earlier rows, one for each", () => {
  const w = variable([1, 2]);
  const early = w.mul(2);
  const { graph, outside } = cutOut([1], (x) => [x!.mul(w), x!.add(w).mul(early)]);
  assertEquals(outside, [w.row, early.row]);
  assertEquals(lines(graph).filter((line) => line.includes("input")), [
    "%0 = input 0: float64[]",
    "%1 = input 1: float64[2]",
    "%2 = input 2: float64[2]",
  ]);
  tape.clear();
});

Deno.test("cutGraph() keeps what depends on an input, if asked to, and takes the rest as it was", () => {
  const w = variable(5);
  const early = w.mul(2);
  const rows: number[] = [];
  const { graph, outside } = cutOut([3], (x) => {
    x!.sub(100);
    const scale = early.add(1);
    const seven = variable(7);
    const y = x!.mul(scale).add(x!.mul(2)).add(seven);
    rows.push(scale.row, seven.row);
    return [y, x!, y];
  }, "dependent");
  assertEquals(outside, rows);
  const names = nodesOf(graph).map((node) =>
    node.operation?.name ?? (node.input >= 0 ? `input ${node.input}` : `${node.value}`)
  );
  assertEquals(names, ["input 0", "input 1", "mul", "2", "mul", "add", "input 2", "add"]);
  assertEquals(replay(graph)([3, 11, 7]), [46, 3, 46]);
  tape.clear();
});

Deno.test("interpret() runs a graph over any kind of value, and lets go of what is not needed any more", () => {
  const graph = cut([1], (x) => [x!.exp().mul(x!), x!]);
  const texts = interpret<string>(
    graph,
    ["x"],
    (node) => `${node.value}`,
    (node, operands) => `${node.operation!.name}(${operands.join(", ")})`,
  );
  assertEquals(texts, ["mul(exp(x), x)", "x"]);
});

Deno.test("cutGraph() works without inputs, results or rows", () => {
  assertEquals(lines(cut([], () => [])), ["return "]);
  assertEquals(lines(cut([1], () => [])), ["%0 = input 0: float64[]", "return "]);
  assertEquals(tape.length, 0);
});
