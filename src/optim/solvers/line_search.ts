/** A point on the line that is searched. */
export interface LinePoint {
  /** How far along the direction. */
  readonly distance: number;
  /** The value of the function there. */
  readonly value: number;
  /** Its derivative along the direction. */
  readonly slope: number;
}

/** How much of the first slope the value must fall by (Armijo). */
const DECREASE = 1e-4;
/** How much of the first slope may remain. */
const CURVATURE = 0.9;
/** The error of a value, relative to its size, below which differences of values mean nothing. */
const NOISE = 1e-14;
const MAX_TRIALS = 50;

/**
 * Looks along a direction for a point that fulfils the strong Wolfe conditions: the value has fallen enough
 * and the slope is flat enough (Nocedal and Wright 2006, algorithms 3.5 and 3.6: widen until a minimum is
 * bracketed, then narrow by cubic interpolation). Where the values differ by rounding only, the slope decides
 * (Hager and Zhang 2005). Points with a value or slope that is not finite are backed off from.
 *
 * @param at Evaluates the function at a distance
 * @param start The point at distance 0, with a negative slope
 * @param first The distance to try first
 * @returns The point, or one that is merely lower if none was found in 50 trials, or undefined
 */
export function searchLine<P extends LinePoint>(
  at: (distance: number) => P,
  start: P,
  first: number,
): P | undefined {
  const limit = Math.abs(start.slope) * CURVATURE;
  let low = start;
  let high: P | undefined;
  let distance = first;
  let width = Infinity;
  for (let trial = 0; trial < MAX_TRIALS; trial++) {
    const point = at(distance);
    if (!isFinitePoint(point)) {
      high = point;
    } else if (isFallenInRounding(point, start)) {
      return point;
    } else if (
      point.value > start.value + DECREASE * distance * start.slope ||
      (low !== start && point.value >= low.value)
    ) {
      high = point;
    } else {
      if (Math.abs(point.slope) <= limit) return point;
      const towards = high === undefined ? 1 : high.distance - low.distance;
      if (point.slope * towards >= 0) high = low;
      low = point;
    }
    if (high === undefined) {
      distance *= 4;
      continue;
    }
    const before = width;
    width = Math.abs(high.distance - low.distance);
    if (width <= 1e-16 * Math.max(low.distance, high.distance)) break;
    distance = between(low, high, width > 0.66 * before);
  }
  return low !== start && low.value < start.value ? low : undefined;
}

function isFinitePoint({ value, slope }: LinePoint): boolean {
  return Number.isFinite(value) && Number.isFinite(slope);
}

/** The approximate Wolfe conditions: they hold where the strong ones do, up to rounding of the values. */
function isFallenInRounding(point: LinePoint, start: LinePoint): boolean {
  return Math.abs(point.value - start.value) <= NOISE * Math.abs(start.value) &&
    Math.abs(point.slope) <= (1 - 2 * DECREASE) * CURVATURE * Math.abs(start.slope);
}

/**
 * The next distance inside a bracket: where the cubic through both values and slopes is least, kept off the
 * ends; the middle if that narrows too slowly.
 */
function between(low: LinePoint, high: LinePoint, halve: boolean): number {
  const width = high.distance - low.distance;
  if (!isFinitePoint(high)) return low.distance + 0.1 * width;
  const d1 = low.slope + high.slope - 3 * (high.value - low.value) / width;
  const root = Math.sqrt(d1 * d1 - low.slope * high.slope);
  const share = 1 - (high.slope + Math.sign(width) * root - d1) /
      (high.slope - low.slope + 2 * Math.sign(width) * root);
  if (halve || !(share > 0 && share < 1)) return low.distance + 0.5 * width;
  return low.distance + Math.min(Math.max(share, 0.05), 0.95) * width;
}
