import { assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import { compileGraph } from "../../../src/compiler/compile_graph.ts";
import { copySlices, storageOf } from "../../../src/compiler/plan/memory.ts";
import { assertSamePrograms, graphOf } from "../graphs.ts";

const SIZE = 4096;

for (const dtype of ["float64", "float32"] as const) {
  Deno.test(`${dtype}: a small part of a large value is copied out of it, whatever its shape`, () => {
    const graph = graphOf([[SIZE], [64, 64]], (ops, x, y) => {
      const z = ops.tanh(x!);
      return [
        ops.slice(x!, { begin: [10], size: [20] }),
        ops.reshape(ops.slice(z, { begin: [7], size: [1] }), { shape: [] }),
        ops.reshape(ops.slice(y!, { begin: [3, 0], size: [2, 64] }), { shape: [128] }),
        ops.sum(z, { axes: [0], keepDims: false }),
      ];
    }, dtype);
    const copied = copySlices(graph);
    for (const output of copied.outputs) assertStrictEquals(storageOf(output).root.operation === null, false);
    const program = compileGraph(graph, { target: "wasm" });
    assertSamePrograms((values) => program.run(values), graph, dtype === "float64" ? 1e-12 : 1e-5);
    program.release();
  });
}

Deno.test("what is most of a value, or a part of a constant, stays a view", () => {
  const graph = graphOf(
    [[SIZE]],
    (ops, x) => [ops.slice(x!, { begin: [1], size: [SIZE - 1] }), ops.reshape(x!, { shape: [64, 64] })],
  );
  assertStrictEquals(copySlices(graph), graph);
});

Deno.test("a value of which a part is a result gives its place to what comes after", () => {
  const bytes = 8 * SIZE;
  const graph = graphOf(
    [[SIZE]],
    (ops, x) => [ops.slice(x!, { begin: [0], size: [8] }), ops.exp(ops.add(x!, 1))],
  );
  const program = compileGraph(graph, { target: "wasm" });
  assertLess(program.stats.bytes, bytes + 1024);
  program.release();
  const donating = compileGraph(graph, { target: "wasm", donations: new Map([[0, 1]]) });
  assertLess(donating.stats.bytes, 1024);
  assertEquals(donating.stats.target, "wasm");
  donating.release();
});
