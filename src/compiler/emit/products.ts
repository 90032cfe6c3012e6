/** Matrix products as calls of the kernel from compiled code. */
import { broadcastStrides, type Shape, sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { Division } from "../plan/division.ts";
import type { Node } from "../graph/nodes.ts";
import { matmulScratchBytes } from "../kernels/mod.ts";
import { importedKernel } from "../runtime/linked_kernels.ts";
import { paddedSize } from "../plan/sizes.ts";
import { type Argument, type Call, valueAt } from "./step_function.ts";

/** Rows of a block of the kernel, and columns of it that fill whole cache lines. */
const BLOCK_ROWS = 6;
const BLOCK_COLUMNS = 16;
/** A batch without regular steps of at most this many products is written out; of more it is run from outside. */
const MOST_CALLS = 16;
/** Parameters of the kernel. */
const PARAMETERS = 13;

/** The products of a node, all of the same shape. */
export interface Products {
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  /** Elements from one stored row of an operand to the next. */
  readonly xRow: number;
  readonly yRow: number;
  readonly transposeX: boolean;
  readonly transposeY: boolean;
  /** Where each begins in the operands and the result, in bytes. */
  readonly offsets: readonly ProductOffset[];
}

interface ProductOffset {
  readonly x: number;
  readonly y: number;
  readonly out: number;
}

/** Whether a node is a matrix product that the kernel can compute. */
export function isProduct(node: Node): boolean {
  return node.operation === op.matmul && sizeOf(node.shape) > 0 &&
    node.operands.every((o) => o.dtype === node.dtype && sizeOf(o.shape) > 0);
}

/** The products of a matmul; rows of a batch with one right operand count as one product. */
export function productsOf(node: Node): Products {
  const [x, y] = node.operands as [Node, Node];
  const { transposeX, transposeY } = node.attributes as { transposeX: boolean; transposeY: boolean };
  const [xRows, xRow] = x.shape.slice(-2) as [number, number];
  const yRow = y.shape.at(-1)!;
  const batch = node.shape.slice(0, -2);
  const [matrixRows, columns] = node.shape.slice(-2) as [number, number];
  const isJoined = !transposeX && sizeOf(y.shape.slice(0, -2)) === 1 &&
    sizeOf(x.shape) === sizeOf(batch) * xRows * xRow;
  return {
    rows: isJoined ? matrixRows * sizeOf(batch) : matrixRows,
    depth: transposeX ? xRows : xRow,
    columns,
    xRow,
    yRow,
    transposeX,
    transposeY,
    offsets: isJoined ? [{ x: 0, y: 0, out: 0 }] : matrixOffsets(node, x, y, batch),
  };
}

/** Where each matrix of a batch begins in the operands and the result, in bytes. */
function matrixOffsets(node: Node, x: Node, y: Node, batch: Shape): ProductOffset[] {
  const bytes = node.dtype === "float64" ? 8 : 4;
  const matrixSize = (o: Node): number => sizeOf(o.shape.slice(-2)) * bytes;
  const steps = [x, y].map((o) => broadcastStrides(o.shape.slice(0, -2), batch));
  return Array.from({ length: sizeOf(batch) }, (_, i) => {
    let rest = i;
    let [xAt, yAt] = [0, 0];
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const index = rest % batch[axis]!;
      rest = (rest - index) / batch[axis]!;
      xAt += index * steps[0]![axis]!;
      yAt += index * steps[1]![axis]!;
    }
    return { x: xAt * matrixSize(x), y: yAt * matrixSize(y), out: i * matrixSize(node) };
  });
}

/**
 * The calls of a matmul, and the room they need; null for a batch that is run from outside.
 *
 * @param threads How many threads there are
 * @param leastWork From which work on it is divided between them
 */
export function matmulCalls(
  node: Node,
  threads: number,
  leastWork: number,
): { calls: readonly Call[]; scratch: number } | null {
  const products = productsOf(node);
  const { rows, depth, columns, offsets } = products;
  const step = regularStep(offsets);
  if (step === null && offsets.length > MOST_CALLS) return null;
  const lanes = node.dtype === "float64" ? 2 : 4;
  const work = offsets.length * rows * depth * columns / lanes;
  const isParallel = threads > 1 && work >= leastWork;
  const bytes = matmulScratchBytes(rows, depth, columns, node.dtype);
  const room: Argument = {
    kind: "room",
    start: 0,
    perThread: isParallel ? paddedSize(bytes) : 0,
    perChunk: 0,
  };
  const scratch = isParallel ? threads * paddedSize(bytes) : bytes;
  const one = offsets.length === 1;
  if (!one && step !== null && (offsets.length >= threads || !isParallel)) {
    const division = isParallel ? { length: offsets.length, multiple: 1, chunks: 0 } : null;
    const count: Argument = division === null ? number(offsets.length) : { kind: "length" };
    const call: Call = {
      code: importedKernel(node.dtype, "matmulBatch", PARAMETERS + 4),
      arguments: [
        ...[count, number(step.x), number(step.y), number(step.out)],
        ...argumentsOf(node, products, offsets[0]!, step, [number(rows), number(columns)], room),
      ],
      ...{ division, isParallel, work, isIndependent: false },
    };
    return { calls: [call], scratch };
  }
  const part = isParallel ? partition(products, lanes, threads) : null;
  const calls = offsets.map((offset, i): Call => ({
    code: importedKernel(node.dtype, "matmul", PARAMETERS),
    arguments: argumentsOf(
      node,
      products,
      offset,
      part === null ? { x: 0, y: 0, out: 0 } : stepOf(node, products, part.axis),
      [
        part?.axis === "rows" ? { kind: "length" } : number(rows),
        part?.axis === "columns" ? { kind: "length" } : number(columns),
      ],
      room,
    ),
    division: part === null ? null : part.division,
    isParallel,
    work: work / offsets.length,
    isIndependent: i > 0,
  }));
  return { calls, scratch };
}

function number(value: number): Argument {
  return { kind: "number", value };
}

/** The arguments of the kernel. */
function argumentsOf(
  node: Node,
  { depth, xRow, yRow, columns, transposeX, transposeY }: Products,
  offset: ProductOffset,
  step: ProductOffset,
  [rows, width]: readonly [Argument, Argument],
  room: Argument,
): Argument[] {
  const [x, y] = node.operands as [Node, Node];
  return [
    valueAt(x, offset.x, step.x),
    valueAt(y, offset.y, step.y),
    valueAt(node, offset.out, step.out),
    ...[rows, number(depth), width, number(xRow), number(yRow), number(columns)],
    ...[number(transposeX ? 1 : 0), number(transposeY ? 1 : 0), number(0), room],
  ];
}

/** How far the products of a batch are apart; null if that differs. */
function regularStep(offsets: readonly ProductOffset[]): ProductOffset | null {
  const [first, second = first] = offsets;
  const step = { x: second!.x - first!.x, y: second!.y - first!.y, out: second!.out - first!.out };
  const isRegular = offsets.every(({ x, y, out }, i) =>
    x === first!.x + i * step.x && y === first!.y + i * step.y && out === first!.out + i * step.out
  );
  return isRegular ? step : null;
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

/** How far a row or column is from the one before it, in bytes. */
function stepOf(node: Node, products: Products, axis: "rows" | "columns"): ProductOffset {
  const { xRow, yRow, columns, transposeX, transposeY } = products;
  const bytes = node.dtype === "float64" ? 8 : 4;
  return axis === "rows"
    ? { x: (transposeX ? 1 : xRow) * bytes, y: 0, out: columns * bytes }
    : { x: 0, y: (transposeY ? yRow : 1) * bytes, out: bytes };
}
