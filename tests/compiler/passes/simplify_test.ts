import { assertEquals, assertStrictEquals } from "@std/assert";
import { simplify } from "../../../src/compiler/passes/simplify.ts";
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
