/**
 * Convolutions of images as products of rows with packed filters. No matrix of patches is built: the channels
 * under a row of the window lie one after the other in the image, and the kernel steps from there to the next row
 * itself. Results near the border leave out the cells that are beyond it; where it takes less work to multiply
 * zeros there, a band of the image's rows at a time is copied into them.
 */
import type { ConvolutionGeometry } from "../../array/neural/convolution.ts";
import { bytesOfElement, type DType } from "../../array/dtype.ts";
import type { Shape } from "../../array/shape.ts";
import {
  type AxisPart,
  backwardAxes,
  forwardAxis,
  type Layout,
  partsOf,
  Source,
  tileRows,
} from "./convolution_source.ts";
import type { WindowKernels } from "./library.ts";
import { DEPTH_BLOCK, type DirectArguments, SPARE_BYTES, TILE_BYTES } from "./parameters.ts";

/** A convolution or one of its gradients; the names are those of the primitives. */
export type ConvolutionKind = "conv2d" | "convInputGradient" | "convFilterGradient";

/** What a convolution is about: image, filters and result, and how the window moves. */
export type ConvolutionCase = [
  kind: ConvolutionKind,
  image: Shape,
  filters: Shape,
  result: Shape,
  geometry: ConvolutionGeometry,
  dtype: DType,
];

/** A convolution that is ready to run. */
export interface ConvolutionPlan {
  /** Bytes of scratch that a run needs. */
  readonly scratchBytes: number;
  /** How many parts the work can be divided into; any division gives the same bits. */
  readonly parts: number;
  /**
   * Whether zeros around an operand are multiplied: where the second operand is NaN or infinite, these products
   * are NaN.
   */
  readonly isPadded: boolean;
  /**
   * Computes some parts of the result; all of them by default.
   *
   * @param x Address of the first operand of the primitive
   * @param y Address of the second
   * @param out Address of the result
   */
  run(
    kernels: WindowKernels,
    x: number,
    y: number,
    out: number,
    scratch: number,
    from?: number,
    to?: number,
  ): void;
}

/** Up to here, rows of filters don't pay for packing what they are multiplied with. */
const FEW_ROWS = 16;
/** Room for filters begins after the room for one block. */
const PANELS_AT = SPARE_BYTES;

/**
 * Prepares a convolution of images `[batch, height, width, channels]`.
 *
 * @param images How many images it is laid out for, if not for those of a run
 */
export function planConvolution(
  ...[kind, image, filters, result, geometry, dtype, images = image[0]!]: [
    ...ConvolutionCase,
    images?: number,
  ]
): ConvolutionPlan {
  const layout = { image, filters, result, geometry, bytes: bytesOfElement(dtype) };
  return kind === "convFilterGradient"
    ? planFilterGradient(layout)
    : planMap(layout, kind === "convInputGradient", images);
}

/** A convolution, or its transpose: a map from images to images. */
function planMap(layout: Layout, backward: boolean, images: number): ConvolutionPlan {
  const { image, filters, result, geometry: { groups }, bytes } = layout;
  const [target, from] = backward ? [image, result] : [result, image];
  const vertical = backward ? backwardAxes(layout, 0) : [forwardAxis(layout, 0)];
  const horizontal = backward ? backwardAxes(layout, 1) : [forwardAxis(layout, 1)];
  const width = target[2]!, targetPixel = target[3]! * bytes;
  const depth = from[3]! / groups, columns = target[3]! / groups;
  const single = groups > 1 && depth === 1 && columns === 1;
  const across = TILE_BYTES / bytes;
  const calledGroups = single ? 1 : groups;
  const hasSix = !single;
  const { rows, across: sides } = partsOf(vertical, horizontal, from, {
    ...{ images, depth, hasSix, calls: calledGroups },
    panels: calledGroups * Math.ceil((single ? groups : columns) / across),
  });
  const source = new Source(from, bytes, rows.flat(), sides, Infinity);
  /** Bytes that the filters of one cell take in a group's panels, and all panels of a group. */
  const cellBytes = single ? targetPixel : depth * TILE_BYTES;
  const panelsOf = single ? 1 : Math.ceil(columns / across);
  const phases: Phase[] = [];
  let packed = 0;
  vertical.forEach((axis, i) => {
    for (const h of sides) {
      const cellRowBytes = h.cells.length * cellBytes;
      const panelBytes = axis.cells.length * cellRowBytes;
      const parts = rows[i]!.map((v) => ({
        v,
        panel: packed + v.firstCell * cellRowBytes,
        isTurned: h.count * tileRows(v.count, hasSix) < v.count * tileRows(h.count, hasSix),
      }));
      phases.push({ cells: axis.cells, h, at: packed, panelBytes, parts });
      packed += panelBytes * panelsOf * calledGroups;
    }
  });
  const bandAt = (PANELS_AT + packed + 2 * TILE_BYTES + 63) & -64;
  const pack = (kernels: WindowKernels, at: number, panels: number): void => {
    for (const { cells, h, at: start, panelBytes } of phases) {
      cells.forEach((cy, i) =>
        h.cells.forEach((cx, j) => {
          const cell = at + (cy * filters[1]! + cx) * filters[2]! * filters[3]! * bytes;
          const out = panels + start + (i * h.cells.length + j) * cellBytes;
          if (single) {
            kernels.copyLines({ from: cell, to: out, lines: 1, bytes: cellBytes, fromStep: 0, toStep: 0 });
            return;
          }
          for (let g = 0; g < groups; g++) {
            kernels.packRight({
              y: cell + g * filters[3]! / groups * bytes,
              yRow: filters[3]! * bytes,
              transpose: backward ? 1 : 0,
              depth,
              columns,
              out: out + g * panelsOf * panelBytes,
              panelBytes,
            });
          }
        })
      );
    }
  };
  const calls = phases.flatMap(({ h, panelBytes, parts }) =>
    parts.map((part) => ({ h, panelBytes, ...part }))
  );
  const hasEmpty = [...rows.flat(), ...sides].some(({ cells }) => cells.length === 0);
  const run: ConvolutionPlan["run"] = (kernels, x, y, out, scratch, begin = 0, end = target[0]!) => {
    if (begin >= end || target[1] === 0 || width === 0 || target[3] === 0) return;
    const imageBytes = target[1]! * width * targetPixel;
    if (from[3] === 0 || hasEmpty) {
      kernels.clear(out + begin * imageBytes, (end - begin) * imageBytes);
      if (from[3] === 0) return;
    }
    const panels = scratch + PANELS_AT, band = scratch + bandAt;
    pack(kernels, y, panels);
    source.clear(kernels, band);
    const height = Math.max(...rows.flat().map((part) => part.count));
    for (let n = begin; n < end; n++) {
      for (let line = 0; line < height; line += source.lines) {
        const origin = source.load(kernels, x, n, band, line);
        for (const { h, panelBytes, v, panel, isTurned } of calls) {
          const lines = Math.min(source.lines, v.count - line);
          if (lines <= 0 || v.cells.length * h.cells.length === 0) continue;
          const merged = groups === 1 && h.cellStep === 1;
          const along = {
            rows: h.count,
            xRow: h.sourceStep * source.pixel,
            outRow: h.outStep * targetPixel,
            lines,
            xLine: v.sourceStep * source.pitch,
            outLine: v.outStep * width * targetPixel,
          };
          const values: DirectArguments = {
            ...(isTurned ? turned(along) : along),
            x: origin + (v.base + line * v.sourceStep) * source.pitch + h.base * source.pixel,
            xDepth: bytes,
            depth: merged ? h.cells.length * depth : depth,
            inner: merged ? 1 : h.cells.length,
            xInner: h.cellStep * source.pixel,
            outer: v.cells.length,
            xOuter: v.cellStep * source.pitch,
            y: panels + panel,
            yDepth: TILE_BYTES,
            out: out + n * imageBytes + ((v.outStart + line * v.outStep) * width + h.outStart) * targetPixel,
            accumulate: 0,
            xTile: 0,
            yTile: panelBytes,
            columns,
            spare: scratch,
          };
          if (single) {
            kernels.columns({
              ...values,
              yDepth: targetPixel,
              xTile: TILE_BYTES,
              yTile: TILE_BYTES,
              columns: groups,
            });
            continue;
          }
          for (let g = 0; g < groups; g++) {
            kernels.direct(values);
            values.x += depth * bytes;
            values.y += panelsOf * panelBytes;
            values.out += columns * bytes;
          }
        }
      }
    }
  };
  return { scratchBytes: bandAt + source.bytes, parts: target[0]!, isPadded: source.padded, run };
}

/** Results that use the same cells across, and where the filters of these cells are packed. */
interface Phase {
  /** The cells along the window's height. */
  readonly cells: readonly number[];
  readonly h: AxisPart;
  readonly at: number;
  readonly panelBytes: number;
  readonly parts: readonly PhasePart[];
}

/** Some of these results: which cells along the height they use, and where their filters begin. */
interface PhasePart {
  readonly v: AxisPart;
  readonly panel: number;
  /** Whether the results below each other are the rows of the product, not those beside each other. */
  readonly isTurned: boolean;
}

/** Rows and lines of a product exchanged. */
function turned(
  { rows, xRow, outRow, lines, xLine, outLine }: Pick<
    DirectArguments,
    "rows" | "xRow" | "outRow" | "lines" | "xLine" | "outLine"
  >,
): Pick<DirectArguments, "rows" | "xRow" | "outRow" | "lines" | "xLine" | "outLine"> {
  return { rows: lines, xRow: xLine, outRow: outLine, lines: rows, xLine: xRow, outLine: outRow };
}

/** The gradient of the filters: products of the columns under the window with the output's cotangents. */
function planFilterGradient(layout: Layout): ConvolutionPlan {
  const { image, filters, result, geometry: { groups }, bytes } = layout;
  const [kernelHeight, kernelWidth, depth, outChannels] = filters as [number, number, number, number];
  const [batch, height, width] = result as [number, number, number];
  const v = forwardAxis(layout, 0), h = forwardAxis(layout, 1);
  const source = new Source(
    image,
    bytes,
    [v],
    [h],
    Math.max(1, Math.floor(DEPTH_BLOCK / Math.max(1, width))),
  );
  const columns = outChannels / groups;
  const single = groups > 1 && depth === 1 && columns === 1;
  const across = TILE_BYTES / bytes;
  const outPixel = outChannels * bytes;
  const cellBytes = depth * outPixel;
  /** Cells side by side in the image and in the filters are the rows of one product. */
  const merged = groups === 1 && h.cellStep === 1;
  const packs = !single && kernelHeight * kernelWidth * depth > FEW_ROWS;
  const panelBytes = source.lines * width * TILE_BYTES;
  const most = packs ? Math.ceil(columns / across) * panelBytes : 0;
  const bandAt = (PANELS_AT + most + 2 * TILE_BYTES + 63) & -64;
  /** Parts are columns of the filters, a few at a time, or groups. */
  const byColumns = groups === 1 || single;
  const run: ConvolutionPlan["run"] = (kernels, x, y, out, scratch, begin = 0, end = parts) => {
    if (begin >= end || kernelHeight * kernelWidth * depth === 0) return;
    const panels = scratch + PANELS_AT, band = scratch + bandAt;
    const firstColumn = byColumns ? begin * across : 0;
    const part = byColumns ? Math.min(end * across, outChannels) - firstColumn : columns;
    const [firstGroup, endGroup] = byColumns ? [0, 1] : [begin, end];
    if (batch === 0) {
      kernels.clear(out, kernelHeight * kernelWidth * cellBytes);
      return;
    }
    source.clear(kernels, band);
    let accumulate = 0;
    for (let n = 0; n < batch; n++) {
      for (let line = 0; line < height; line += source.lines) {
        const lines = Math.min(source.lines, height - line);
        const origin = source.load(kernels, x, n, band, line);
        for (let g = firstGroup; g < endGroup; g++) {
          const channel = (g * columns + firstColumn) * bytes;
          const cotangents = y + (n * height + line) * width * outPixel + channel;
          if (packs) {
            kernels.packRight({
              ...{ y: cotangents, yRow: outPixel, transpose: 0, depth: lines * width, columns: part },
              ...{ out: panels, panelBytes },
            });
          }
          const values: DirectArguments = {
            x: origin + (v.base + line * v.sourceStep) * source.pitch + h.base * source.pixel +
              (single ? firstColumn : g * depth) * bytes,
            rows: single ? kernelWidth : merged ? kernelWidth * depth : depth,
            xRow: single ? h.cellStep * source.pixel : bytes,
            xDepth: h.sourceStep * source.pixel,
            depth: width,
            inner: lines,
            xInner: v.sourceStep * source.pitch,
            outer: 1,
            xOuter: 0,
            y: packs ? panels : cotangents,
            yDepth: packs ? TILE_BYTES : outPixel,
            out: out + channel,
            outRow: outPixel,
            accumulate,
            xTile: single ? TILE_BYTES : 0,
            yTile: packs ? panelBytes : TILE_BYTES,
            columns: part,
            lines: kernelHeight,
            xLine: v.cellStep * source.pitch,
            outLine: kernelWidth * cellBytes,
            spare: scratch,
          };
          if (single) kernels.columns(values);
          else {
            for (let cell = 0; cell < (merged ? 1 : kernelWidth); cell++) {
              kernels.direct(values);
              values.x += h.cellStep * source.pixel;
              values.out += cellBytes;
            }
          }
        }
        accumulate = 1;
      }
    }
  };
  const parts = byColumns ? Math.ceil(outChannels / across) : groups;
  return { scratchBytes: bandAt + source.bytes, parts, isPadded: source.padded, run };
}
