import type { DType } from "../array/dtype.ts";
import type { Value } from "../array/elementwise.ts";
import { NdArray } from "../array/nd_array.ts";
import { broadcastStrides, type Shape, sizeOf } from "../array/shape.ts";
import { operation as op } from "../primitives/mod.ts";
import type { Node } from "./graph.ts";
import { kernelLibrary, type Kernels, linkKernels } from "./kernels/library.ts";
import { matmulScratchBytes } from "./kernels/matmul.ts";
import { sharedMemory } from "./memory.ts";
import { relaxedSimd } from "./wasm.ts";

/** What a step needs to know of the program it is part of. */
export interface StepContext {
  /** Where a node's value stands when the program's memory begins at `base`. */
  addressOf(node: Node, base: number): number;
  /** A node's value, as a view of the memory. */
  viewOf(node: Node, base: number): Float64Array | Float32Array;
}

/** A step that is no loop. */
export interface KernelStep {
  /** Bytes of room it needs while it runs. */
  readonly scratch: number;
  /** Makes the action that does it. */
  link(context: StepContext, scratch: number): (base: number) => void;
}

/** The kernel for an operation; what has none of its own runs the operation's code for plain arrays. */
export function kernelStep(node: Node): KernelStep {
  const plain = sizeOf(node.shape) > 0 && node.operands.every((o) => o.dtype === node.dtype);
  return plain && node.operation === op.matmul ? matmulStep(node) : hostStep(node);
}

const kernels: { [D in DType]?: Kernels } = {};

/** The kernels for an element type, on the memory of all programs. */
function kernelsFor(dtype: DType): Kernels {
  return kernels[dtype] ??= linkKernels(
    kernelLibrary({ dtype, relaxed: relaxedSimd(), shared: true }),
    sharedMemory(),
  );
}

/** Matrix products, one for each matrix of the batch; rows of a batch with one right operand run as one. */
function matmulStep(node: Node): KernelStep {
  const [x, y] = node.operands as [Node, Node];
  const { transposeX, transposeY } = node.attributes as { transposeX: boolean; transposeY: boolean };
  const [xRows, xColumns] = x.shape.slice(-2) as [number, number];
  const yColumns = y.shape.at(-1)!;
  const batch = node.shape.slice(0, -2);
  const [matrixRows, columns] = node.shape.slice(-2) as [number, number];
  const depth = transposeX ? xRows : xColumns;
  const joined = !transposeX && sizeOf(y.shape.slice(0, -2)) === 1 &&
    sizeOf(x.shape) === sizeOf(batch) * xRows * xColumns;
  const rows = joined ? matrixRows * sizeOf(batch) : matrixRows;
  const offsets = joined ? [{ x: 0, y: 0, out: 0 }] : matrixOffsets(node, x, y, batch);
  return {
    scratch: matmulScratchBytes(rows, depth, columns, node.dtype),
    link(context, scratch) {
      const { matmul } = kernelsFor(node.dtype);
      return (base) => {
        const [at, by, to] = [x, y, node].map((o) => context.addressOf(o, base)) as [number, number, number];
        for (const offset of offsets) {
          matmul(
            at + offset.x,
            by + offset.y,
            to + offset.out,
            rows,
            depth,
            columns,
            xColumns,
            yColumns,
            columns,
            transposeX ? 1 : 0,
            transposeY ? 1 : 0,
            0,
            base + scratch,
          );
        }
      };
    },
  };
}

/** Where each matrix of a batch begins in the operands and the result, in bytes. */
function matrixOffsets(node: Node, x: Node, y: Node, batch: Shape): { x: number; y: number; out: number }[] {
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

/** Runs an operation on views of the memory. */
function hostStep(node: Node): KernelStep {
  return {
    scratch: 0,
    link: (context) => (base) => {
      const inputs = node.operands.map((o): Value => {
        if (typeof o.value === "number") return o.value;
        const data = context.viewOf(o, base);
        return o.shape.length === 0 ? data[0]! : new NdArray(data, o.shape);
      });
      const result = node.operation!.evaluate(inputs, node.attributes, node.dtype);
      const out = context.viewOf(node, base);
      if (typeof result === "number") out[0] = result;
      else out.set(result.data);
    },
  };
}
