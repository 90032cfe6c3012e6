import { assertEquals } from "@std/assert";
import { joinSummedProducts } from "../../../src/compiler/passes/summed_products.ts";
import { simplify } from "../../../src/compiler/passes/simplify.ts";
import { assertSamePrograms, graphOf, operationNames } from "../graphs.ts";

const gradient = { transposeX: true, transposeY: false };

Deno.test("joinSummedProducts() makes one product of the products of a batch that are added up", () => {
  for (const batch of [[4], [2, 3]]) {
    for (const keepDims of [true, false]) {
      const axes = batch.map((_, i) => i);
      const before = graphOf(
        [[...batch, 5, 2], [...batch, 5, 3]],
        (ops, x, y) => ops.sum(ops.matmul(x!, y!, gradient), { axes, keepDims }),
      );
      const after = simplify(before);
      assertEquals(operationNames(after).filter((name) => name !== "reshape"), ["matmul"]);
      assertEquals(after.outputs[0]!.shape, keepDims ? [...batch.map(() => 1), 2, 3] : [2, 3]);
      assertSamePrograms(after, before, 1e-13);
    }
  }
});

Deno.test("joinSummedProducts() leaves what is no longer matrix: other transposes, axes and batches", () => {
  const plain = { transposeX: false, transposeY: false };
  const graphs = [
    graphOf(
      [[4, 2, 5], [4, 5, 3]],
      (ops, x, y) => ops.sum(ops.matmul(x!, y!, plain), { axes: [0], keepDims: false }),
    ),
    graphOf(
      [[4, 5, 2], [4, 5, 3]],
      (ops, x, y) => ops.sum(ops.matmul(x!, y!, gradient), { axes: [1], keepDims: false }),
    ),
    graphOf(
      [[2, 4, 5, 2], [2, 4, 5, 3]],
      (ops, x, y) => ops.sum(ops.matmul(x!, y!, gradient), { axes: [0], keepDims: false }),
    ),
    graphOf(
      [[1, 5, 2], [4, 5, 3]],
      (ops, x, y) => ops.sum(ops.matmul(x!, y!, gradient), { axes: [0], keepDims: false }),
    ),
  ];
  for (const graph of graphs) assertEquals(joinSummedProducts(graph), graph);
});

Deno.test("joinSummedProducts() leaves products that are read as they are, too", () => {
  const before = graphOf([[4, 5, 2], [4, 5, 3]], (ops, x, y) => {
    const product = ops.matmul(x!, y!, gradient);
    return [ops.sum(product, { axes: [0], keepDims: false }), product];
  });
  assertEquals(joinSummedProducts(before), before);
});
