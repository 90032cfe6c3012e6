import type { WindowGeometry } from "../../../array/neural/convolution.ts";
import type { Reading } from "./reading.ts";

type Pair = readonly [number, number];

/** How a window moves over images `[batch, channels, height, width]`, with their size after. */
export interface ReadWindow extends WindowGeometry {
  readonly window: Pair;
}

/** Attributes of one axis or two, as a pair: what has no height is one high. */
export function pairOf(r: Reading, name: string, otherwise: number, axes: number): Pair {
  const stated = r.integers(name) ?? new Array<number>(axes).fill(otherwise);
  return axes === 1 ? [otherwise, stated[0]!] : [stated[0]!, stated[1]!];
}

/**
 * Reads the attributes of what moves over images.
 *
 * @param kernel The window's lengths, of as many axes as the images have
 */
export function readWindow(r: Reading, kernel: readonly number[]): ReadWindow {
  const axes = kernel.length;
  const lengths = r.x.shape.slice(2);
  const window: Pair = axes === 1 ? [1, kernel[0]!] : [kernel[0]!, kernel[1]!];
  const size: Pair = axes === 1 ? [1, lengths[0]!] : [lengths[0]!, lengths[1]!];
  const strides = pairOf(r, "strides", 1, axes);
  const dilations = pairOf(r, "dilations", 1, axes);
  const [vertical, horizontal] = [0, 1].map((i) =>
    paddingOf(r, i, axes, size[i]!, (window[i]! - 1) * dilations[i]! + 1, strides[i]!)
  ) as [Pair, Pair];
  return { window, strides, dilations, padding: [...vertical, ...horizontal] };
}

/** Before and after one axis. */
function paddingOf(r: Reading, i: number, axes: number, length: number, reach: number, stride: number): Pair {
  const mode = r.text("auto_pad", "NOTSET");
  if (mode === "SAME_UPPER" || mode === "SAME_LOWER") {
    const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
    const less = Math.floor(total / 2);
    return mode === "SAME_UPPER" ? [less, total - less] : [total - less, less];
  }
  const [before, after] = statedPads(r, i, axes);
  if (!r.flag("ceil_mode")) return [before, after];
  // A window that starts inside of the image counts, too, if it ends after it.
  const rest = (length + before + after - reach) % stride;
  const starts = Math.ceil((length + before + after - reach) / stride) * stride < length + before;
  return [before, rest === 0 || !starts ? after : after + stride - rest];
}

/** The padding that is stated for one axis of two; an axis that is not there has none. */
export function statedPads(r: Reading, i: number, axes: number): Pair {
  const pads = r.integers("pads") ?? new Array<number>(2 * axes).fill(0);
  const axis = i - (2 - axes);
  return axis < 0 ? [0, 0] : [pads[axis]!, pads[axes + axis]!];
}
