import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import {
  constantNode,
  constantNumber,
  inputNode,
  liveNodes,
  nodeOps,
  operationNode,
  printGraph,
  rewrite,
  sameType,
} from "../../../src/compiler/graph/nodes.ts";
import { replay } from "../../../src/compiler/graph/interpret.ts";
import { operation as op } from "../../../src/primitives/mod.ts";
import { graphOf, lines } from "../graphs.ts";

Deno.test("printGraph() prints one line for each value, unused inputs too", () => {
  const graph = graphOf([[2, 3], [], [7]], (ops, x, y) => [
    ops.sum(ops.mul(x!, y!), { axes: [1], keepDims: false }),
    ops.add(y!, 0.5),
    constantNode(new NdArray(new Float64Array([1, 2])), "float64"),
  ]);
  assertEquals(lines(graph), [
    "%0 = input 0: float64[2, 3]",
    "%1 = input 1: float64[]",
    "%2 = input 2: float64[7]",
    "%3 = mul %0 %1: float64[2, 3]",
    '%4 = sum %3 {"axes":[1],"keepDims":false}: float64[2]',
    "%5 = constant 0.5: float64[]",
    "%6 = add %1 %5: float64[]",
    "%7 = constant: float64[2]",
    "return %4 %6 %7",
  ]);
});

Deno.test("liveNodes() gives operands first, each value once, and nothing that isn't needed", () => {
  const x = inputNode(0, [], "float64");
  const ops = nodeOps("float64");
  const a = ops.exp(x);
  const b = ops.mul(a, a);
  ops.sin(b);
  assertEquals(liveNodes([b, a, b]), [x, a, b]);
  assertEquals(liveNodes([]), []);
});

Deno.test("programs of 100,000 rows are walked, rewritten and run without recursion", () => {
  const graph = graphOf([[]], (ops, x) => {
    let y = x!;
    for (let i = 0; i < 100_000; i++) y = ops.add(y, x!);
    return y;
  });
  assertEquals(liveNodes(graph.outputs).length, 100_001);
  const copy = rewrite(graph, (node) => node.operation === op.add ? { ...node } : node);
  assertEquals(replay(copy)([1]), [100_001]);
});

Deno.test("rewrite() makes anew only what depends on what was replaced", () => {
  const graph = graphOf([[2]], (ops, x) => [ops.exp(ops.sin(x!)), ops.exp(ops.cos(x!))]);
  const same = rewrite(graph, (node) => node);
  same.outputs.forEach((output, i) => assertStrictEquals(output, graph.outputs[i]));
  const changed = rewrite(
    graph,
    (node) => node.operation === op.sin ? operationNode(op.tan, node.operands, undefined, node.dtype) : node,
  );
  assertEquals(changed.outputs[0]!.operands[0]!.operation!.name, "tan");
  assertEquals(graph.outputs[0]!.operands[0]!.operation!.name, "sin");
  assertStrictEquals(changed.outputs[1], graph.outputs[1]);
  assertStrictEquals(changed.inputs[0], graph.inputs[0]);
});

Deno.test("nodeOps() makes nodes of one dtype, whose shapes follow from the operands", () => {
  const ops = nodeOps("float32");
  const x = inputNode(0, [2, 1], "float32");
  const y = ops.add(x, inputNode(1, [3], "float32"));
  assertEquals([y.dtype, ...y.shape], ["float32", 2, 3]);
  assertEquals(ops.mul(y, 2).operands[1]!.dtype, "float32");
  assertEquals(ops.cast(y, { dtype: "float64" }).dtype, "float64");
  assertEquals(ops.shapeOf(y), [2, 3]);
  assertThrows(() => ops.add(y, inputNode(2, [4], "float32")), TypeError, "[2, 3] and [4]");
});

Deno.test("constantNumber() is the number of a rank-0 constant; sameType() compares shape and dtype", () => {
  const array = constantNode(new NdArray(new Float64Array([3])), "float64");
  const x = inputNode(0, [1], "float64");
  assertEquals([constantNode(-0, "float64"), array, x].map(constantNumber), [-0, undefined, undefined]);
  assertEquals(sameType(array, x), true);
  assertEquals(sameType(x, inputNode(0, [1], "float32")), false);
  assertEquals(sameType(x, inputNode(0, [], "float64")), false);
});

Deno.test("replay() computes rows in their dtype, and gives inputs and constants back", () => {
  const x = inputNode(0, [], "float32");
  const third = operationNode(op.div, [constantNode(1, "float32"), x], undefined, "float32");
  const graph = { inputs: [x], outputs: [third, x, constantNode(2, "float64"), third] };
  const exact = Math.fround(1 / 3);
  assertEquals(replay(graph)([3]), [exact, 3, 2, exact]);
  assertEquals(printGraph(graph).split("\n").at(-1), "return %2 %0 %3 %2");
});

Deno.test("replay() can be called again and keeps no values from call to call", () => {
  const run = replay(graphOf([[2]], (ops, x) => [ops.exp(ops.neg(x!)), ops.neg(x!)]));
  const of = (...numbers: number[]) =>
    run([new NdArray(new Float64Array(numbers))]).map((v) => (v as NdArray).data);
  assertEquals(of(0, 1), [new Float64Array([1, Math.exp(-1)]), new Float64Array([-0, -1])]);
  assertEquals(of(2, 0)[1], new Float64Array([-2, -0]));
});
