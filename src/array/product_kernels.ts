/**
 * The seam through which large products leave the loops of this room: a later room brings faster kernels, and the
 * loops ask here whether there are any. What can't or need not run on them is done by the loops.
 */
import type { DType, FloatArray } from "./dtype.ts";
import type { NdArray } from "./nd_array.ts";
import type { ConvolutionGeometry } from "./neural/convolution.ts";
import type { Shape } from "./shape.ts";

/** Products of matrices of equal sizes that lie row after row in two buffers. */
export interface MatrixProducts {
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  /** Whether the left matrices are stored as `[depth, rows]`. */
  readonly transposeX: boolean;
  /** Whether the right matrices are stored as `[columns, depth]`. */
  readonly transposeY: boolean;
  /** Where each left matrix starts, in elements. */
  readonly xOffsets: readonly number[];
  /** Where each right matrix starts, in elements; as many as there are left ones. */
  readonly yOffsets: readonly number[];
}

/** A convolution or one of its gradients; the names are those of the primitives. */
export type ConvolutionKind = "conv2d" | "convInputGradient" | "convFilterGradient";

/** The three shapes of a convolution, and how the window moves. */
export interface ConvolutionShapes {
  /** `[batch, height, width, channels]` */
  readonly image: Shape;
  /** `[height, width, channels / groups, outChannels]` */
  readonly filters: Shape;
  /** `[batch, height, width, outChannels]` */
  readonly result: Shape;
  /** Strides, padding, dilations and groups. */
  readonly geometry: ConvolutionGeometry;
}

/** Kernels for products. What they leave to the loops is too small, or can't be done by them. */
export interface ProductKernels {
  /** Writes the products, one after the other, to `out`; false if that is left to the loops. */
  multiply(x: FloatArray, y: FloatArray, out: FloatArray, products: MatrixProducts): boolean;
  /** The result of a convolution, given the two operands of its primitive; undefined if it is left to the loops. */
  convolve(
    kind: ConvolutionKind,
    x: NdArray,
    y: NdArray,
    shapes: ConvolutionShapes,
    dtype: DType,
  ): FloatArray | undefined;
}

let installed: ProductKernels | undefined;

/** Gives kernels to the loops of this room, from now on. */
export function installProductKernels(kernels: ProductKernels): void {
  installed = kernels;
}

/** The kernels, if a later room has brought some. */
export function productKernels(): ProductKernels | undefined {
  return installed;
}
