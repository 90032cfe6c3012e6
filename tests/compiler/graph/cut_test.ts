import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { constantNode, type Graph, inputNode, type Node } from "../../../src/compiler/graph/nodes.ts";
import { graphFromTape } from "../../../src/compiler/graph/cut.ts";
import { replay } from "../../../src/compiler/graph/interpret.ts";
import { INPUT } from "../../../src/tape/mod.ts";
import { handleOf } from "../../../src/variable/variable.ts";
import { constant, NdArray, tape, type Variable, variable } from "../../../mod.ts";
import { lines } from "../graphs.ts";

/** Records a function and cuts it out of the tape. */
function cut(
  inputs: readonly (number | NdArray)[],
  f: (...x: Variable[]) => readonly (Variable | Node)[],
  outside: (row: number) => Node = () => {
    throw new TypeError("nothing is outside");
  },
): Graph {
  return tape.frame(({ mark }) => {
    const rows = inputs.map((value) =>
      tape.leaf(INPUT, value, typeof value === "number" ? "float64" : value.dtype)
    );
    const results = f(...rows.map(handleOf));
    const outputs = results.map((r) => "operands" in r ? r as Node : (r as Variable).row);
    return graphFromTape(tape, mark, rows, outputs, outside);
  });
}

Deno.test("graphFromTape() gives the rows that the results depend on, without dead ones", () => {
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

Deno.test("graphFromTape() takes results that are inputs, rows in the middle, the same row, or no rows", () => {
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

Deno.test("graphFromTape() makes constants of values that were read from outside", () => {
  const a = constant([[1, 2]]);
  const graph = cut([1], (x) => [x!.mul(a).add(a)]);
  assertEquals(lines(graph).filter((line) => line.includes("constant")), [
    "%1 = constant: float64[1, 2]",
    "%3 = constant: float64[1, 2]",
  ]);
  assertEquals(replay(graph)([3]), [new NdArray(new Float64Array([4, 8]), [1, 2])]);
});

Deno.test("graphFromTape() asks for what stands for a trainable Variable, once for each", () => {
  const w = variable([1, 2]);
  const rows: number[] = [];
  const graph = cut([1], (x) => [x!.mul(w), x!.add(w)], (row) => {
    rows.push(row);
    return inputNode(1, tape.shapeOf(row), tape.dtypeOf(row));
  });
  assertEquals(rows.length, 1);
  assertEquals(lines(graph).slice(0, 2), ["%0 = input 0: float64[]", "%1 = input 1: float64[2]"]);
  assertThrows(() => cut([1], (x) => [x!.mul(w)]), TypeError, "nothing is outside");
  tape.clear();
});

Deno.test("graphFromTape() works without inputs, results or rows", () => {
  assertEquals(lines(cut([], () => [])), ["return "]);
  assertEquals(lines(cut([1], () => [])), ["%0 = input 0: float64[]", "return "]);
  assertEquals(tape.length, 0);
});
