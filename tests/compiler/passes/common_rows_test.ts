import { assertEquals, assertStrictEquals } from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import { constantNode, inputNode, nodeOps, operationNode } from "../../../src/compiler/graph/nodes.ts";
import { shareCommonRows } from "../../../src/compiler/passes/common_rows.ts";
import { operation as op } from "../../../src/primitives/mod.ts";
import { assertSamePrograms, graphOf, lines, operationNames } from "../graphs.ts";

const vector = (...numbers: number[]): NdArray => new NdArray(new Float64Array(numbers));

Deno.test("shareCommonRows() computes equal rows once, through any number of levels", () => {
  const before = graphOf([[3], [3]], (ops, x, y) => {
    const product = () => ops.tanh(ops.mul(ops.sin(x!), y!));
    return ops.add(product(), ops.exp(product()));
  });
  const after = shareCommonRows(before);
  assertEquals(operationNames(before).length, 8);
  assertEquals(lines(after), [
    "%0 = input 0: float64[3]",
    "%1 = input 1: float64[3]",
    "%2 = sin %0: float64[3]",
    "%3 = mul %2 %1: float64[3]",
    "%4 = tanh %3: float64[3]",
    "%5 = exp %4: float64[3]",
    "%6 = add %4 %5: float64[3]",
    "return %6",
  ]);
  assertSamePrograms(after, before);
});

Deno.test("shareCommonRows() keeps apart what differs in operands, their order, attributes or dtype", () => {
  const before = graphOf([[2, 2], [2, 2]], (ops, x, y) => [
    ops.sub(x!, y!),
    ops.sub(y!, x!),
    ops.sum(x!, { axes: [0], keepDims: false }),
    ops.sum(x!, { axes: [1], keepDims: false }),
    operationNode(op.exp, [x!], undefined, "float32"),
    operationNode(op.exp, [x!], undefined, "float64"),
  ]);
  const after = shareCommonRows(before);
  assertEquals(new Set(after.outputs).size, 6);
  assertSamePrograms(after, before);
});

Deno.test("shareCommonRows() shares constants of equal value, but not 0 and -0, nor two dtypes", () => {
  const before = graphOf([[2]], (ops, x) => [
    ops.mul(x!, 0),
    ops.mul(x!, -0),
    ops.mul(x!, 0),
    ops.add(x!, NaN),
    ops.add(x!, NaN),
    ops.add(x!, constantNode(vector(0, 1), "float64")),
    ops.add(x!, constantNode(vector(-0, 1), "float64")),
    ops.add(x!, constantNode(vector(0, 1), "float64")),
    ops.add(x!, constantNode(vector(0, 1).cast("float32"), "float32")),
  ]);
  const [zero, minusZero, zeroAgain, nan, nanAgain, array, minusArray, arrayAgain, narrow] =
    shareCommonRows(before).outputs;
  assertEquals([zero === zeroAgain, nan === nanAgain, array === arrayAgain], [true, true, true]);
  assertEquals([zero === minusZero, array === minusArray, array === narrow], [false, false, false]);
  assertSamePrograms(shareCommonRows(before), before);
});

Deno.test("shareCommonRows() leaves rows alone whose attributes it can't compare", () => {
  const before = graphOf([[2]], (_, x) => {
    const row = () => operationNode(op.identity, [x!], { f: () => 1 }, "float64");
    return [row(), row()];
  });
  const after = shareCommonRows(before);
  assertEquals(after.outputs[0] === after.outputs[1], false);
  const infinite = graphOf(
    [[2]],
    (_, x) =>
      [Infinity, -Infinity, Infinity].map((limit) => operationNode(op.identity, [x!], { limit }, "float64")),
  );
  const [a, b, c] = shareCommonRows(infinite).outputs;
  assertEquals([a === b, a === c], [false, true]);
});

Deno.test("shareCommonRows() makes outputs that are equal one node, and keeps inputs and constants as outputs", () => {
  const x = inputNode(0, [], "float64");
  const ops = nodeOps("float64");
  const before = {
    inputs: [x],
    outputs: [ops.exp(x), ops.exp(x), x, constantNode(2, "float64"), ops.exp(x)],
  };
  const after = shareCommonRows(before);
  assertEquals(lines(after).at(-1), "return %1 %1 %0 %2 %1");
  assertEquals(after.inputs, [x]);
  assertSamePrograms(after, before);
});

Deno.test("shareCommonRows() shares a long constant that is the same array, without comparing elements", () => {
  const [a, b] = [new NdArray(new Float64Array(17)), new NdArray(new Float64Array(17))];
  const before = graphOf(
    [[17]],
    (ops, x) => [a, a, b].map((array) => ops.add(x!, constantNode(array, "float64"))),
  );
  const after = shareCommonRows(before);
  assertStrictEquals(after.outputs[0], after.outputs[1]);
  assertEquals(after.outputs[0] === after.outputs[2], false);
  assertSamePrograms(after, before);
});
