/** Products as parts of regions: some of their rows, or of the matrices of a batch, at a time. */
import { bytesOfElement } from "../../../array/dtype.ts";
import type { Node } from "../../graph/nodes.ts";
import { importedKernel } from "../../kernels/linked_kernels.ts";
import {
  BATCH,
  MATMUL,
  matmulScratchBytes,
  PACKED_MATMUL,
  packedBytes,
  packedScratchBytes,
  RIGHT,
} from "../../kernels/mod.ts";
import { productsOf } from "../../plan/products.ts";
import type { Member } from "../../plan/region_members.ts";
import { lanesOf, paddedSize } from "../../wasm/linear_memory.ts";
import type { Part, PartArgument } from "./parts.ts";
import { type Argument, valueAt, wholeCall, workspaceAt } from "../step_function.ts";

/**
 * A product of rows with one right operand, which is packed as a whole before; or products of a batch.
 *
 * @param start Where in the workspace the right operand goes
 */
export function productPart({ group, length, reads }: Member, start: number): Part {
  const node = group.nodes[0]!;
  const { rows, depth, columns, xRow, yRow, transposeX, transposeY, batch } = productsOf(node);
  const [x, y] = node.operands as [Node, Node];
  const bytes = bytesOfElement(node.dtype);
  const [xStep, yStep] = reads.map(({ step }) => step * bytes) as [number, number];
  const count = batch.length === 0 ? 1 : length;
  const common = {
    x: valueOf(x, xStep),
    depth: number(depth),
    columns: number(columns),
    ldx: number(xRow),
    ldo: number(columns),
    transposeX: number(transposeX ? 1 : 0),
    scratch: { kind: "room" },
  } as const;
  const shared = {
    prepare: null,
    work: count * rows * depth * columns / lanesOf(node.dtype),
    canDivide: true,
  };
  if (batch.length > 0) {
    const outStep = rows * columns * bytes;
    return {
      ...shared,
      code: importedKernel(node.dtype, "matmulBatch"),
      arguments: inOrder([...BATCH, ...MATMUL], {
        ...common,
        count: { kind: "count" },
        ...{ xStep: number(xStep), yStep: number(yStep), outStep: number(outStep) },
        ...{ y: valueOf(y, yStep), out: valueOf(node, outStep), rows: number(rows) },
        ...{ ldy: number(yRow), transposeY: number(transposeY ? 1 : 0), accumulate: number(0) },
      }),
      room: matmulScratchBytes(rows, depth, columns, node.dtype),
      before: null,
    };
  }
  const packing: Record<typeof RIGHT[number], Argument> = {
    ...{ y: valueAt(y), yRow: number(yRow * bytes), transpose: number(transposeY ? 1 : 0) },
    ...{ depth: number(depth), columns: number(columns), out: workspaceAt(start) },
    panelBytes: number(packedBytes(depth, 1, node.dtype)),
  };
  return {
    ...shared,
    code: importedKernel(node.dtype, "matmulPacked"),
    arguments: inOrder(PACKED_MATMUL, {
      ...common,
      ...{ y: { kind: "packed", start }, out: valueOf(node, columns * bytes), rows: { kind: "count" } },
    }),
    room: packedScratchBytes(depth),
    before: {
      call: wholeCall(
        importedKernel(node.dtype, "packRight"),
        RIGHT.map((name) => packing[name]),
      ),
      bytes: paddedSize(packedBytes(depth, columns, node.dtype)),
    },
  };
}

function valueOf(node: Node, step: number): PartArgument {
  return { kind: "value", node, step };
}

function number(value: number): { readonly kind: "number"; readonly value: number } {
  return { kind: "number", value };
}

function inOrder<P extends string>(
  names: readonly P[],
  values: Readonly<Record<P, PartArgument>>,
): PartArgument[] {
  return names.map((name) => values[name]);
}
