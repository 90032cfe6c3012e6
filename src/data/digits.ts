import { checkSize, readInteger, readNumber, readOptions } from "../_internal/readers/mod.ts";
import { NdArray } from "../array/nd_array.ts";
import { Draws } from "./_draws.ts";
import type { Examples } from "./split.ts";

/** How digits are made up. */
export interface DigitOptions {
  /** The number of pictures; 1,000 by default. */
  readonly count?: number;
  /** The pictures' height and width in pixels, at least 12; 28 by default. */
  readonly size?: number;
  /** The standard deviation of what is added to each pixel; 0.1 by default. */
  readonly noise?: number;
  /** The same seed gives the same pictures; 0 by default. */
  readonly seed?: number;
}

/** A stroke from one point to another, in a square from 0 to 1, y downwards. */
type Stroke = readonly [x0: number, y0: number, x1: number, y1: number];

/** Each digit as connected points; a list for each stroke of the pen. */
const PATHS: readonly (readonly (readonly (readonly [x: number, y: number])[])[])[] = [
  [[[0.5, 0], [0.85, 0.15], [0.95, 0.5], [0.85, 0.85], [0.5, 1], [0.15, 0.85], [0.05, 0.5], [0.15, 0.15], [
    0.5,
    0,
  ]]],
  [[[0.25, 0.2], [0.55, 0], [0.55, 1]]],
  [[[0.1, 0.25], [0.25, 0.05], [0.6, 0], [0.85, 0.2], [0.8, 0.45], [0.1, 1], [0.9, 1]]],
  [[[0.1, 0.1], [0.5, 0], [0.85, 0.2], [0.75, 0.42], [0.4, 0.48], [0.8, 0.56], [0.9, 0.8], [0.5, 1], [
    0.1,
    0.9,
  ]]],
  [[[0.7, 1], [0.7, 0], [0.05, 0.7], [0.95, 0.7]]],
  [[[0.85, 0], [0.2, 0], [0.15, 0.45], [0.6, 0.4], [0.9, 0.65], [0.8, 0.9], [0.45, 1], [0.1, 0.9]]],
  [[[0.75, 0], [0.3, 0.3], [0.1, 0.7], [0.3, 0.97], [0.7, 0.97], [0.88, 0.72], [0.65, 0.5], [0.2, 0.6]]],
  [[[0.1, 0], [0.9, 0], [0.4, 1]]],
  [[[0.5, 0.46], [0.2, 0.25], [0.5, 0], [0.8, 0.25], [0.5, 0.46], [0.1, 0.75], [0.5, 1], [0.9, 0.75], [
    0.5,
    0.46,
  ]]],
  [[[0.85, 0.35], [0.5, 0.5], [0.15, 0.3], [0.35, 0.03], [0.75, 0.05], [0.85, 0.35], [0.7, 1]]],
];

/**
 * Handwritten-looking digits, made up: strokes that are turned, slanted, scaled, shifted and drawn with pens of
 * different widths. Enough to try a convolutional network on where no file with digits is at hand.
 *
 * @param options Count, size, noise and seed
 * @returns Pictures of shape `[count, size, size, 1]` from 0 to 1, and digits of shape `[count]`, float32
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example
 * ```ts
 * import { makeDigits } from "@tapegrad/tapegrad/data";
 *
 * console.log(makeDigits({ count: 20 }).features.shape); // [20, 28, 28, 1]
 * ```
 */
export function makeDigits(options?: DigitOptions): Examples {
  const { count, size, noise, seed } = readOptions("makeDigits", options, {
    count: 1000,
    size: 28,
    noise: 0.1,
    seed: 0,
  });
  readInteger("makeDigits", "the option count", count, 1);
  readInteger("makeDigits", "the option size", size, 12, 1024);
  readNumber("makeDigits", "the option noise", noise, { min: 0, below: Infinity });
  readInteger("makeDigits", "the option seed", seed, 0);
  checkSize("makeDigits", [count, size, size, 1], 4);
  const draws = new Draws(seed);
  const pixels = size * size;
  const features = new Float32Array(count * pixels);
  const labels = new Float32Array(count);
  draws.order(count).forEach((row, i) => {
    const digit = i % 10;
    labels[row] = digit;
    paint(
      features.subarray(row * pixels, (row + 1) * pixels),
      size,
      place(digit, draws),
      draws.uniform(0.7, 1.4),
    );
    for (let k = row * pixels; k < (row + 1) * pixels; k++) {
      features[k] = Math.min(Math.max(features[k]! + noise * draws.normal(), 0), 1);
    }
  });
  return { features: new NdArray(features, [count, size, size, 1]), labels: new NdArray(labels, [count]) };
}

/** The strokes of a digit, somewhere near the middle of the unit square. */
function place(digit: number, draws: Draws): Stroke[] {
  const angle = draws.uniform(-0.22, 0.22);
  const slant = draws.uniform(-0.25, 0.25);
  const [width, height] = [draws.uniform(0.34, 0.5), draws.uniform(0.52, 0.68)];
  const [left, top] = [0.5 + draws.uniform(-0.1, 0.1), 0.5 + draws.uniform(-0.1, 0.1)];
  const move = ([x, y]: readonly [number, number]): [number, number] => {
    const u = (x - 0.5 + draws.uniform(-0.03, 0.03)) * width;
    const v = (y - 0.5 + draws.uniform(-0.03, 0.03)) * height;
    const slanted = u - slant * v;
    return [
      left + Math.cos(angle) * slanted - Math.sin(angle) * v,
      top + Math.sin(angle) * slanted + Math.cos(angle) * v,
    ];
  };
  return PATHS[digit]!.flatMap((path) => {
    const points = path.map(move);
    return points.slice(1).map((point, i): Stroke => [...points[i]!, ...point]);
  });
}

/** Draws strokes into a square picture, with soft edges; the pen is some pixels wide. */
function paint(picture: Float32Array, size: number, strokes: readonly Stroke[], pen: number): void {
  const radius = pen * size / 28;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let nearest = Infinity;
      for (const stroke of strokes) {
        nearest = Math.min(nearest, distance((j + 0.5) / size, (i + 0.5) / size, stroke));
      }
      picture[i * size + j] = Math.min(Math.max(1 + radius - nearest * size, 0), 1);
    }
  }
}

/** How far a point is from a stroke. */
function distance(x: number, y: number, [x0, y0, x1, y1]: Stroke): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}
