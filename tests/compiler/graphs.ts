/** Small programs written by hand, and ways to compare what they give. */
import { assert, assertEquals } from "@std/assert";
import type { DType } from "../../src/array/dtype.ts";
import type { Value } from "../../src/array/value.ts";
import { NdArray } from "../../src/array/nd_array.ts";
import { type Shape, sizeOf } from "../../src/array/shape.ts";
import {
  type Graph,
  inputNode,
  liveNodes,
  type Node,
  nodeOps,
  printGraph,
} from "../../src/compiler/graph/nodes.ts";
import { type Executable, replay } from "../../src/compiler/graph/interpret.ts";
import type { Ops } from "../../src/primitives/mod.ts";
import { randomNumbers } from "./random_programs.ts";

/** A program of inputs with the given shapes, all in one dtype. */
export function graphOf(
  shapes: readonly Shape[],
  write: (ops: Ops<Node>, ...inputs: Node[]) => Node | readonly Node[],
  dtype: DType = "float64",
): Graph {
  const inputs = shapes.map((shape, i) => inputNode(i, shape, dtype));
  const outputs = write(nodeOps(dtype), ...inputs);
  return { inputs, outputs: Array.isArray(outputs) ? outputs : [outputs as Node] };
}

/** The lines that a program is printed as, for comparing with what is expected. */
export function lines(graph: Graph): string[] {
  return printGraph(graph).split("\n");
}

/** The names of the operations of a program, operands first. */
export function operationNames(graph: Graph): string[] {
  return liveNodes(graph.outputs).flatMap((node) => node.operation?.name ?? []);
}

const AWKWARD = [0, -0, NaN, Infinity, -Infinity, 1, -1, 1e-320, 1e300, 0.5];

/** Values for the inputs of a program: `"awkward"` ones are NaN, infinities, zeros of both signs and the like. */
export function drawValues(graph: Graph, seed: number, kind: "plain" | "awkward" = "plain"): Value[] {
  const random = randomNumbers(seed);
  return graph.inputs.map(({ shape, dtype }) => {
    const numbers = Array.from(
      { length: sizeOf(shape) },
      () => kind === "plain" ? random() * 4 - 2 : AWKWARD[Math.floor(random() * AWKWARD.length)]!,
    );
    const data = dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers);
    return shape.length === 0 ? data[0]! : new NdArray(data, shape);
  });
}

/** Checks two lists of results: equal in shape and dtype, and value by value within a tolerance; 0 is exact. */
export function assertSameValues(
  actual: readonly Value[],
  expected: readonly Value[],
  tolerance: number,
  what = "",
): void {
  assertEquals(actual.length, expected.length);
  expected.forEach((value, k) => {
    const found = actual[k]!;
    if (typeof value === "number" || typeof found === "number") {
      assert(
        isClose(found as number, value as number, tolerance),
        `${what} result ${k}: ${found}, not ${value}`,
      );
      return;
    }
    assertEquals([found.dtype, ...found.shape], [value.dtype, ...value.shape], `${what} result ${k}`);
    value.data.forEach((x, i) =>
      assert(isClose(found.data[i]!, x, tolerance), `${what} result ${k}[${i}]: ${found.data[i]}, not ${x}`)
    );
  });
}

function isClose(actual: number, expected: number, tolerance: number): boolean {
  return Object.is(actual, expected) ||
    (tolerance > 0 && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)));
}

/** Checks that a program gives what another gives, for plain values and, where rounding doesn't matter, awkward ones. */
export function assertSamePrograms(
  after: Graph | Executable,
  before: Graph,
  tolerance = 0,
  kinds: readonly ("plain" | "awkward")[] = ["plain", "awkward"],
): void {
  const run = typeof after === "function" ? after : replay(after);
  const expected = replay(before);
  for (const kind of kinds) {
    for (let seed = 0; seed < 8; seed++) {
      const values = drawValues(before, seed, kind);
      assertSameValues(run(values), expected(values), tolerance, `${kind} ${seed}`);
    }
  }
}
