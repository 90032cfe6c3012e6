import { assertEquals } from "@std/assert";
import { compileGraph, type Target } from "../../src/compiler/mod.ts";
import { fuse } from "../../src/compiler/plan/fusion.ts";
import { targets } from "../../src/compiler/compile_graph.ts";
import type { Value } from "../../src/array/value.ts";
import { assertSameValues, drawValues, graphOf, operationNames } from "./graphs.ts";

/** Rows with something to simplify: a product with 1 between two functions, and a sum. */
const graph = graphOf(
  [[3, 5]],
  (ops, x) => ops.sum(ops.exp(ops.mul(ops.sin(x!), 1)), { axes: [1] } as never),
);

Deno.test("compileGraph() hands the simplified graph to any target, and runs what that makes of it", () => {
  const seen: string[][] = [];
  const released: string[] = [];
  const target: Target = {
    name: "elsewhere",
    isFusable: () => true,
    compile(simplified, options) {
      seen.push(operationNames(simplified));
      const program = targets.replay.compile(simplified, options);
      return { ...program, target: "elsewhere", kernels: 7, release: () => released.push("released") };
    },
  };
  const compiled = compileGraph(graph, { target });
  const values = drawValues(graph, 1, "plain") as Value[];
  assertEquals(seen, [["sin", "exp", "sum"]]);
  assertEquals([compiled.stats.target, compiled.stats.kernels], ["elsewhere", 7]);
  assertSameValues(compiled.run(values), compileGraph(graph, { target: "replay" }).run(values), 0);
  compiled.release();
  assertEquals([released, compiled.isReleased], [["released"], true]);
});

Deno.test("the targets agree, and each says what it can fuse", () => {
  const values = drawValues(graph, 2, "plain") as Value[];
  const [fast, slow] = (["wasm", "replay"] as const).map((target) => compileGraph(graph, { target }));
  assertSameValues(fast!.run(values), slow!.run(values), 1e-14);
  assertEquals([fast!.stats.target, slow!.stats.target], ["wasm", "replay"]);
  const groups = Object.values(targets).map(({ isFusable }) => fuse(graph, isFusable).length);
  assertEquals(groups, [1, operationNames(graph).length]);
});
