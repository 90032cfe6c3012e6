import { assertEquals } from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import { constantNode, inputNode, nodeOps, operationNode } from "../../../src/compiler/graph/nodes.ts";
import { foldConstants, shrinkUniformConstants } from "../../../src/compiler/passes/constant_folding.ts";
import { operation as op } from "../../../src/primitives/mod.ts";
import { assertSamePrograms, graphOf, lines, operationNames } from "../graphs.ts";

const filled = (value: number, ...shape: number[]): NdArray =>
  new NdArray(new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(value), shape);

Deno.test("foldConstants() computes what depends on constants alone", () => {
  const before = graphOf([[]], (ops, x) => {
    const constant = constantNode(2, "float64");
    return ops.mul(x!, ops.add(ops.square(constant), 1));
  });
  const after = foldConstants(before);
  assertEquals(lines(after), [
    "%0 = input 0: float64[]",
    "%1 = constant 5: float64[]",
    "%2 = mul %0 %1: float64[]",
    "return %2",
  ]);
  assertSamePrograms(after, before);
});

Deno.test("foldConstants() never assumes what an input is: x * 0 and x - x stay", () => {
  const before = graphOf([[4], []], (ops, x, y) => [
    ops.mul(x!, 0),
    ops.mul(0, y!),
    ops.sub(x!, x!),
    ops.div(y!, y!),
    ops.pow(ops.mul(y!, 0), 0),
  ]);
  const after = foldConstants(shrinkUniformConstants(before));
  assertEquals(operationNames(after), ["mul", "mul", "sub", "div", "mul", "pow"]);
  assertSamePrograms(after, before);
});

Deno.test("foldConstants() folds to what running gives: NaN, infinities, -0, and rounding to float32", () => {
  const before = graphOf([], (ops) => [
    ops.div(constantNode(1, "float64"), constantNode(-0, "float64")),
    ops.log(constantNode(-1, "float64")),
    ops.mul(constantNode(0, "float64"), -1),
    operationNode(op.div, [constantNode(1, "float32"), constantNode(3, "float32")], undefined, "float32"),
  ]);
  const after = foldConstants(before);
  assertEquals(after.outputs.map(({ value }) => value), [-Infinity, NaN, -0, Math.fround(1 / 3)]);
  assertEquals(after.outputs.map(({ dtype }) => dtype), ["float64", "float64", "float64", "float32"]);
  assertSamePrograms(after, before);
});

Deno.test("foldConstants() folds arrays, empty ones too, and goes on with what follows", () => {
  const before = graphOf([], (ops) => {
    const a = constantNode(new NdArray(new Float64Array([1, 2, 3, 4]), [2, 2]), "float64");
    return [
      ops.sum(ops.matmul(a, ops.transpose(a, { axes: [1, 0] }), { transposeX: false, transposeY: false }), {
        axes: [0],
        keepDims: true,
      }),
      ops.exp(constantNode(filled(0, 0, 3), "float64")),
    ];
  });
  const after = foldConstants(before);
  assertEquals(operationNames(after), []);
  assertEquals(after.outputs.map(({ shape }) => shape), [[1, 2], [0, 3]]);
  assertEquals((after.outputs[0]!.value as NdArray).data, new Float64Array([16, 36]));
  assertSamePrograms(after, before);
});

Deno.test("foldConstants() doesn't make large constants of small ones", () => {
  const graph = (length: number) =>
    graphOf([], (ops) => ops.broadcastTo(constantNode(1, "float64"), { shape: [length] }));
  assertEquals(operationNames(foldConstants(graph(4096))), []);
  assertEquals(operationNames(foldConstants(graph(4097))), ["broadcastTo"]);
  const large = graphOf([], (ops) => ops.neg(constantNode(filled(1, 5000), "float64")));
  assertEquals(operationNames(foldConstants(large)), []);
});

Deno.test("shrinkUniformConstants() puts a number in place of an array of equal numbers", () => {
  const before = graphOf([[2, 3]], (ops, x) => ops.mul(x!, constantNode(filled(3, 2, 3), "float64")));
  const after = shrinkUniformConstants(before);
  assertEquals(lines(after), [
    "%0 = input 0: float64[2, 3]",
    "%1 = constant 3: float64[]",
    "%2 = mul %0 %1: float64[2, 3]",
    "return %2",
  ]);
  assertSamePrograms(after, before);
});

Deno.test("shrinkUniformConstants() leaves an array that gives the result its shape, or of differing numbers", () => {
  const before = graphOf([[3], []], (ops, x, y) => [
    ops.add(y!, constantNode(filled(3, 2, 3), "float64")),
    ops.add(x!, constantNode(filled(3, 2, 3), "float64")),
    ops.add(x!, constantNode(filled(3, 1, 1), "float64")),
    ops.add(x!, constantNode(new NdArray(new Float64Array([0, -0, 0])), "float64")),
    ops.add(ops.reshape(x!, { shape: [1, 3] }), constantNode(filled(3, 0, 3), "float64")),
    ops.sum(constantNode(filled(1, 3), "float64"), { axes: [0], keepDims: false }),
  ]);
  const after = shrinkUniformConstants(before);
  assertEquals(lines(after), lines(before));
});

Deno.test("shrinkUniformConstants() keeps the dtype of the constant, and NaN", () => {
  const x = inputNode(0, [2], "float32");
  const before = {
    inputs: [x],
    outputs: [
      nodeOps("float32").mul(x, constantNode(filled(0.1, 2).cast("float32"), "float32")),
      nodeOps("float64").mul(x, constantNode(filled(0.1, 2), "float64")),
      nodeOps("float32").mul(x, constantNode(filled(NaN, 2).cast("float32"), "float32")),
    ],
  };
  const after = shrinkUniformConstants(before);
  assertEquals(lines(after), [
    "%0 = input 0: float32[2]",
    `%1 = constant ${Math.fround(0.1)}: float32[]`,
    "%2 = mul %0 %1: float32[2]",
    "%3 = constant 0.1: float64[]",
    "%4 = mul %0 %3: float64[2]",
    "%5 = constant NaN: float32[]",
    "%6 = mul %0 %5: float32[2]",
    "return %2 %4 %6",
  ]);
  assertSamePrograms(after, before);
});
