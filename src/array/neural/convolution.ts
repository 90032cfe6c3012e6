import { allocate, type DType, type FloatArray } from "../dtype.ts";
import { matmulArrays } from "../linear_algebra/matmul.ts";
import { NdArray } from "../nd_array.ts";
import { type ConvolutionShapes, productKernels } from "../product_kernels.ts";
import { type Shape, sizeOf } from "../shape.ts";

/** How a window of filters or of pooling moves over images `[batch, height, width, channels]`. */
export interface WindowGeometry {
  /** Steps along height and width. */
  readonly strides: readonly [number, number];
  /** Zeros around the image: top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
  /** Distances between the cells of the window. */
  readonly dilations: readonly [number, number];
}

/** A window with the number of groups that the channels fall into. */
export interface ConvolutionGeometry extends WindowGeometry {
  /** Output channels of a group see the input channels of that group only. */
  readonly groups: number;
}

/** Elements of the matrix of patches that is built at a time. */
const TILE = 1 << 17;

/** All the lengths of a convolution, in one place. */
interface Layout extends ConvolutionGeometry {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
}

function layoutOf({ image, filters, result, geometry }: ConvolutionShapes): Layout {
  return {
    ...geometry,
    batch: image[0]!,
    height: image[1]!,
    width: image[2]!,
    channels: image[3]!,
    kernelHeight: filters[0]!,
    kernelWidth: filters[1]!,
    outHeight: result[1]!,
    outWidth: result[2]!,
    outChannels: filters[3]!,
  };
}

/** Whether the patches are the pixels: then there is nothing to gather. */
function isPointwise({ kernelHeight, kernelWidth, strides, padding }: Layout): boolean {
  return kernelHeight === 1 && kernelWidth === 1 && strides[0] === 1 && strides[1] === 1 &&
    padding.every((n) => n === 0);
}

/**
 * Visits the image in runs of output positions, numbered row after row through the whole batch, that are
 * short enough for their patches to stay within the bound.
 */
function forTiles(layout: Layout, visit: (from: number, count: number) => void): void {
  const positions = layout.batch * layout.outHeight * layout.outWidth;
  const depth = Math.max(1, layout.kernelHeight * layout.kernelWidth * layout.channels);
  const most = isPointwise(layout) ? Math.max(1, positions) : Math.max(4, Math.floor(TILE / depth) & ~3);
  for (let from = 0; from < positions; from += most) visit(from, Math.min(most, positions - from));
}

/**
 * Moves between the image and the matrix of patches, one row for each output position: copies pixels into
 * the rows (zeros outside of the image), or adds the rows to the pixels.
 */
function movePatches(
  layout: Layout,
  image: FloatArray,
  patches: FloatArray,
  from: number,
  count: number,
  back: boolean,
): void {
  const { height, width, channels, kernelHeight, kernelWidth, outHeight, outWidth } = layout;
  const [strideY, strideX] = layout.strides;
  const [dilationY, dilationX] = layout.dilations;
  const [top, , left] = layout.padding;
  let at = 0;
  for (let position = from; position < from + count; position++) {
    const ox = position % outWidth;
    const row = (position - ox) / outWidth;
    const oy = row % outHeight;
    const start = (row - oy) / outHeight * height;
    for (let ky = 0; ky < kernelHeight; ky++) {
      const y = oy * strideY - top + ky * dilationY;
      const inside = y >= 0 && y < height;
      for (let kx = 0; kx < kernelWidth; kx++, at += channels) {
        const x = ox * strideX - left + kx * dilationX;
        if (inside && x >= 0 && x < width) {
          const pixel = ((start + y) * width + x) * channels;
          if (back) { for (let c = 0; c < channels; c++) image[pixel + c]! += patches[at + c]!; }
          else for (let c = 0; c < channels; c++) patches[at + c] = image[pixel + c]!;
        } else if (!back) patches.fill(0, at, at + channels);
      }
    }
  }
}

/** What {@linkcode forCells} tells of a pixel under a cell of the window. */
type CellVisitor = (output: number, pixel: number, filter: number) => void;

/** Visits each pair of an output position and a pixel under its window: the starts of their channels. */
function forCells(layout: Layout, visit: CellVisitor): void {
  const { batch, height, width, channels, kernelHeight, kernelWidth, outHeight, outWidth } = layout;
  const [strideY, strideX] = layout.strides;
  const [dilationY, dilationX] = layout.dilations;
  const [top, , left] = layout.padding;
  const cell = channels / layout.groups * layout.outChannels;
  let output = 0;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++, output += layout.outChannels) {
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = oy * strideY - top + ky * dilationY;
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const x = ox * strideX - left + kx * dilationX;
            if (x < 0 || x >= width) continue;
            visit(output, ((n * height + y) * width + x) * channels, (ky * kernelWidth + kx) * cell);
          }
        }
      }
    }
  }
}

/** Which of the three arrays of a grouped convolution is computed from the other two. */
type Target = "output" | "image" | "filters";

/** A convolution, or one of its derivatives, summed in float64 without a matrix of patches. */
function convolveGroups(
  layout: Layout,
  target: Target,
  output: FloatArray,
  image: FloatArray,
  filters: FloatArray,
): void {
  const { channels, outChannels, groups } = layout;
  const inPerGroup = channels / groups;
  const outPerGroup = outChannels / groups;
  if (inPerGroup === 1 && outPerGroup === 1) {
    if (target === "output") {
      forCells(layout, (o, p, f) => {
        for (let c = 0; c < channels; c++) output[o + c]! += image[p + c]! * filters[f + c]!;
      });
    } else if (target === "image") {
      forCells(layout, (o, p, f) => {
        for (let c = 0; c < channels; c++) image[p + c]! += output[o + c]! * filters[f + c]!;
      });
    } else {
      forCells(layout, (o, p, f) => {
        for (let c = 0; c < channels; c++) filters[f + c]! += output[o + c]! * image[p + c]!;
      });
    }
    return;
  }
  forCells(layout, (o, p, f) => {
    for (let g = 0; g < groups; g++) {
      const first = g * outPerGroup;
      for (let c = 0; c < inPerGroup; c++) {
        const pixel = p + g * inPerGroup + c;
        const row = f + c * outChannels + first;
        if (target === "output") {
          const x = image[pixel]!;
          for (let k = 0; k < outPerGroup; k++) output[o + first + k]! += x * filters[row + k]!;
        } else if (target === "image") {
          let sum = 0;
          for (let k = 0; k < outPerGroup; k++) sum += output[o + first + k]! * filters[row + k]!;
          image[pixel]! += sum;
        } else {
          const x = image[pixel]!;
          for (let k = 0; k < outPerGroup; k++) filters[row + k]! += x * output[o + first + k]!;
        }
      }
    }
  });
}

/** Whether no number is NaN or infinite. */
export function isAllFinite(data: FloatArray): boolean {
  // Zero times any other number is zero, so that sums stay zero; two of them, as an addition waits for the last.
  let [sum, other] = [0, 0];
  const even = data.length & ~1;
  for (let i = 0; i < even; i += 2) {
    sum += data[i]! * 0;
    other += data[i + 1]! * 0;
  }
  if (even < data.length) sum += data[even]! * 0;
  return sum + other === 0;
}

/**
 * Whether to visit pairs of pixels and cells: in groups, and where the zeros that a patch has for padding would
 * make NaN of an infinite or NaN factor. Padding is stepped over.
 */
function visitsCells({ groups, padding }: Layout, factor: NdArray): boolean {
  return groups > 1 || (padding.some((n) => n !== 0) && !isAllFinite(factor.data));
}

/** Sums in float64 and rounds once. */
function rounded(sums: Float64Array, shape: Shape, dtype: DType): NdArray {
  return new NdArray(sums, shape).cast(dtype);
}

/**
 * Cross-correlation of images with filters. These loops sum in float64; large convolutions and gradients run on
 * kernels where there are some, which sum in the type of the result.
 *
 * @param x `[batch, height, width, channels]`
 * @param filters `[height, width, channels / groups, outChannels]`
 * @param shape The shape of the result, `[batch, height, width, outChannels]`
 */
export function convolve(
  x: NdArray,
  filters: NdArray,
  geometry: ConvolutionGeometry,
  shape: Shape,
  dtype: DType,
): NdArray {
  const shapes = { image: x.shape, filters: filters.shape, result: shape, geometry };
  const quick = productKernels()?.convolve("conv2d", x, filters, shapes, dtype);
  if (quick !== undefined) return new NdArray(quick, shape);
  const layout = layoutOf(shapes);
  if (visitsCells(layout, filters)) {
    const sums = new Float64Array(sizeOf(shape));
    convolveGroups(layout, "output", sums, x.data, filters.data);
    return rounded(sums, shape, dtype);
  }
  const out = allocate(dtype, sizeOf(shape));
  const { outChannels } = layout;
  const depth = layout.kernelHeight * layout.kernelWidth * layout.channels;
  const matrix = filters.withShape([depth, outChannels]);
  forTiles(layout, (from, count) => {
    const patches = patchesOf(layout, x, from, count, depth);
    const product = matmulArrays(patches, matrix, PLAIN, [count, outChannels], dtype);
    out.set(product.data, from * outChannels);
  });
  return new NdArray(out, shape);
}

/**
 * The transpose of {@linkcode convolve} as a map of the image: from the output's cotangent to the image's.
 *
 * @param shape The shape of the image
 */
export function convolveInputGradient(
  g: NdArray,
  filters: NdArray,
  geometry: ConvolutionGeometry,
  shape: Shape,
  dtype: DType,
): NdArray {
  const shapes = { image: shape, filters: filters.shape, result: g.shape, geometry };
  const quick = productKernels()?.convolve("convInputGradient", g, filters, shapes, dtype);
  if (quick !== undefined) return new NdArray(quick, shape);
  const layout = layoutOf(shapes);
  const sums = new Float64Array(sizeOf(shape));
  const { outChannels } = layout;
  if (layout.groups > 1) {
    convolveGroups(layout, "image", g.data, sums, filters.data);
    return rounded(sums, shape, dtype);
  }
  const depth = layout.kernelHeight * layout.kernelWidth * layout.channels;
  const matrix = filters.withShape([depth, outChannels]);
  forTiles(layout, (from, count) => {
    const rows = rowsOf(g, from, count, outChannels);
    const patches = matmulArrays(rows, matrix, TRANSPOSE_Y, [count, depth], dtype);
    if (isPointwise(layout)) sums.set(patches.data, from * depth);
    else movePatches(layout, sums, patches.data, from, count, true);
  });
  return rounded(sums, shape, dtype);
}

/**
 * The transpose of {@linkcode convolve} as a map of the filters: from the output's cotangent to the filters'.
 *
 * @param shape The shape of the filters
 */
export function convolveFilterGradient(
  x: NdArray,
  g: NdArray,
  geometry: ConvolutionGeometry,
  shape: Shape,
  dtype: DType,
): NdArray {
  const shapes = { image: x.shape, filters: shape, result: g.shape, geometry };
  const quick = productKernels()?.convolve("convFilterGradient", x, g, shapes, dtype);
  if (quick !== undefined) return new NdArray(quick, shape);
  const layout = layoutOf(shapes);
  const sums = new Float64Array(sizeOf(shape));
  if (visitsCells(layout, g)) {
    convolveGroups(layout, "filters", g.data, x.data, sums);
    return rounded(sums, shape, dtype);
  }
  const { outChannels } = layout;
  const depth = layout.kernelHeight * layout.kernelWidth * layout.channels;
  forTiles(layout, (from, count) => {
    const patches = patchesOf(layout, x, from, count, depth);
    const rows = rowsOf(g, from, count, outChannels);
    const { data } = matmulArrays(patches, rows, TRANSPOSE_X, [depth, outChannels], dtype);
    for (let i = 0; i < sums.length; i++) sums[i]! += data[i]!;
  });
  return rounded(sums, shape, dtype);
}

const PLAIN = { transposeX: false, transposeY: false };
const TRANSPOSE_X = { transposeX: true, transposeY: false };
const TRANSPOSE_Y = { transposeX: false, transposeY: true };

/** The patches under the windows of `count` output positions, as the rows of a matrix. */
function patchesOf(layout: Layout, x: NdArray, from: number, count: number, depth: number): NdArray {
  if (isPointwise(layout)) return rowsOf(x, from, count, depth);
  const patches = allocate(x.dtype, count * depth);
  movePatches(layout, x.data, patches, from, count, false);
  return new NdArray(patches, [count, depth]);
}

/** The channels of `count` positions, as the rows of a matrix. */
function rowsOf({ data }: NdArray, from: number, count: number, channels: number): NdArray {
  return new NdArray(data.subarray(from * channels, (from + count) * channels), [count, channels]);
}

/**
 * Where the largest element under each window lies in the flattened image; of equal ones the first, and NaN
 * before all. Cells outside of the image do not take part.
 *
 * @param window Height and width of the window
 * @param shape The shape of the result, `[batch, height, width, channels]`
 * @returns float64, which holds any position exactly
 */
export function largestInWindows(
  { data, shape: image }: NdArray,
  window: readonly [number, number],
  { strides, padding, dilations }: WindowGeometry,
  shape: Shape,
): NdArray {
  const [, height, width, channels] = image as [number, number, number, number];
  const [batch, outHeight, outWidth] = shape as [number, number, number];
  const out = new Float64Array(sizeOf(shape));
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let c = 0; c < channels; c++) {
          let best = -1;
          let largest = 0;
          for (let ky = 0; ky < window[0]; ky++) {
            const y = oy * strides[0] - padding[0] + ky * dilations[0];
            if (y < 0 || y >= height) continue;
            for (let kx = 0; kx < window[1]; kx++) {
              const x = ox * strides[1] - padding[2] + kx * dilations[1];
              if (x < 0 || x >= width) continue;
              const position = ((n * height + y) * width + x) * channels + c;
              const value = data[position]!;
              if (best < 0 || value > largest || (value !== value && largest === largest)) {
                best = position;
                largest = value;
              }
            }
          }
          out[at++] = best;
        }
      }
    }
  }
  return new NdArray(out, shape);
}
