import { assertEquals } from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import { type Graph, inputNode, nodeOps, operationNode } from "../../../src/compiler/graph/nodes.ts";
import { decompose } from "../../../src/compiler/passes/decompose.ts";
import { replay } from "../../../src/compiler/graph/interpret.ts";
import { operation as op } from "../../../src/primitives/mod.ts";
import { assertSamePrograms, assertSameValues, graphOf, lines, operationNames } from "../graphs.ts";

const normalization = (axes: readonly number[], center: boolean) => ({ axes, center, epsilon: 1e-5 });

Deno.test("decompose() writes a softmax as a maximum, exponentials, their sum, and a quotient", () => {
  const before = graphOf([[2, 3]], (ops, x) => ops.softmax(x!, { axis: 1 }));
  const after = decompose(before);
  assertEquals(lines(after), [
    "%0 = input 0: float64[2, 3]",
    '%1 = max %0 {"axes":[1],"keepDims":true}: float64[2, 1]',
    "%2 = sub %0 %1: float64[2, 3]",
    "%3 = exp %2: float64[2, 3]",
    '%4 = sum %3 {"axes":[1],"keepDims":true}: float64[2, 1]',
    "%5 = div %3 %4: float64[2, 3]",
    "return %5",
  ]);
  assertSamePrograms(after, before, 1e-14);
});

const written: { readonly [name: string]: Graph } = {
  "logSumExp over the last axis": graphOf(
    [[2, 3]],
    (ops, x) => ops.logSumExp(x!, { axes: [1], keepDims: false }),
  ),
  "logSumExp that keeps its axis": graphOf(
    [[2, 3]],
    (ops, x) => ops.logSumExp(x!, { axes: [0], keepDims: true }),
  ),
  "logSumExp over all axes": graphOf(
    [[2, 3]],
    (ops, x) => ops.logSumExp(x!, { axes: [0, 1], keepDims: false }),
  ),
  "logSumExp over no axis": graphOf([[2]], (ops, x) => ops.logSumExp(x!, { axes: [], keepDims: false })),
  "logSumExp of axes of length 1": graphOf(
    [[1, 1]],
    (ops, x) => ops.logSumExp(x!, { axes: [0], keepDims: false }),
  ),
  "softmax over the first axis": graphOf([[3, 2, 2]], (ops, x) => ops.softmax(x!, { axis: 0 })),
  "softmax of one element": graphOf([[1]], (ops, x) => ops.softmax(x!, { axis: 0 })),
  "logSoftmax": graphOf([[2, 3]], (ops, x) => ops.logSoftmax(x!, { axis: 1 })),
  "normalize": graphOf([[3, 4]], (ops, x) => ops.normalize(x!, normalization([1], true))),
  "normalize without centering": graphOf(
    [[3, 4]],
    (ops, x) => ops.normalize(x!, normalization([0, 1], false)),
  ),
  "inverseDeviation": graphOf([[3, 4]], (ops, x) => ops.inverseDeviation(x!, normalization([0], true))),
};

for (const [name, before] of Object.entries(written)) {
  Deno.test(`decompose() keeps every value of ${name}, NaN and infinities included`, () => {
    const after = decompose(before);
    const kept = operationNames(after).filter((o) => operationNames(before).includes(o));
    assertEquals(kept, []);
    assertEquals([...after.outputs[0]!.shape], [...before.outputs[0]!.shape]);
    assertSamePrograms(after, before, 1e-13);
  });
}

Deno.test("decompose() keeps a cross-entropy: labels of 0 take no part, whatever the logits are", () => {
  const before = graphOf([[3, 4], [3, 4]], (ops, x, y) => ops.softmaxCrossEntropy(x!, y!));
  const after = decompose(before);
  assertEquals(operationNames(after).includes("softmaxCrossEntropy"), false);
  const logits = (rows: number[]) => new NdArray(new Float64Array(rows), [3, 4]);
  const one = logits([1, 0, 0, 0, 0, 1, 0, 0, 0.25, 0.25, 0.25, 0.25]);
  const large = 1e4;
  for (
    const values of [
      [1, 2, 3, 4, -1, -2, -3, -4, 0, 0, 0, 0],
      [large, -large, 0, 0, large, large, large, large, -large, -large, -large, -large],
      [0, -Infinity, 1, 2, 3, 4, -Infinity, -Infinity, 1, 2, 3, 4],
      [NaN, 0, 0, 0, 1, 2, 3, 4, 1, 2, 3, 4],
    ]
  ) {
    const inputs = [logits(values), one];
    assertSameValues(replay(after)(inputs), replay(before)(inputs), 1e-14);
  }
});

Deno.test("decompose() leaves empty arrays to the operation itself", () => {
  const before = graphOf([[0, 3], [3, 0]], (ops, x, y) => [
    ops.logSumExp(x!, { axes: [1], keepDims: false }),
    ops.logSumExp(y!, { axes: [1], keepDims: false }),
    ops.softmax(x!, { axis: 1 }),
  ]);
  const after = decompose(before);
  assertEquals(lines(after), lines(before));
  assertSamePrograms(after, before);
});

Deno.test("decompose() computes in the dtype of the row", () => {
  const before = graphOf([[2, 3]], (ops, x) => ops.logSumExp(x!, { axes: [1], keepDims: false }), "float32");
  const after = decompose(before);
  assertEquals(
    new Set(lines(after).slice(0, -1).map((line) => line.match(/float\d\d/)![0])),
    new Set(["float32"]),
  );
  assertSamePrograms(after, before, 1e-6);
  const x = inputNode(0, [4], "float32");
  const mixed = {
    inputs: [x],
    outputs: [
      operationNode(op.softmax, [x], { axis: 0 }, "float64"),
      nodeOps("float32").softmax(x, { axis: 0 }),
    ],
  };
  assertEquals(decompose(mixed).outputs.map(({ dtype }) => dtype), ["float64", "float32"]);
  assertSamePrograms(decompose(mixed), mixed, 1e-6);
});

Deno.test("decompose() finds the first of the largest elements by loops, NaN before all", () => {
  for (const dtype of ["float64", "float32"] as const) {
    for (const axis of [0, 1, 2]) {
      const before = graphOf([[3, 4, 5]], (ops, x) => ops.argMax(x!, { axis }), dtype);
      const after = decompose(before);
      assertEquals(operationNames(after).includes("argMax"), false);
      const values = [NaN, Infinity, -Infinity, 0, 0, 1, 1, 2, -3];
      for (let shift = 0; shift < 9; shift++) {
        // Rows without and with NaN and infinities, full of ties.
        const kinds = shift < 3 ? values.slice(3) : values;
        const data = Float64Array.from({ length: 60 }, (_, i) => kinds[(i * i + shift * i) % kinds.length]!);
        const x = new NdArray(data, [3, 4, 5]).cast(dtype);
        assertSameValues(replay(after)([x]), replay(before)([x]), 0);
      }
      const lowest = new NdArray(new Float64Array(60).fill(-Infinity), [3, 4, 5]).cast(dtype);
      assertSameValues(replay(after)([lowest]), replay(before)([lowest]), 0);
    }
  }
});

Deno.test("decompose() leaves positions that float32 can't count to the operation itself", () => {
  const x = inputNode(0, [2 ** 24 + 1], "float32");
  const graph = { inputs: [x], outputs: [operationNode(op.argMax, [x], { axis: 0 }, "float64")] };
  assertEquals(decompose(graph), graph);
});
