/** Matrix products as lengths and strides. */
import { broadcastStrides, mergeAxes, sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { Node } from "../graph/nodes.ts";

/** A number for each operand of a product, and for its result. */
export interface ProductOffset {
  readonly x: number;
  readonly y: number;
  readonly out: number;
}

/** The products of a node, all of the same shape. */
export interface Products {
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  /** Elements from one stored row of an operand to the next. */
  readonly xRow: number;
  readonly yRow: number;
  /** Whether x is stored as `[depth, rows]`, and y as `[columns, depth]`. */
  readonly transposeX: boolean;
  readonly transposeY: boolean;
  /** The axes of the batch, neighbours joined where all three step through them as one; none is empty. */
  readonly batch: readonly BatchAxis[];
}

/** An axis of a batch: its length, and how far the next matrix is, in elements. */
export interface BatchAxis {
  readonly length: number;
  readonly step: ProductOffset;
}

/** Whether a node is a product of matrices of one dtype that have elements. */
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
  const batch = sizeOf(node.shape.slice(0, -2));
  const [matrixRows, columns] = node.shape.slice(-2) as [number, number];
  const isJoined = !transposeX && sizeOf(y.shape.slice(0, -2)) === 1 &&
    sizeOf(x.shape) === batch * xRows * xRow;
  return {
    rows: isJoined ? matrixRows * batch : matrixRows,
    depth: transposeX ? xRows : xRow,
    columns,
    xRow,
    yRow,
    transposeX,
    transposeY,
    batch: isJoined ? [] : batchAxes(x, y, node),
  };
}

function batchAxes(x: Node, y: Node, out: Node): BatchAxis[] {
  const batch = out.shape.slice(0, -2);
  if (sizeOf(batch) === 1) return [];
  const strides = [x, y, out].map((o) => {
    const matrix = sizeOf(o.shape.slice(-2));
    return broadcastStrides(o.shape.slice(0, -2), batch).map((s) => s * matrix);
  });
  const { lengths, strides: [xs, ys, outs] } = mergeAxes(batch, strides);
  return lengths.map((length, i) => ({ length, step: { x: xs![i]!, y: ys![i]!, out: outs![i]! } }));
}

/** Where each product begins in the operands and the result, in elements. */
export function productOffsets({ batch }: Products): ProductOffset[] {
  return batch.reduce<ProductOffset[]>(
    (starts, { length, step }) =>
      starts.flatMap(({ x, y, out }) =>
        Array.from({ length }, (_, i) => ({ x: x + i * step.x, y: y + i * step.y, out: out + i * step.out }))
      ),
    [{ x: 0, y: 0, out: 0 }],
  );
}
