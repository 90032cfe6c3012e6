/** What the results of a convolution look at, and in which parts: those near the border use fewer cells. */
import type { ConvolutionGeometry } from "../../array/neural/convolution.ts";
import type { Shape } from "../../array/shape.ts";
import type { WindowKernels } from "./library.ts";
import { TILE_BYTES } from "./parameters.ts";

/** Bytes of a band of padded rows, if one row of results needs no more. */
const BAND_BYTES = 1 << 18;

/** How results along one axis, or every so many of them, come from a source. */
export interface Axis {
  /** The first result and the distance to the next. */
  readonly outStart: number;
  readonly outStep: number;
  readonly count: number;
  /** Where in the source the first result begins to look, and how far on the next one does. */
  readonly base: number;
  readonly sourceStep: number;
  /** The cells of the window that are used, in the order of the source, and the distance of what they look at. */
  readonly cells: readonly number[];
  readonly cellStep: number;
}

/** The shapes of a convolution. */
export interface Layout {
  readonly image: Shape;
  readonly filters: Shape;
  readonly result: Shape;
  readonly geometry: ConvolutionGeometry;
  readonly bytes: number;
}

/** The axis along which a window moves over an image. */
export function forwardAxis({ filters, result, geometry }: Layout, axis: 0 | 1): Axis {
  return {
    outStart: 0,
    outStep: 1,
    count: result[axis + 1]!,
    base: -geometry.padding[2 * axis]!,
    sourceStep: geometry.strides[axis],
    cells: Array.from({ length: filters[axis]! }, (_, i) => i),
    cellStep: geometry.dilations[axis],
  };
}

/**
 * The axes along which gradients come back to an image. With a stride, every so many pixels are seen by the same
 * cells of the window, so these pixels together are a convolution of their own, with the window reversed.
 */
export function backwardAxes({ image, filters, geometry }: Layout, axis: 0 | 1): Axis[] {
  const stride = geometry.strides[axis],
    dilation = geometry.dilations[axis],
    before = geometry.padding[2 * axis]!;
  const axes: Axis[] = [];
  for (let outStart = 0; outStart < Math.min(stride, image[axis + 1]!); outStart++) {
    const all = Array.from({ length: filters[axis]! }, (_, i) => filters[axis]! - 1 - i);
    const cells = all.filter((cell) => (outStart + before - cell * dilation) % stride === 0);
    const lookAt = cells.map((cell) => (outStart + before - cell * dilation) / stride);
    axes.push({
      outStart,
      outStep: stride,
      count: Math.ceil((image[axis + 1]! - outStart) / stride),
      base: lookAt[0] ?? 0,
      sourceStep: 1,
      cells,
      cellStep: lookAt.length > 1 ? lookAt[1]! - lookAt[0]! : 1,
    });
  }
  return axes;
}

/** The first and the last place of the source that some results look at, from the one given on. */
function reach(axes: readonly Axis[], from: number, count: number): [number, number] {
  let first = Infinity, last = -Infinity;
  for (const { base, sourceStep, cells, cellStep, count: all } of axes) {
    const end = Math.min(from + count, all);
    if (cells.length === 0 || end <= from) continue;
    first = Math.min(first, base + from * sourceStep);
    last = Math.max(last, base + (end - 1) * sourceStep + (cells.length - 1) * cellStep);
  }
  return first > last ? [0, 0] : [first, last];
}

/** The rows of a source as the kernels see them: where they lie, or as a band with zeros around. */
export class Source {
  readonly pixel: number;
  readonly pitch: number;
  readonly padded: boolean;
  /** How many rows of results are computed from one band. */
  readonly lines: number;
  readonly bytes: number;
  readonly #left: number;

  constructor(
    readonly shape: Shape,
    bytesOfElement: number,
    readonly vertical: readonly Axis[],
    horizontal: readonly Axis[],
    mostLines: number,
  ) {
    const [, height, width, channels] = shape as [number, number, number, number];
    this.pixel = channels * bytesOfElement;
    const count = Math.max(1, ...vertical.map((axis) => axis.count));
    const [first, last] = reach(vertical, 0, count);
    const [left, right] = reach(horizontal, 0, Math.max(1, ...horizontal.map((axis) => axis.count)));
    this.padded = first < 0 || last >= height || left < 0 || right >= width;
    this.#left = Math.min(0, left);
    this.pitch = (this.padded ? Math.max(width - 1, right) - this.#left + 1 : width) * this.pixel;
    const step = Math.max(1, ...vertical.map((axis) => axis.sourceStep));
    const [one, other] = reach(vertical, 0, 1);
    const fitting = Math.floor((BAND_BYTES / this.pitch - (other - one + 1)) / step) + 1;
    this.lines = Math.max(1, Math.min(mostLines, count, this.padded ? fitting : Infinity));
    // Axes may end at different rows, so a band reaches at most as far as one of full length does.
    this.bytes = this.padded ? (other - one + 1 + (this.lines - 1) * step) * this.pitch + 2 * TILE_BYTES : 0;
  }

  /** Makes the room for bands all zero; only pixels of the image are written to it later. */
  clear(kernels: WindowKernels, band: number): void {
    if (this.padded) kernels.clear(band, this.bytes);
  }

  /** Brings what `lines` rows of results look at, and returns where row 0 and column 0 would be. */
  load(kernels: WindowKernels, start: number, image: number, band: number, from: number): number {
    const [, height, width] = this.shape as [number, number, number];
    const row = width * this.pixel;
    const origin = start + image * height * row;
    if (!this.padded) return origin;
    const [first, last] = reach(this.vertical, from, this.lines);
    const begin = Math.max(0, first), end = Math.min(height - 1, last);
    if (begin > end) kernels.clear(band, (last - first + 1) * this.pitch);
    else {
      if (first < begin) kernels.clear(band, (begin - first) * this.pitch);
      if (end < last) kernels.clear(band + (end + 1 - first) * this.pitch, (last - end) * this.pitch);
      kernels.copyLines({
        from: origin + begin * row,
        to: band + (begin - first) * this.pitch - this.#left * this.pixel,
        lines: end - begin + 1,
        bytes: row,
        fromStep: row,
        toStep: this.pitch,
      });
    }
    return band - first * this.pitch - this.#left * this.pixel;
  }
}

/** Some results of an axis that use the same cells of the window: all, or those that look at the source there. */
export interface AxisPart extends Axis {
  /** Which cell of the axis is the first that is used. */
  readonly firstCell: number;
}

/** Axes in more parts than this are not worth the calls. */
const MOST_PARTS = 7;
/** So much more work than with zeros around the image costs no more than copying it and looking for infinities. */
const MOST_EXTRA = 1.03;
/** About how many steps of one row along the depth a call of the kernel, and a block of its rows, cost beside these. */
const CALL_STEPS = 1000;
const BLOCK_STEPS = 40;
/** The same for packing the filters of a step for one panel. */
const PACK_STEPS = 6;

/** What the products of a convolution are like: see {@linkcode partsOf}. */
export interface ProductCosts {
  readonly images: number;
  /** Channels that are multiplied with each cell. */
  readonly depth: number;
  /** Panels of filters, and calls for them, of all groups. */
  readonly panels: number;
  readonly calls: number;
  /** Whether there are blocks of six rows. */
  readonly hasSix: boolean;
}

/**
 * The parts in which results are computed: those near the border apart, without the cells that are beyond it, or
 * all together, if zeros around the image are less work.
 */
export function partsOf(
  vertical: readonly Axis[],
  horizontal: readonly Axis[],
  [, height, width]: Shape,
  { images, depth, panels, calls, hasSix }: ProductCosts,
): { rows: readonly (readonly AxisPart[])[]; across: readonly AxisPart[] } {
  const whole = { rows: vertical.map((axis) => [wholePart(axis)]), across: horizontal.map(wholePart) };
  const inside = {
    rows: vertical.map((axis) => partsInside(axis, height!)),
    across: horizontal.flatMap((axis) => partsInside(axis, width!)),
  };
  const isShort = inside.across.length <= MOST_PARTS * horizontal.length &&
    inside.rows.every((parts) => parts.length <= MOST_PARTS);
  const lineSteps = (rows: number, steps: number): number => {
    const padded = tileRows(rows, hasSix);
    return padded * steps + Math.ceil(padded / 6) * BLOCK_STEPS;
  };
  const workOf = ({ rows, across }: typeof whole): number => {
    let sum = 0;
    for (const v of rows.flat()) {
      for (const h of across) {
        const steps = v.cells.length * h.cells.length * depth;
        const least = Math.min(v.count * lineSteps(h.count, steps), h.count * lineSteps(v.count, steps));
        sum += panels * least + calls * CALL_STEPS;
      }
    }
    const cells = vertical.reduce((all, axis) => all + axis.cells.length, 0);
    const packed = across.reduce((all, h) => all + h.cells.length, 0) * cells * depth * panels;
    return images * sum + PACK_STEPS * packed;
  };
  return isShort && workOf(inside) <= MOST_EXTRA * workOf(whole) ? inside : whole;
}

/** How many rows the blocks of a product of some rows have: six as long as five are left, then four. */
export function tileRows(rows: number, hasSix: boolean): number {
  const six = hasSix ? Math.floor((rows + 1) / 6) : 0;
  return 6 * six + 4 * Math.ceil(Math.max(0, rows - 6 * six) / 4);
}

/** An axis as a single part: it may look beyond the source, where zeros have to be. */
function wholePart(axis: Axis): AxisPart {
  return { ...axis, firstCell: 0 };
}

/** An axis in parts that never look beyond a source of some length. */
function partsInside(axis: Axis, length: number): AxisPart[] {
  const { outStart, outStep, base, sourceStep, cells, cellStep } = axis;
  const parts: (AxisPart & { count: number })[] = [];
  for (let i = 0; i < axis.count; i++) {
    const at = base + i * sourceStep;
    const isInside = (_: number, k: number): boolean => at + k * cellStep >= 0 && at + k * cellStep < length;
    const firstCell = Math.max(0, cells.findIndex(isInside));
    const used = cells.filter(isInside);
    const last = parts.at(-1);
    if (last?.firstCell === firstCell && last.cells.length === used.length) last.count++;
    else {
      parts.push({
        ...{ outStart: outStart + i * outStep, outStep, count: 1, sourceStep, cellStep, firstCell },
        ...{ base: at + firstCell * cellStep, cells: used },
      });
    }
  }
  return parts;
}
