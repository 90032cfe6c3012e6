/** The results of a convolution in parts: those near the border use fewer cells of the window than the others. */
import type { Shape } from "../../array/shape.ts";
import type { Axis } from "./convolution_source.ts";

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
