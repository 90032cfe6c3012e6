/** Matrix products as calls of the kernel from compiled code. */
import { bytesOfElement } from "../../array/dtype.ts";
import type { Division } from "../plan/division.ts";
import type { Node } from "../graph/nodes.ts";
import { importedProduct, paysToCall } from "../blas/products.ts";
import type { Blas } from "../blas/library.ts";
import {
  BATCH,
  MATMUL,
  matmulScratchBytes,
  PACKED_MATMUL,
  packedBytes,
  packedScratchBytes,
  RIGHT,
} from "../kernels/parameters.ts";
import type { Threading } from "../plan/program.ts";
import type { Member } from "../plan/region_members.ts";
import { type ProductOffset, productOffsets, type Products, productsOf } from "../plan/products.ts";
import { importedKernel } from "../kernels/linked_kernels.ts";
import { lanesOf, paddedSize } from "../wasm/linear_memory.ts";
import type { WasmFunction } from "../wasm/writer.ts";
import type { Part, PartArgument } from "./regions/parts.ts";
import { type Argument, type Call, valueAt, wholeCall, workspaceAt } from "./step_function.ts";

/** Rows of a block of the kernel, and columns of it that fill whole cache lines. */
const BLOCK_ROWS = 6;
const BLOCK_COLUMNS = 16;
/** A batch without regular steps of at most this many products is written out; of more it is run from outside. */
const MOST_CALLS = 16;

/**
 * The calls of a matmul, and the workspace they need; null for a batch that is run from outside.
 *
 * @param threading Which threads there are
 * @param blas What computes the products that are large enough for it
 */
export function matmulCalls(
  node: Node,
  { count: threads, leastWork }: Threading,
  blas: Blas | null = null,
): { code: readonly Call[]; scratch: number; library?: string } | null {
  const products = productsOf(node);
  const { rows, depth, columns, batch } = products;
  const offsets = productOffsets(products);
  if (batch.length > 1 && offsets.length > MOST_CALLS) return null;
  const lanes = lanesOf(node.dtype);
  const work = offsets.length * rows * depth * columns / lanes;
  const isLarge = threads > 1 && work >= leastWork;
  const native = paysToCall(products, isLarge && offsets.length >= threads ? threads : 1) ? blas : null;
  const isParallel = isLarge && native === null;
  const bytes = native === null ? matmulScratchBytes(rows, depth, columns, node.dtype) : 0;
  const kernel = (name: "matmul" | "matmulBatch"): WasmFunction =>
    native === null ? importedKernel(node.dtype, name) : importedProduct(native, node.dtype, name, threads);
  const workspace: Argument = {
    kind: "workspace",
    start: 0,
    perThread: isParallel ? paddedSize(bytes) : 0,
    perChunk: 0,
  };
  const scratch = isParallel ? threads * paddedSize(bytes) : bytes;
  if (batch.length === 1 && (offsets.length >= threads || !isParallel)) {
    const element = bytesOfElement(node.dtype);
    const { step } = batch[0]!;
    const division = isParallel ? { length: offsets.length, multiple: 1, chunks: 0 } : null;
    const count: Argument = division === null ? number(offsets.length) : { kind: "length" };
    const call: Call = {
      code: kernel("matmulBatch"),
      arguments: [
        ...inOrder(BATCH, {
          count,
          xStep: number(step.x * element),
          yStep: number(step.y * element),
          outStep: number(step.out * element),
        }),
        ...argumentsOf(node, products, offsets[0]!, step, [number(rows), number(columns)], workspace),
      ],
      ...{ division, isParallel, work, isIndependent: false },
    };
    return { code: [call], scratch, library: native?.name };
  }
  const part = isParallel ? partition(products, lanes, threads) : null;
  const calls = offsets.map((offset, i): Call => ({
    code: kernel("matmul"),
    arguments: argumentsOf(
      node,
      products,
      offset,
      part === null ? { x: 0, y: 0, out: 0 } : stepOf(products, part.axis),
      [
        part?.axis === "rows" ? { kind: "length" } : number(rows),
        part?.axis === "columns" ? { kind: "length" } : number(columns),
      ],
      workspace,
    ),
    division: part === null ? null : part.division,
    isParallel,
    work: work / offsets.length,
    isIndependent: i > 0,
  }));
  return { code: calls, scratch, library: native?.name };
}

function number(value: number): Extract<Argument, { readonly kind: "number" }> {
  return { kind: "number", value };
}

/** The arguments of the kernel. */
function argumentsOf(
  node: Node,
  { depth, xRow, yRow, columns, transposeX, transposeY }: Products,
  offset: ProductOffset,
  step: ProductOffset,
  [rows, width]: readonly [Argument, Argument],
  workspace: Argument,
): Argument[] {
  const [x, y] = node.operands as [Node, Node];
  const element = bytesOfElement(node.dtype);
  return inOrder(MATMUL, {
    x: valueAt(x, offset.x * element, step.x * element),
    y: valueAt(y, offset.y * element, step.y * element),
    out: valueAt(node, offset.out * element, step.out * element),
    rows,
    depth: number(depth),
    columns: width,
    ldx: number(xRow),
    ldy: number(yRow),
    ldo: number(columns),
    transposeX: number(transposeX ? 1 : 0),
    transposeY: number(transposeY ? 1 : 0),
    accumulate: number(0),
    scratch: workspace,
  });
}

function inOrder<P extends string, A>(names: readonly P[], values: Readonly<Record<P, A>>): A[] {
  return names.map((name) => values[name]);
}

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
    x: atUnit(x, xStep),
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
        ...{ y: atUnit(y, yStep), out: atUnit(node, outStep), rows: number(rows) },
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
      ...{ y: { kind: "packed", start }, out: atUnit(node, columns * bytes), rows: { kind: "count" } },
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

function atUnit(node: Node, step: number): PartArgument {
  return { kind: "value", node, step };
}

/** Whether to divide the rows of a product or its columns: by what less has to be packed in every thread anew. */
function partition(
  { rows, columns }: Products,
  lanes: number,
  threads: number,
): { axis: "rows" | "columns"; division: Division } {
  const byRows = rows >= 4 * threads && columns <= lanes * rows;
  return byRows
    ? { axis: "rows", division: { length: rows, multiple: BLOCK_ROWS, chunks: 0 } }
    : { axis: "columns", division: { length: columns, multiple: BLOCK_COLUMNS, chunks: 0 } };
}

/** How far a row or column is from the one before it, in elements. */
function stepOf(products: Products, axis: "rows" | "columns"): ProductOffset {
  const { xRow, yRow, columns, transposeX, transposeY } = products;
  return axis === "rows"
    ? { x: transposeX ? 1 : xRow, y: 0, out: columns }
    : { x: 0, y: transposeY ? yRow : 1, out: 1 };
}
