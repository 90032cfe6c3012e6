import { assertEquals } from "@std/assert";
import { foldTransposes } from "../../../src/compiler/passes/transposes.ts";
import { assertSamePrograms, graphOf, lines, operationNames } from "../graphs.ts";

for (const transposeX of [false, true]) {
  for (const transposeY of [false, true]) {
    Deno.test(`foldTransposes() folds into a product with transposeX ${transposeX}, transposeY ${transposeY}`, () => {
      const before = graphOf(
        [transposeX ? [2, 3] : [3, 2], transposeY ? [5, 3] : [3, 5]],
        (ops, x, y) =>
          ops.matmul(
            ops.transpose(x!, { axes: [1, 0] }),
            ops.transpose(ops.transpose(y!, { axes: [1, 0] }), { axes: [1, 0] }),
            { transposeX, transposeY },
          ),
      );
      const after = foldTransposes(before);
      assertEquals(operationNames(after), ["transpose", "matmul"]);
      assertEquals(after.outputs[0]!.attributes, { transposeX: !transposeX, transposeY: !transposeY });
      assertSamePrograms(after, before, 1e-14);
    });
  }
}

Deno.test("foldTransposes() prints the product that reads its operands transposed", () => {
  const before = graphOf(
    [[3, 2], [3, 4]],
    (ops, x, y) =>
      ops.matmul(ops.transpose(x!, { axes: [1, 0] }), y!, { transposeX: false, transposeY: false }),
  );
  assertEquals(lines(foldTransposes(before)), [
    "%0 = input 0: float64[3, 2]",
    "%1 = input 1: float64[3, 4]",
    '%2 = matmul %0 %1 {"transposeX":true,"transposeY":false}: float64[2, 4]',
    "return %2",
  ]);
});

Deno.test("foldTransposes() folds a swap of the last two axes of a batch, and no other order", () => {
  const plain = { transposeX: false, transposeY: false };
  const swapped = graphOf(
    [[6, 3, 2], [6, 3, 4]],
    (ops, x, y) => ops.matmul(ops.transpose(x!, { axes: [0, 2, 1] }), y!, plain),
  );
  assertEquals(operationNames(foldTransposes(swapped)), ["matmul"]);
  assertSamePrograms(foldTransposes(swapped), swapped, 1e-14);
  for (const axes of [[1, 0, 2], [2, 1, 0], [1, 2, 0]]) {
    const other = graphOf(
      [[4, 4, 4], [4, 4, 4]],
      (ops, x, y) => ops.matmul(ops.transpose(x!, { axes }), y!, plain),
    );
    assertEquals(operationNames(foldTransposes(other)), ["transpose", "matmul"]);
    assertSamePrograms(foldTransposes(other), other, 1e-14);
  }
});

Deno.test("foldTransposes() keeps a transposition that others read, and the order of broadcast batches", () => {
  const before = graphOf([[1, 3, 2], [5, 3, 4]], (ops, x, y) => {
    const turned = ops.transpose(x!, { axes: [0, 2, 1] });
    return [ops.matmul(turned, y!, { transposeX: false, transposeY: false }), turned];
  });
  const after = foldTransposes(before);
  assertEquals(operationNames(after), ["matmul", "transpose"]);
  assertEquals(after.outputs[0]!.shape, [5, 2, 4]);
  assertSamePrograms(after, before, 1e-14);
});

Deno.test("foldTransposes() works where an inner or outer length is 0 or 1", () => {
  for (const [n, k, m] of [[0, 3, 2], [2, 0, 3], [1, 1, 1], [1, 4, 1]] as const) {
    const before = graphOf(
      [[k, n], [m, k]],
      (ops, x, y) =>
        ops.matmul(ops.transpose(x!, { axes: [1, 0] }), ops.transpose(y!, { axes: [1, 0] }), {
          transposeX: false,
          transposeY: false,
        }),
    );
    assertEquals(operationNames(foldTransposes(before)), ["matmul"]);
    assertSamePrograms(foldTransposes(before), before, 1e-14);
  }
});
