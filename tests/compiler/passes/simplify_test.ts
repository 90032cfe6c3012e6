import { assertEquals, assertStrictEquals } from "@std/assert";
import { simplify } from "../../../src/compiler/passes/simplify.ts";
import type { Node } from "../../../src/compiler/graph/nodes.ts";
import { assertSamePrograms, graphOf, lines, operationNames } from "../graphs.ts";

Deno.test("simplify() lets passes work on what later ones have left", () => {
  // What both logarithms read is known to be the same only after the products with 1 are gone and rows are shared.
  const graph = graphOf([[3, 2]], (ops, x) => {
    const [a, b] = [ops.exp(ops.mul(x!, 1)), ops.exp(ops.neg(ops.neg(x!)))];
    return ops.mul(ops.log(a), ops.log(b));
  });
  const simplified = simplify(graph);
  assertEquals(operationNames(simplified), ["exp", "log", "square"]);
  assertSamePrograms(simplified, graph);
});

Deno.test("simplify() gives a simplified program back as it is", () => {
  const graph = graphOf([[4, 3], [3, 2]], (ops, x, w) => {
    const y = ops.softmax(ops.matmul(x!, w!, { transposeX: false, transposeY: false }), { axis: 1 });
    return ops.sum(ops.mul(ops.sub(y, 0), y), { axes: [0], keepDims: false });
  });
  const simplified = simplify(graph);
  assertStrictEquals(simplify(simplified), simplified);
  assertSamePrograms(simplified, graph, 1e-12);
});

Deno.test("simplify() shares rows of which hundreds read one operand, and none that differ", () => {
  const graph = graphOf([[2]], (ops, x) => {
    const terms = Array.from({ length: 300 }, (_, i) => ops.mul(ops.add(x!, i % 100), ops.exp(x!)));
    return terms.reduce((sum, term) => ops.sub(sum, term));
  });
  const simplified = simplify(graph);
  const counts = Object.groupBy(operationNames(simplified), (name) => name);
  assertEquals([counts["add"]?.length, counts["mul"]?.length, counts["exp"]?.length], [100, 100, 1]);
  assertEquals(new Set(lines(simplified)).size, lines(simplified).length);
  assertSamePrograms(simplified, graph);
});

Deno.test("simplify() simplifies and shares what a rule has made of a row, in the same walk", () => {
  const graph = graphOf([[4, 3]], (ops, x) => {
    const first = ops.softmax(ops.mul(x!, 1), { axis: 1 });
    return ops.add(first, ops.logSoftmax(ops.neg(ops.neg(x!)), { axis: 1 }));
  });
  const simplified = simplify(graph);
  // The largest element, the difference from it, the exponential and its sum are there once.
  assertEquals(operationNames(simplified), ["max", "sub", "exp", "sum", "div", "log", "sub", "add"]);
  assertSamePrograms(simplified, graph, 1e-12);
});

Deno.test("simplify() goes on with what is left once blocks are put together", () => {
  const graph = graphOf([[2], [2]], (ops, x, y) => {
    const at = (value: Node, begin: number) => ops.place(value, { begin: [begin], shape: [6] });
    const [a, b] = [ops.add(at(x!, 0), at(y!, 2)), ops.add(at(x!, 0), at(y!, 2))];
    // Both sums are one row, and so is what follows from them.
    return ops.mul(ops.exp(a), ops.exp(ops.mul(b, 1)));
  });
  const simplified = simplify(graph);
  assertEquals(operationNames(simplified), ["assemble", "exp", "square"]);
  assertSamePrograms(simplified, graph);
});
