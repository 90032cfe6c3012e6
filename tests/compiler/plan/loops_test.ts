import { assertEquals } from "@std/assert";
import { type Graph, inputNode, operationNode } from "../../../src/compiler/graph/nodes.ts";
import { canLoop } from "../../../src/compiler/emit/loop_body.ts";
import { type LoopPlan, planLoop } from "../../../src/compiler/plan/loops.ts";
import { fuse } from "../../../src/compiler/plan/fusion.ts";
import { operation as op } from "../../../src/primitives/mod.ts";
import { graphOf } from "../graphs.ts";

/** The plan of a program that is one loop. */
function planOf(graph: Graph): LoopPlan {
  const groups = fuse(graph, canLoop);
  assertEquals(groups.length, 1);
  return planLoop(groups[0]!, (node) => graph.outputs.includes(node));
}

/** The axes of a plan, and how far everything steps along them. */
function stepsOf(plan: LoopPlan): { lengths: readonly number[]; sources: unknown; reductions: unknown } {
  return {
    lengths: plan.lengths,
    sources: plan.sources.map(({ strides }) => strides),
    reductions: plan.reductions.map(({ strides, direct }) => [...strides, direct]),
  };
}

Deno.test("planLoop() joins axes that everything steps through alike: same shapes are one long loop", () => {
  const plan = planOf(graphOf([[2, 3, 4], [2, 3, 4]], (ops, x, y) => ops.exp(ops.add(x!, y!))));
  assertEquals(stepsOf(plan), { lengths: [24], sources: [[1], [1]], reductions: [] });
  assertEquals(plan.nodes.map((n) => n.operation!.name), ["add", "exp"]);
  assertEquals(plan.stores.map((n) => n.operation!.name), ["exp"]);
});

Deno.test("planLoop() keeps axes apart where an operand is broadcast along one", () => {
  const write = (shape: number[]) => planOf(graphOf([[2, 3, 4], shape], (ops, x, y) => ops.mul(x!, y!)));
  assertEquals(stepsOf(write([4])), { lengths: [6, 4], sources: [[4, 1], [0, 1]], reductions: [] });
  assertEquals(stepsOf(write([3, 4])), { lengths: [2, 12], sources: [[12, 1], [0, 1]], reductions: [] });
  assertEquals(stepsOf(write([2, 1, 1])), { lengths: [2, 12], sources: [[12, 1], [1, 0]], reductions: [] });
  assertEquals(stepsOf(write([3, 1])), {
    lengths: [2, 3, 4],
    sources: [[12, 4, 1], [0, 1, 0]],
    reductions: [],
  });
  assertEquals(stepsOf(write([])), { lengths: [24], sources: [[1], [0]], reductions: [] });
});

Deno.test("planLoop() says of each reduction whether it is complete at the end of the innermost loop", () => {
  const sum = (axes: number[], keepDims = false) =>
    planOf(graphOf([[2, 3, 4]], (ops, x) => ops.sum(ops.exp(x!), { axes, keepDims })));
  assertEquals(stepsOf(sum([0, 1, 2])), { lengths: [24], sources: [[1]], reductions: [[0, true]] });
  assertEquals(stepsOf(sum([2])), { lengths: [6, 4], sources: [[4, 1]], reductions: [[1, 0, true]] });
  assertEquals(stepsOf(sum([2], true)), stepsOf(sum([2])));
  assertEquals(stepsOf(sum([1, 2])), { lengths: [2, 12], sources: [[12, 1]], reductions: [[1, 0, true]] });
  assertEquals(stepsOf(sum([0])), { lengths: [2, 12], sources: [[12, 1]], reductions: [[0, 1, false]] });
  assertEquals(stepsOf(sum([1])), {
    lengths: [2, 3, 4],
    sources: [[12, 4, 1]],
    reductions: [[4, 0, 1, false]],
  });
  assertEquals(stepsOf(sum([0, 2])), {
    lengths: [2, 3, 4],
    sources: [[12, 4, 1]],
    reductions: [[0, 1, 0, false]],
  });
});

Deno.test("planLoop() drops axes of length 1, and a loop over nothing else has one round", () => {
  const plan = planOf(
    graphOf([[1, 5, 1], [1, 1, 1]], (ops, x, y) => ops.sum(ops.mul(x!, y!), { axes: [1], keepDims: true })),
  );
  assertEquals(stepsOf(plan), { lengths: [5], sources: [[1], [0]], reductions: [[0, true]] });
  const one = planOf(
    graphOf([[1, 1], []], (ops, x, y) => ops.sum(ops.mul(x!, y!), { axes: [0, 1], keepDims: false })),
  );
  assertEquals(stepsOf(one), { lengths: [1], sources: [[0], [0]], reductions: [[0, true]] });
});

Deno.test("planLoop() reads each value once, no numbers, and stores only what is needed", () => {
  const graph = graphOf([[4]], (ops, x) => {
    const y = ops.mul(ops.add(x!, x!), 3);
    return [
      ops.sum(y, { axes: [0], keepDims: false }),
      ops.max(ops.neg(y), { axes: [0], keepDims: false }),
      y,
    ];
  });
  const plan = planOf(graph);
  assertEquals(plan.sources.map(({ node }) => node), [graph.inputs[0]!]);
  assertEquals(plan.stores, [graph.outputs[2]!]);
  assertEquals(plan.reductions.map(({ kind }) => kind), ["sum", "max"]);
  assertEquals(plan.nodes.map((n) => n.operation!.name), ["add", "mul", "neg"]);
});

Deno.test("planLoop() keeps the axes of what it stores, and takes the dtype of its rows", () => {
  const x = inputNode(0, [3], "float64");
  const row = operationNode(op.broadcastTo, [x], { shape: [2, 3] }, "float32");
  const plan = planOf({ inputs: [x], outputs: [row] });
  assertEquals(plan.dtype, "float32");
  assertEquals(stepsOf(plan), { lengths: [2, 3], sources: [[0, 1]], reductions: [] });
});
