/**
 * Products of plain arrays on the kernels of compiled programs: operands are copied into the shared memory, results
 * out of it. The kernels are instantiated when the first large product asks for them. Where a native library was asked
 * for, it computes matrix products where the arrays lie.
 */
import { allocate, bytesOfElement, type DType, dtypeOf, type FloatArray } from "../../array/dtype.ts";
import { isAllFinite } from "../../array/neural/convolution.ts";
import {
  installProductKernels,
  type MatrixProducts,
  type ProductKernels,
} from "../../array/product_kernels.ts";
import { sizeOf } from "../../array/shape.ts";
import { planNativeConvolution } from "../blas/convolution.ts";
import { paysToCall } from "../blas/products.ts";
import { arrayBlas } from "../blas/find_blas.ts";
import { allocateBlock, paddedSize, releaseBlock, sharedMemory } from "../wasm/linear_memory.ts";
import { engine } from "../wasm/writer.ts";
import { kernelsFor } from "./linked_kernels.ts";
import { planConvolution } from "./convolution.ts";
import { DEPTH_BLOCK, matmulScratchBytes } from "./parameters.ts";

/** What a call costs besides copying, in multiplications of the plain loops. */
const CALL_WORK = 2048;
/** What preparing a convolution costs. */
const PLAN_WORK = 32768;
/** What copying an element in or out costs. */
const COPY_WORK = 0.5;
/** Operands and results of up to this many bytes are copied whole. */
const MOST_BYTES = 1 << 24;
/** Larger matrices pass through the memory in blocks of at most this many elements. */
const BLOCK = 1 << 20;
/** Each side of a block may have this many. */
const SIDE = 1 << 10;
/** Convolutions whose operands, results and workspace need more bytes are left to the loops, which go by tiles. */
const MOST_IMAGE_BYTES = 1 << 26;

/** Where an operand or result stands in the memory. */
interface Place {
  readonly address: number;
  readonly view: FloatArray;
}

/** Has large products of arrays run on the kernels, where the engine has SIMD. */
export function speedUpArrayProducts(): void {
  installProductKernels({ multiply, convolve });
}

const multiply: ProductKernels["multiply"] = (x, y, out, products) => {
  if (multiplyNatively(x, y, out, products)) return true;
  const { rows, depth, columns, xOffsets } = products;
  const elements = x.length + y.length + out.length;
  const work = xOffsets.length * (rows * depth * columns - CALL_WORK);
  const dtype = dtypeOf(out);
  if (work < COPY_WORK * elements || !canRun(x, y, dtype)) return false;
  if (elements * bytesOfElement(dtype) <= MOST_BYTES) return multiplyWhole(x, y, out, products, dtype);
  return xOffsets.every((_, i) => multiplyInBlocks(x, y, out, products, i, dtype));
};

/** Products by a library, where the operands lie; false if it can't or need not compute them. */
function multiplyNatively(x: FloatArray, y: FloatArray, out: FloatArray, products: MatrixProducts): boolean {
  const blas = arrayBlas();
  const dtype = dtypeOf(out);
  if (blas === null || !paysToCall(products) || dtypeOf(x) !== dtype || dtypeOf(y) !== dtype) return false;
  const { rows, depth, columns, transposeX, transposeY, xOffsets, yOffsets } = products;
  const multiplyAt = blas.arrayProduct(dtype);
  const [ldx, ldy] = [transposeX ? rows : depth, transposeY ? depth : columns];
  const flags = [transposeX ? 1 : 0, transposeY ? 1 : 0, 0] as const;
  for (let i = 0; i < xOffsets.length; i++) {
    const places = [
      x.subarray(xOffsets[i]),
      y.subarray(yOffsets[i]),
      out.subarray(i * rows * columns),
    ] as const;
    multiplyAt(...places, rows, depth, columns, ldx, ldy, columns, ...flags);
  }
  return true;
}

/** Products of operands that are copied whole. */
function multiplyWhole(
  x: FloatArray,
  y: FloatArray,
  out: FloatArray,
  products: MatrixProducts,
  dtype: DType,
): boolean {
  const { rows, depth, columns, transposeX, transposeY, xOffsets, yOffsets } = products;
  const { matmul } = kernelsFor(dtype);
  const element = bytesOfElement(dtype);
  const sizes = [x.length, y.length, out.length] as const;
  return inMemory(
    dtype,
    sizes,
    matmulScratchBytes(rows, depth, columns, dtype),
    (left, right, result, spare) => {
      left.view.set(x);
      right.view.set(y);
      const [ldx, ldy] = [transposeX ? rows : depth, transposeY ? depth : columns];
      for (let i = 0; i < xOffsets.length; i++) {
        const from = left.address + xOffsets[i]! * element;
        const by = right.address + yOffsets[i]! * element;
        const to = result.address + i * rows * columns * element;
        const flags = [transposeX ? 1 : 0, transposeY ? 1 : 0, 0] as const;
        matmul(from, by, to, rows, depth, columns, ldx, ldy, columns, ...flags, spare);
      }
      out.set(result.view);
    },
  );
}

/** One product of matrices of any size: blocks of the result, each a sum over blocks of the depth. */
function multiplyInBlocks(
  x: FloatArray,
  y: FloatArray,
  out: FloatArray,
  { rows, depth, columns, transposeX, transposeY, xOffsets, yOffsets }: MatrixProducts,
  index: number,
  dtype: DType,
): boolean {
  const { matmul } = kernelsFor(dtype);
  const [height, deep, width] = blockOf(rows, depth, columns);
  const [ldx, ldy] = [transposeX ? rows : depth, transposeY ? depth : columns];
  const [xStart, yStart, outStart] = [xOffsets[index]!, yOffsets[index]!, index * rows * columns];
  const sizes = [height * deep, deep * width, height * width] as const;
  return inMemory(
    dtype,
    sizes,
    matmulScratchBytes(height, deep, width, dtype),
    (left, right, result, spare) => {
      /** Adds to the block of the result what comes of one block of the depth. */
      const multiplyBlock = (row: number, column: number, from: number, wide: number, high: number): void => {
        const long = Math.min(deep, depth - from);
        const [xRows, xRow] = transposeX ? [long, high] : [high, long];
        const [yRows, yRow] = transposeY ? [wide, long] : [long, wide];
        const xAt = xStart + (transposeX ? from * ldx + row : row * ldx + from);
        const yAt = yStart + (transposeY ? column * ldy + from : from * ldy + column);
        copyRows(xRows, xRow, x, xAt, ldx, left.view, 0, xRow);
        copyRows(yRows, yRow, y, yAt, ldy, right.view, 0, yRow);
        const flags = [transposeX ? 1 : 0, transposeY ? 1 : 0, from > 0 ? 1 : 0] as const;
        const places = [left.address, right.address, result.address] as const;
        matmul(...places, high, long, wide, xRow, yRow, wide, ...flags, spare);
      };
      for (let row = 0; row < rows; row += height) {
        const high = Math.min(height, rows - row);
        for (let column = 0; column < columns; column += width) {
          const wide = Math.min(width, columns - column);
          for (let from = 0; from < depth; from += deep) multiplyBlock(row, column, from, wide, high);
          copyRows(high, wide, result.view, 0, wide, out, outStart + row * columns + column, columns);
        }
      }
    },
  );
}

/** Rows, depth and columns of the blocks of a product. */
function blockOf(rows: number, depth: number, columns: number): [number, number, number] {
  const [least, other] = [Math.min(depth, SIDE), Math.min(columns, SIDE)];
  const height = Math.min(rows, Math.floor(BLOCK / Math.max(least, other)));
  const width = Math.min(columns, Math.floor(BLOCK / Math.max(least, height)));
  const deep = Math.floor(BLOCK / Math.max(height, width));
  // Whole steps of the kernel along the depth: then the sums are those of the product in one piece.
  return [height, deep < depth ? deep - deep % DEPTH_BLOCK : depth, width];
}

/** Copies rows of a matrix between buffers in which they are `fromStep` and `toStep` elements apart. */
function copyRows(
  rows: number,
  columns: number,
  from: FloatArray,
  fromStart: number,
  fromStep: number,
  to: FloatArray,
  toStart: number,
  toStep: number,
): void {
  const isWhole = fromStep === columns && toStep === columns;
  const [lines, length] = isWhole ? [1, rows * columns] : [rows, columns];
  for (let i = 0; i < lines; i++) {
    const start = fromStart + i * fromStep;
    to.set(from.subarray(start, start + length), toStart + i * toStep);
  }
}

const convolve: ProductKernels["convolve"] = (kind, { data: x }, { data: y }, shapes, dtype) => {
  const { image, filters, result, geometry } = shapes;
  const shape = kind === "conv2d" ? result : kind === "convInputGradient" ? image : filters;
  const elements = x.length + y.length + sizeOf(shape);
  const work = sizeOf(result) * filters[0]! * filters[1]! * filters[2]! - PLAN_WORK;
  if (work < COPY_WORK * elements || !canRun(x, y, dtype)) return undefined;
  const given = [kind, image, filters, result, geometry, dtype] as const;
  const library = arrayBlas()?.memoryProduct(dtype, 1);
  const native = library === undefined ? null : planNativeConvolution(...given, library);
  const plan = native ?? planConvolution(...given);
  if (elements * bytesOfElement(dtype) + plan.scratchBytes > MOST_IMAGE_BYTES) return undefined;
  // Zeros around the image times NaN or an infinity would be NaN: the loops step over them.
  if (plan.isPadded && !isAllFinite(y)) return undefined;
  const kernels = kernelsFor(dtype);
  const out = allocate(dtype, sizeOf(shape));
  const isDone = inMemory(
    dtype,
    [x.length, y.length, out.length],
    plan.scratchBytes,
    (first, second, target, scratch) => {
      first.view.set(x);
      second.view.set(y);
      plan.run(kernels, first.address, second.address, target.address, scratch);
      out.set(target.view);
    },
  );
  return isDone ? out : undefined;
};

/** Whether the kernels are there and hold the operands in the type of the result without rounding them. */
function canRun(x: FloatArray, y: FloatArray, dtype: DType): boolean {
  const fits = dtype === "float64" || dtypeOf(x) === "float32" && dtypeOf(y) === "float32";
  return fits && engine() !== "none" && hasMemory();
}

let isMemoryThere: boolean | undefined;

/** Whether there can be a shared memory, which some pages may not have. Found out once. */
function hasMemory(): boolean {
  if (isMemoryThere !== undefined) return isMemoryThere;
  try {
    return isMemoryThere = sharedMemory() !== undefined;
  } catch {
    return isMemoryThere = false;
  }
}

/**
 * Runs kernels in room of their own that is given back after it; false if there is no such room.
 *
 * @param sizes Elements of both operands and of the result
 * @param run Gets their places and the address of the workspace
 */
function inMemory(
  dtype: DType,
  sizes: readonly [number, number, number],
  scratch: number,
  run: (x: Place, y: Place, out: Place, scratch: number) => void,
): boolean {
  const element = bytesOfElement(dtype);
  const bytes = sizes.map((size) => paddedSize(size * element)) as [number, number, number];
  const all = bytes[0] + bytes[1] + bytes[2] + scratch;
  const start = tryToAllocate(all);
  if (start === undefined) return false;
  try {
    const { buffer } = sharedMemory();
    const place = (address: number, size: number): Place => ({
      address,
      view: dtype === "float64"
        ? new Float64Array(buffer, address, size)
        : new Float32Array(buffer, address, size),
    });
    const second = start + bytes[0];
    const third = second + bytes[1];
    run(place(start, sizes[0]), place(second, sizes[1]), place(third, sizes[2]), third + bytes[2]);
  } finally {
    releaseBlock(start, all);
  }
  return true;
}

/** A block of the memory; undefined if there is not that much. */
function tryToAllocate(bytes: number): number | undefined {
  try {
    return allocateBlock(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
