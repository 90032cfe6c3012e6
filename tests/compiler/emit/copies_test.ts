import { assertEquals, assertExists } from "@std/assert";
import fc from "npm:fast-check@4";
import type { DType, FloatArray } from "../../../src/array/dtype.ts";
import { NdArray } from "../../../src/array/nd_array.ts";
import { sizeOf } from "../../../src/array/shape.ts";
import { emitClear, emitCopy, mergedCopy } from "../../../src/compiler/emit/copies.ts";
import { fillsAll, movementOf } from "../../../src/compiler/plan/movement.ts";
import {
  type Graph,
  inputNode,
  type Node,
  nodeOps,
  operationNode,
} from "../../../src/compiler/graph/nodes.ts";
import { assemble } from "../../../src/compiler/passes/assemble_blocks.ts";
import { replay } from "../../../src/compiler/graph/interpret.ts";
import { importMemory, Module } from "../../../src/compiler/wasm/writer.ts";
import type { WasmFunction } from "../../../src/compiler/wasm/writer.ts";
import { operation as op } from "../../../src/primitives/mod.ts";
import { assertSameValues, drawValues, graphOf } from "../graphs.ts";

const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });

/** Makes functions of addresses ready to be called. */
function linked(codes: readonly WasmFunction[]): ((...addresses: number[]) => void)[] {
  const exports = Object.fromEntries(codes.map((code, i) => [`f${i}`, code]));
  const module = Module({
    exports,
    memory: importMemory({ min: 1, max: 4, shared: true }, memory),
  });
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(module.toBytes()),
    module.importMap,
  );
  return codes.map((_, i) => instance.exports[`f${i}`] as (...addresses: number[]) => void);
}

/** Moves elements as a program of one row says, on memory that holds something else before; checks what is around. */
function assertMoves(graph: Graph, seed = 0): void {
  const node = graph.outputs[0]!;
  const movement = movementOf(node)!;
  assertExists(movement);
  const values = drawValues(graph, seed, seed % 2 === 0 ? "plain" : "awkward");
  const arrays = values as NdArray[];
  const bytes = node.dtype === "float64" ? 8 : 4;
  const view = (address: number, size: number): FloatArray =>
    node.dtype === "float64"
      ? new Float64Array(memory.buffer, address, size)
      : new Float32Array(memory.buffer, address, size);
  const starts = arrays.map((_, i) => 1024 * (i + 1));
  arrays.forEach((array, i) => view(starts[i]!, array.size).set(array.data));
  const target = 65536;
  const size = sizeOf(node.shape);
  view(target - 64, size + 128 / bytes).fill(77);
  if (movement.clear) linked([emitClear(node.dtype)])[0]!(target, size);
  const copies = movement.copies.filter((copy) => sizeOf(copy.lengths) > 0);
  linked(copies.map((copy) => emitCopy(copy, node.dtype))).forEach((run, i) => {
    const { operand, fromOffset, toOffset } = copies[i]!;
    const from = graph.inputs.indexOf(node.operands[operand]!);
    const { lengths, from: fromStep, to: toStep } = mergedCopy(copies[i]!);
    // In one call, or in two for a part of the outermost axis each.
    const first = seed % 3 === 0 ? lengths[0]! : Math.ceil(lengths[0]! / 2);
    for (const [begin, length] of [[0, first], [first, lengths[0]! - first]] as const) {
      if (length === 0) continue;
      run(
        starts[from]! + (fromOffset + begin * fromStep[0]!) * bytes,
        target + (toOffset + begin * toStep[0]!) * bytes,
        length,
      );
    }
  });
  const found = new NdArray(view(target, size).slice(), node.shape);
  assertSameValues(
    [found],
    replay(graph)(values),
    0,
  );
  const around = [...view(target - 64, 64 / bytes), ...view(target + size * bytes, 64 / bytes)];
  assertEquals(new Set(around), new Set([77]), "something around was written over");
}

/** One row for each kind of movement. */
const MOVEMENTS: { readonly [name: string]: (dtype: DType) => Graph } = {
  transpose: (d) => graphOf([[3, 5]], (ops, x) => ops.transpose(x!, { axes: [1, 0] }), d),
  "transpose of three axes": (d) =>
    graphOf([[3, 4, 5]], (ops, x) => ops.transpose(x!, { axes: [2, 0, 1] }), d),
  "transpose that keeps the last axis": (d) =>
    graphOf([[3, 4, 9]], (ops, x) => ops.transpose(x!, { axes: [1, 0, 2] }), d),
  "transpose of axes of length 1": (d) =>
    graphOf([[1, 7, 1]], (ops, x) => ops.transpose(x!, { axes: [2, 1, 0] }), d),
  "slice of columns": (d) => graphOf([[4, 7]], (ops, x) => ops.slice(x!, { begin: [1, 2], size: [3, 5] }), d),
  "slice of one element": (d) =>
    graphOf([[4, 7]], (ops, x) => ops.slice(x!, { begin: [2, 3], size: [1, 1] }), d),
  "concat of rows": (d) => graphOf([[2, 3], [4, 3]], (ops, x, y) => ops.concat([x!, y!], { axis: 0 }), d),
  "concat of columns": (d) =>
    graphOf([[2, 3], [2, 5]], (ops, x, y) => ops.concat([x!, y!, x!], { axis: 1 }), d),
  place: (d) => graphOf([[2, 3]], (ops, x) => ops.place(x!, { begin: [1, 2], shape: [4, 6] }), d),
  "place of nothing": (d) =>
    graphOf([[0, 3]], (ops, x) => ops.place(x!, { begin: [1, 2], shape: [4, 6] }), d),
  stridedSlice: (d) =>
    graphOf(
      [[9, 4]],
      (ops, x) => ops.stridedSlice(x!, { begin: [1, 3], step: [3, -2], size: [3, 2] } as never),
      d,
    ),
  "assemble with overlaps": (d) => {
    const inputs = [[2, 6], [3, 2]].map((shape, i) => inputNode(i, shape, d));
    const attributes = { shape: [4, 6], begins: [[1, 0], [0, 3]] };
    return { inputs, outputs: [operationNode(assemble, inputs, attributes, d)] };
  },
};

for (const [name, make] of Object.entries(MOVEMENTS)) {
  for (const dtype of ["float64", "float32"] as const) {
    Deno.test(`emitCopy() moves elements as ${name} in ${dtype} says, and nothing around them`, () => {
      for (let seed = 0; seed < 4; seed++) assertMoves(make(dtype), seed);
    });
  }
}

Deno.test("emitCopy() moves blocks of any shape", () => {
  const block = fc.integer({ min: 1, max: 3 }).chain((rank) =>
    fc.tuple(
      ...Array.from({ length: rank }, () => fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 9 }), fc.nat(2))),
    )
  );
  fc.assert(
    fc.property(block, fc.boolean(), fc.boolean(), (axes, narrow, back) => {
      const [begin, size, whole] = [0, 1, 2].map((k) =>
        axes.map((axis) => k < 2 ? axis[k]! : axis[0] + axis[1] + axis[2])
      );
      if (sizeOf(whole!) > 500) return;
      const dtype = narrow ? "float32" : "float64";
      assertMoves(
        back
          ? graphOf([size!], (ops, x) => ops.place(x!, { begin: begin!, shape: whole! }), dtype)
          : graphOf([whole!], (ops, x) => ops.slice(x!, { begin: begin!, size: size! }), dtype),
      );
    }),
    { numRuns: 150 },
  );
});

Deno.test("movementOf() is null for what computes something, or changes the dtype", () => {
  const x = inputNode(0, [2, 2], "float32");
  const turned = operationNode(op.transpose, [x], { axes: [1, 0] }, "float64");
  const computed: Node[] = [
    nodeOps("float32").exp(x),
    nodeOps("float32").gather(x, x, { axis: 0 } as never),
    turned,
  ];
  assertEquals(computed.map(movementOf), [null, null, null]);
});

Deno.test("fillsAll() tells whether the copies leave nothing to clear", () => {
  const of = (graph: Graph): boolean => fillsAll(movementOf(graph.outputs[0]!)!, graph.outputs[0]!.shape);
  assertEquals(of(MOVEMENTS["concat of columns"]!("float64")), true);
  assertEquals(of(MOVEMENTS["place"]!("float64")), false);
  assertEquals(of(MOVEMENTS["assemble with overlaps"]!("float64")), false);
});
