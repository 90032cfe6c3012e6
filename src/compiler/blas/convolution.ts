/**
 * Convolutions as products of matrices of patches (im2col), some lines of results at a time, so that the patches stay
 * in the cache until a library has multiplied them. A patch is what one row of the window sees at one result: the rows
 * of the window are products that are added up. Each line of the image is copied once for all of them, as it is a line
 * of patches for several lines of results.
 */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf } from "../../array/shape.ts";
import type { ConvolutionCase, ConvolutionPlan } from "../kernels/convolution.ts";
import { type Axis, backwardAxes, forwardAxis, type Layout, Source } from "../kernels/convolution_source.ts";
import type { WindowKernels } from "../kernels/library.ts";
import type { MemoryProduct } from "./library.ts";

/** Bytes of patches that are made before they are multiplied. */
const PATCH_BYTES = 1 << 19;
/** A product has to have so many columns, or copying the patches costs more than the library saves. */
const LEAST_COLUMNS = 16;
/** As many for each of several groups, whose patches are not next to each other in the image. */
const LEAST_COLUMNS_OF_GROUPS = 32;
/** Elements of a patch, at least. */
const LEAST_DEPTH = 16;
/** Multiplications of a convolution, at least. */
const LEAST_WORK = 1 << 18;

/**
 * Prepares a convolution of images `[batch, height, width, channels]` by a library.
 *
 * @returns Null where the kernels are faster
 */
export function planNativeConvolution(
  ...[kind, image, filters, result, geometry, dtype, multiply]: [
    ...ConvolutionCase,
    multiply: MemoryProduct,
  ]
): ConvolutionPlan | null {
  const layout = { image, filters, result, geometry, bytes: bytesOfElement(dtype) };
  const backward = kind === "convInputGradient";
  const [height, width, inputs, outputs] = filters as [number, number, number, number];
  const work = sizeOf(result) * height * width * inputs;
  const [depth, columns] = backward
    ? [outputs / geometry.groups, inputs]
    : [inputs, outputs / geometry.groups];
  const cells = Math.ceil(height * width / (backward ? geometry.strides[0] * geometry.strides[1] : 1));
  const least = geometry.groups > 1 ? LEAST_COLUMNS_OF_GROUPS : LEAST_COLUMNS;
  if (columns < least || cells * depth < LEAST_DEPTH || work < LEAST_WORK) return null;
  return kind === "convFilterGradient"
    ? planFilterGradient(layout, multiply)
    : planMap(layout, backward, multiply);
}

/** A convolution, or its transpose: a map from images to images. */
function planMap(layout: Layout, backward: boolean, multiply: MemoryProduct): ConvolutionPlan {
  const { image, filters, result, geometry: { groups }, bytes } = layout;
  const [target, from] = backward ? [image, result] : [result, image];
  const vertical = backward ? backwardAxes(layout, 0) : [forwardAxis(layout, 0)];
  const horizontal = backward ? backwardAxes(layout, 1) : [forwardAxis(layout, 1)];
  const depth = from[3]! / groups, columns = target[3]! / groups;
  const [width, targetPixel, outputs] = [target[2]!, target[3]! * bytes, filters[3]!];
  const phases: Phase[] = [];
  let packed = 0;
  for (const v of vertical) {
    for (const h of horizontal) {
      const length = v.cells.length * h.cells.length * depth;
      phases.push({ v, h, at: packed, length, reach: reachOf(v) });
      if (backward) packed += length * columns * groups * bytes;
    }
  }
  const lineBytes = Math.max(...horizontal.map(({ count, cells }) => count * cells.length * depth * bytes));
  const classes = Math.max(...phases.map(({ reach }) => reach.length));
  const source = new Source(from, bytes, vertical, horizontal, linesFor(classes * lineBytes));
  const patchesAt = round(packed);
  const bandAt = round(
    patchesAt + Math.max(...phases.map(({ reach }) => roomFor(reach, source.lines))) * lineBytes,
  );
  /** Filters of the transpose: for each input channel the cells of a phase, each with all output channels. */
  const pack = (kernels: WindowKernels, y: number, room: number): void => {
    for (const { v, h, at, length } of phases) {
      v.cells.forEach((cy, i) =>
        h.cells.forEach((cx, j) => {
          for (let g = 0; g < groups; g++) {
            kernels.copyLines({
              from: y + ((cy * filters[1]! + cx) * columns * outputs + g * depth) * bytes,
              to: room + at + (g * columns * length + (i * h.cells.length + j) * depth) * bytes,
              lines: columns,
              bytes: depth * bytes,
              fromStep: outputs * bytes,
              toStep: length * bytes,
            });
          }
        })
      );
    }
  };
  const run: ConvolutionPlan["run"] = (kernels, x, y, out, scratch, begin = 0, end = target[0]!) => {
    if (begin >= end) return;
    const [patches, band] = [scratch + patchesAt, scratch + bandAt];
    const imageBytes = target[1]! * width * targetPixel;
    if (phases.some(({ length }) => length === 0)) {
      kernels.clear(out + begin * imageBytes, (end - begin) * imageBytes);
    }
    if (backward) pack(kernels, y, scratch);
    source.clear(kernels, band);
    const rows = Math.max(...vertical.map(({ count }) => count));
    for (let n = begin; n < end; n++) {
      for (let line = 0; line < rows; line += source.lines) {
        const origin = source.load(kernels, x, n, band, line);
        for (const { v, h, at, length, reach } of phases) {
          const lines = Math.min(source.lines, v.count - line);
          if (lines <= 0 || length === 0 || h.count === 0) continue;
          const to = out + n * imageBytes +
            ((v.outStart + line * v.outStep) * width + h.outStart) * targetPixel;
          // Lines of results that follow each other are the rows of one product.
          const isWhole = h.outStep === 1 && v.outStep === 1 && h.count === width;
          const [products, height] = isWhole ? [1, lines * width] : [lines, h.count];
          const size = h.cells.length * depth;
          for (let g = 0; g < groups; g++) {
            const { starts, step } = patchesOf(kernels, source, { v, h, reach }, depth, {
              ...{ start: origin + g * depth * bytes, line, lines, bytes, to: patches },
            });
            const [right, rightStep] = backward
              ? [scratch + at + g * columns * length * bytes, size * bytes]
              : [y + g * columns * bytes, size * outputs * bytes];
            starts.forEach((left, i) => {
              for (let l = 0; l < products; l++) {
                multiply(
                  left + l * height * step * bytes,
                  right + i * rightStep,
                  to + l * v.outStep * width * targetPixel + g * columns * bytes,
                  ...[height, size, columns] as const,
                  ...[step, backward ? length : outputs, h.outStep * target[3]!] as const,
                  ...[0, backward ? 1 : 0, i === 0 ? 0 : 1] as const,
                );
              }
            });
          }
        }
      }
    }
  };
  return { scratchBytes: bandAt + source.bytes, parts: target[0]!, isPadded: source.padded, run };
}

/** Results with the same cells of the window, and what they look at. */
interface Phase extends View {
  /** Where their filters are packed. */
  readonly at: number;
  /** How many elements all rows of the window see. */
  readonly length: number;
}

/** The gradient of the filters: products of the patches, transposed, with the cotangents of the results. */
function planFilterGradient(layout: Layout, multiply: MemoryProduct): ConvolutionPlan {
  const { image, filters, result, geometry: { groups }, bytes } = layout;
  const [kernelHeight, kernelWidth, depth, outputs] = filters as [number, number, number, number];
  const [batch, height, width] = result as [number, number, number];
  const [v, h] = [forwardAxis(layout, 0), forwardAxis(layout, 1)];
  const size = kernelWidth * depth;
  const lineBytes = width * size * bytes;
  const reach = reachOf(v);
  const source = new Source(image, bytes, [v], [h], linesFor(reach.length * lineBytes));
  const bandAt = round(roomFor(reach, source.lines) * lineBytes);
  const columns = outputs / groups;
  const run: ConvolutionPlan["run"] = (kernels, x, y, out, scratch, begin = 0, end = groups) => {
    if (begin >= end) return;
    if (batch * height * width === 0) return kernels.clear(out, kernelHeight * size * outputs * bytes);
    source.clear(kernels, scratch + bandAt);
    for (let n = 0; n < batch; n++) {
      for (let line = 0; line < height; line += source.lines) {
        const lines = Math.min(source.lines, height - line);
        const origin = source.load(kernels, x, n, scratch + bandAt, line);
        for (let g = begin; g < end; g++) {
          const { starts, step } = patchesOf(kernels, source, { v, h, reach }, depth, {
            ...{ start: origin + g * depth * bytes, line, lines, bytes, to: scratch },
          });
          const channel = g * columns * bytes;
          starts.forEach((left, i) =>
            multiply(
              left,
              y + (n * height + line) * width * outputs * bytes + channel,
              out + i * size * outputs * bytes + channel,
              ...[size, lines * width, columns] as const,
              ...[step, outputs, outputs] as const,
              ...[1, 0, n + line === 0 ? 0 : 1] as const,
            )
          );
        }
      }
    }
  };
  return { scratchBytes: bandAt + source.bytes, parts: groups, isPadded: source.padded, run };
}

/** How many lines of results are done at a time. */
function linesFor(lineBytes: number): number {
  return Math.max(1, Math.floor(PATCH_BYTES / Math.max(1, lineBytes)));
}

/** A multiple of the size of a cache line. */
function round(bytes: number): number {
  return (bytes + 63) & -64;
}

/** What some results look at. */
interface View {
  readonly v: Axis;
  readonly h: Axis;
  readonly reach: readonly number[];
}

/**
 * Lines of the source by their remainder when divided by the step of the window: how many lines beyond the number of
 * results are needed of each. Results with a step of 1 look at one class of lines.
 */
function reachOf({ cells, cellStep, sourceStep }: Axis): readonly number[] {
  const reach: number[] = [];
  cells.forEach((_, i) => {
    const remainder = i * cellStep % sourceStep;
    reach[remainder] = Math.max(reach[remainder] ?? 0, Math.floor(i * cellStep / sourceStep));
  });
  return Array.from(reach, (beyond) => beyond ?? -1);
}

/** How many lines of patches there are for some lines of results. */
function roomFor(reach: readonly number[], lines: number): number {
  return reach.reduce((sum, beyond) => sum + (beyond < 0 ? 0 : lines + beyond), 0);
}

/** Which lines of results, and where what they look at goes. */
interface Lines {
  /** Where the first channel of row 0 and column 0 of the source would be. */
  readonly start: number;
  readonly line: number;
  readonly lines: number;
  readonly bytes: number;
  readonly to: number;
}

/**
 * The patches that some lines of results look at, `depth` channels of each cell.
 *
 * @returns For each row of the window where its patches begin, and how far one is from the next, in elements
 */
function patchesOf(
  kernels: WindowKernels,
  { pixel, pitch }: Source,
  { v, h, reach }: View,
  depth: number,
  { start, line, lines, bytes, to }: Lines,
): { readonly starts: readonly number[]; readonly step: number } {
  const first = start + (v.base + line * v.sourceStep) * pitch + h.base * pixel;
  const fromStep = h.sourceStep * pixel;
  const across = h.cells.length;
  if (across === 1 && (lines === 1 || v.sourceStep * pitch === h.count * fromStep)) {
    return { starts: v.cells.map((_, i) => first + i * v.cellStep * pitch), step: fromStep / bytes };
  }
  const toStep = across * depth * bytes;
  // Cells side by side are copied at once where their channels follow each other.
  const isJoined = h.cellStep * pixel === depth * bytes;
  const [pieces, size] = isJoined ? [1, toStep] : [across, depth * bytes];
  let next = to;
  const classes = reach.map((beyond, remainder) => {
    const begin = next;
    if (beyond < 0) return begin;
    for (let l = 0; l < lines + beyond; l++, next += h.count * toStep) {
      for (let j = 0; j < pieces; j++) {
        kernels.copyLines({
          from: first + (l * v.sourceStep + remainder) * pitch + j * h.cellStep * pixel,
          to: next + j * size,
          lines: h.count,
          bytes: size,
          fromStep,
          toStep,
        });
      }
    }
    return begin;
  });
  const starts = v.cells.map((_, i) => {
    const [from, beyond] = [i * v.cellStep % v.sourceStep, Math.floor(i * v.cellStep / v.sourceStep)];
    return classes[from]! + beyond * h.count * toStep;
  });
  return { starts, step: toStep / bytes };
}
