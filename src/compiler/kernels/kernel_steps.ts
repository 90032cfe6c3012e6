/** Max pooling, which is finding positions and gathering what is there. */
import { bytesOfElement } from "../../array/dtype.ts";
import { checkIndices } from "../../array/indexing.ts";
import { NdArray } from "../../array/nd_array.ts";
import {
  type ConvolutionGeometry,
  isAllFinite,
  type WindowGeometry,
} from "../../array/neural/convolution.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import type { Value } from "../../array/value.ts";
import { planNativeConvolution } from "../blas/convolution.ts";
import type { Blas } from "../blas/library.ts";
import { paysToCall } from "../blas/products.ts";
import type { Node } from "../graph/nodes.ts";
import {
  type ConvolutionCase,
  type ConvolutionKind,
  type ConvolutionPlan,
  planConvolution,
} from "./convolution.ts";
import type { WindowKernels } from "./library.ts";
import { kernelsFor } from "./linked_kernels.ts";
import { matmulScratchBytes } from "./parameters.ts";
import { productOffsets, productsOf } from "../plan/products.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { PoolingWindow } from "../../primitives/neural/max_pool_indices.ts";

/**
 * Writes the positions of the largest elements under each window, counted through all images, as float64.
 * The images must be readable for 12 bytes beyond their end.
 *
 * @param x Address of images `[batch, height, width, channels]`
 * @param out Address of the positions, of the result's shape
 * @param from The first image, 0 by default; with `to` to compute a part
 */
export function maxPoolPositions(
  kernels: WindowKernels,
  x: number,
  out: number,
  image: Shape,
  result: Shape,
  { window, strides, padding, dilations }: WindowGeometry & { readonly window: readonly [number, number] },
  bytes: 4 | 8,
  from = 0,
  to: number = image[0]!,
): void {
  const [, height, width, channels] = image as [number, number, number, number];
  const [, outHeight, outWidth] = result as [number, number, number];
  const first = from * height * width * channels;
  kernels.largest({
    x: x + first * bytes,
    out: out + from * outHeight * outWidth * channels * 8,
    images: to - from,
    first,
    ...{ height, width, channels, outHeight, outWidth },
    window0: window[0],
    window1: window[1],
    stride0: strides[0],
    stride1: strides[1],
    dilation0: dilations[0],
    dilation1: dilations[1],
    top: padding[0],
    left: padding[2],
  });
}

/** What a step needs to know of the program it is part of. */
export interface StepContext {
  /** Where a node's value stands when the program's memory begins at `base`. */
  addressOf(node: Node, base: number): number;
  /** A node's value, as a view of the memory. */
  viewOf(node: Node, base: number): Float64Array | Float32Array;
}

/** A step that is no loop. */
export interface KernelStep {
  /** Bytes of workspace it needs while it runs. */
  readonly scratch: number;
  /** The native library that it calls, if any. */
  readonly library?: string;
  /** Makes the action that does it. */
  link(context: StepContext, scratch: number): (base: number) => void;
  /** Gives back what it holds beyond the program's memory, if anything. */
  readonly release?: () => void;
}

/** Where two operands and the result stand. */
function addressesOf(
  context: StepContext,
  base: number,
  x: Node,
  y: Node,
  out: Node,
): readonly [number, number, number] {
  return [context.addressOf(x, base), context.addressOf(y, base), context.addressOf(out, base)];
}

/**
 * The kernel for an operation; what has none of its own runs the operation's code for plain arrays.
 *
 * @param blas What computes the products that are large enough for it, in so many threads
 */
export function kernelStep(node: Node, blas: Blas | null = null, threads = 1): KernelStep {
  const { operation, operands, shape, dtype } = node;
  if (sizeOf(shape) === 0 || operands.some((o) => sizeOf(o.shape) === 0)) return hostStep(node);
  if (operation === op.maxPoolIndices) return maxPoolStep(node);
  if (operands[0]!.dtype !== dtype) return hostStep(node);
  if (operands[1]?.dtype !== dtype) return hostStep(node);
  if (operation === op.matmul) return matmulStep(node, blas, threads);
  return isConvolution(node) ? convolutionStep(node, blas, threads) : hostStep(node);
}

/** Whether a node is a convolution or a gradient of one that the kernels can compute. */
export function isConvolution({ operation, operands, shape, dtype }: Node): boolean {
  return (operation === op.conv2d || operation === op.convInputGradient ||
    operation === op.convFilterGradient) &&
    sizeOf(shape) > 0 &&
    operands.every((o) => o.dtype === dtype && sizeOf(o.shape) > 0);
}

/** What a node that is a convolution, or a gradient of one, is about. */
export function convolutionCase(node: Node): ConvolutionCase {
  const [x, y] = node.operands as [Node, Node];
  const kind = node.operation!.name as ConvolutionKind;
  const [image, filters, result] = kind === "conv2d"
    ? [x.shape, y.shape, node.shape]
    : kind === "convInputGradient"
    ? [node.shape, y.shape, x.shape]
    : [x.shape, node.shape, y.shape];
  return [kind, image, filters, result, node.attributes as ConvolutionGeometry, node.dtype];
}

/** The plan of a convolution by a native library; null if that does not pay. */
export function nativeConvolution(node: Node, blas: Blas | null, threads: number): ConvolutionPlan | null {
  return blas && planNativeConvolution(...convolutionCase(node), blas.memoryProduct(node.dtype, threads));
}

/** Convolutions and their gradients. */
function convolutionStep(node: Node, blas: Blas | null, threads: number): KernelStep {
  const [x, y] = node.operands as [Node, Node];
  const native = nativeConvolution(node, blas, threads);
  const plan = native ?? planConvolution(...convolutionCase(node));
  return {
    scratch: plan.scratchBytes,
    library: native === null ? undefined : blas!.name,
    link: (context, scratch) => {
      const linked = kernelsFor(node.dtype);
      const run = (base: number): void => {
        const [at, by, to] = addressesOf(context, base, x, y, node);
        plan.run(linked, at, by, to, base + scratch);
      };
      if (!plan.isPadded) return run;
      const stepOver = paddingStep(node).link(context, scratch);
      return (base) => {
        run(base);
        stepOver(base);
      };
    },
  };
}

/**
 * What follows a convolution that multiplies zeros around an operand: where these meet what is not finite, the loops
 * for plain arrays, which step over padding, do it again.
 */
export function paddingStep(node: Node): KernelStep {
  const [, y] = node.operands as [Node, Node];
  return {
    scratch: 0,
    link: (context, scratch) => {
      // That they are needed shows in both, so look at what is less.
      const shows = sizeOf(y.shape) < sizeOf(node.shape) ? y : node;
      const stepOver = hostStep(node).link(context, scratch);
      return (base) => {
        if (!isAllFinite(context.viewOf(shows, base))) stepOver(base);
      };
    },
  };
}

/** The positions of the largest elements under windows. */
function maxPoolStep(node: Node): KernelStep {
  const [x] = node.operands as [Node];
  return {
    scratch: 0,
    link: (context) => {
      const linked = kernelsFor(x.dtype);
      const bytes = bytesOfElement(x.dtype);
      const window = node.attributes as PoolingWindow;
      return (base) =>
        maxPoolPositions(
          linked,
          context.addressOf(x, base),
          context.addressOf(node, base),
          x.shape,
          node.shape,
          window,
          bytes,
        );
    },
  };
}

/**
 * Looks whether integers lie along an axis.
 *
 * @throws {RangeError} When it runs and one is not an integer or out of range
 */
export function indexCheckStep(indices: Node, doing: string, shape: Shape, axis: number): KernelStep {
  return {
    scratch: 0,
    link: (context) => (base) =>
      checkIndices(doing, new NdArray(context.viewOf(indices, base), indices.shape), shape, axis),
  };
}

/** Matrix products, one for each matrix of the batch. */
function matmulStep(node: Node, blas: Blas | null, threads: number): KernelStep {
  const [x, y] = node.operands as [Node, Node];
  const products = productsOf(node);
  const { rows, depth, columns, xRow, yRow, transposeX, transposeY } = products;
  const element = bytesOfElement(node.dtype);
  const offsets = productOffsets(products);
  const flags = [transposeX ? 1 : 0, transposeY ? 1 : 0] as const;
  const sizes = [rows, depth, columns, xRow, yRow, columns, ...flags] as const;
  const native = paysToCall(products) ? blas : null;
  return {
    scratch: native === null ? matmulScratchBytes(rows, depth, columns, node.dtype) : 0,
    library: native?.name,
    link(context, scratch) {
      const matmul = native?.memoryProduct(node.dtype, threads) ?? kernelsFor(node.dtype).matmul;
      return (base) => {
        const [at, by, to] = addressesOf(context, base, x, y, node);
        for (const offset of offsets) {
          const starts = [
            at + offset.x * element,
            by + offset.y * element,
            to + offset.out * element,
          ] as const;
          matmul(...starts, ...sizes, 0, base + scratch);
        }
      };
    },
  };
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
