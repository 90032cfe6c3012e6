import { factorize, type QR } from "./pivoted_qr.ts";
import type { Journal, Limits, StopReason } from "./stopping.ts";
import { dampedStep } from "./trust_region.ts";
import { addScaled, allFinite, dot, maxNorm, norm } from "./vectors.ts";

/** The residuals at a point, and their derivatives. */
export interface Fit {
  /** The parameters. */
  readonly x: Float64Array;
  /** The residuals there. */
  readonly residuals: Float64Array;
  /** Their Euclidean length. */
  readonly length: number;
  /** The columns of their Jacobian. */
  readonly columns: readonly Float64Array[];
  /** The Jacobian factorised, with the residuals. */
  readonly qr: QR;
  /** The gradient of half the sum of squares. */
  readonly gradient: Float64Array;
  /** The relative error of the sum of squares, below which its changes mean nothing. */
  readonly noise: number;
}

/** What is fitted. */
export interface Problem {
  /** The residuals at a point. */
  residuals(x: Float64Array): Float64Array;
  /** The columns of their Jacobian. */
  columns(x: Float64Array): Float64Array[];
}

/** The first radius, times the scaled length of the start. */
const FIRST_RADIUS = 100;
/** The least share of the expected decrease that makes a step worth taking. */
const ACCEPT = 1e-4;

/** Differentiates the residuals at a point; undefined if the Jacobian is not finite. */
export function linearize(problem: Problem, x: Float64Array, residuals: Float64Array): Fit | undefined {
  const columns = problem.columns(x);
  if (!columns.every(allFinite)) return undefined;
  const length = norm(residuals);
  // What rounding of the parameters alone does to the residuals.
  const error = Number.EPSILON * norm(x.map((value, j) => value * norm(columns[j]!)));
  return {
    x,
    residuals,
    length,
    columns,
    qr: factorize(columns.map((column) => column.slice()), residuals.slice()),
    gradient: Float64Array.from(columns, (column) => dot(column, residuals)),
    noise: Math.min(1e-13 + 4 * error / length, 0.01),
  };
}

/**
 * Minimises a sum of squares by the method of Levenberg and Marquardt in the form of More (1978), as in
 * MINPACK's lmder: a trust region scaled by the longest columns of the Jacobian seen so far. Where sums of
 * squares differ by rounding only, the gradient decides whether a step is taken.
 *
 * @param start Where to start, linearised
 */
export function levenbergMarquardt(
  problem: Problem,
  start: Fit,
  limits: Limits,
  journal: Journal,
): { readonly fit: Fit; readonly reason: StopReason } {
  let fit = start;
  const region = new Region(start);
  const note = (iteration: number, step: number): boolean =>
    journal.add(
      { iteration, value: 0.5 * fit.length ** 2, gradientNorm: maxNorm(fit.gradient), step },
      fit.x,
    );
  note(0, 0);
  let flattest = largestCosine(fit);
  for (let iteration = 1;; iteration++) {
    if (largestCosine(fit) <= limits.gradientTolerance) return { fit, reason: "gradient within tolerance" };
    if (iteration > limits.maxIterations) return { fit, reason: "maximal number of iterations reached" };
    region.rescale(fit);
    for (let taken = false; !taken;) {
      const trial = region.propose(fit, problem);
      const next = judge(problem, fit, trial);
      taken = next !== undefined;
      region.adapt(trial, taken);
      if (next !== undefined) {
        const isNoise = Math.abs(trial.decrease) <= fit.noise;
        fit = next;
        if (note(iteration, norm(trial.step))) return { fit, reason: "stopped by callback" };
        // A decrease that may be rounding counts only with a gradient flatter than any before, or steps could go in circles.
        const cosine = largestCosine(fit);
        if (isNoise && !isFlatter(cosine, flattest)) {
          return { fit, reason: "change of value within tolerance" };
        }
        flattest = Math.min(flattest, cosine);
      }
      const change = Math.max(trial.expected, trial.inRounding ? 0 : Math.abs(trial.decrease));
      if ((trial.inRounding && !taken) || (change <= limits.valueTolerance && trial.ratio <= 2)) {
        return { fit, reason: "change of value within tolerance" };
      }
      const still = !taken && trial.x.every((value, i) => value === fit.x[i]);
      if (still || region.radius <= limits.stepTolerance * region.lengthOf(fit.x)) {
        return { fit, reason: "step within tolerance" };
      }
    }
  }
}

/** A step that may be taken. */
interface Trial {
  readonly step: Float64Array;
  /** Its scaled length. */
  readonly moved: number;
  readonly x: Float64Array;
  readonly residuals: Float64Array;
  /** The decrease of the sum of squares that the linear model expects, relative to the sum. */
  readonly expected: number;
  /** The derivative of that along the step. */
  readonly slope: number;
  /** The decrease found; -1 if the sum has grown out of bounds. */
  readonly decrease: number;
  /** The decrease found, divided by the one expected. */
  readonly ratio: number;
  /** Whether both are too small to be told from rounding. */
  readonly inRounding: boolean;
}

/** The next point, linearised, if the trial is worth taking. */
function judge(problem: Problem, fit: Fit, trial: Trial): Fit | undefined {
  if (!trial.inRounding && !(trial.ratio >= ACCEPT)) return undefined;
  const next = linearize(problem, trial.x, trial.residuals);
  if (next === undefined || !trial.inRounding) return next;
  return isFlatter(largestCosine(next), largestCosine(fit)) ? next : undefined;
}

/** Whether one gradient is flatter than another by more than rounding. */
function isFlatter(cosine: number, before: number): boolean {
  return cosine < 0.95 * before;
}

/** Where the linear model is trusted. */
class Region {
  /** The largest scaled length of a step. */
  radius: number;
  #damping = 0;
  #first = true;
  readonly #scale: Float64Array;

  constructor({ x, columns }: Fit) {
    this.#scale = Float64Array.from(columns, (column) => norm(column) || 1);
    this.radius = FIRST_RADIUS * (this.lengthOf(x) || 1);
  }

  /** The scaled length of a vector. */
  lengthOf(x: Float64Array): number {
    return norm(x.map((value, i) => value * this.#scale[i]!));
  }

  /** Takes note of columns that have become longer. */
  rescale({ columns }: Fit): void {
    columns.forEach((column, j) => this.#scale[j] = Math.max(this.#scale[j]!, norm(column)));
  }

  /** The best step inside the region, tried out. */
  propose(fit: Fit, problem: Problem): Trial {
    const { step, damping } = dampedStep(fit.qr, this.#scale, this.radius, this.#damping);
    this.#damping = damping;
    const moved = this.lengthOf(step);
    const x = addScaled(fit.x, 1, step);
    const residuals = problem.residuals(x);
    const length = norm(residuals);
    const linear = (linearChange(fit, step) / fit.length) ** 2;
    const damped = damping * (moved / fit.length) ** 2;
    const expected = linear + 2 * damped;
    // As in MINPACK, a sum ten times as long is as bad as one that is not finite.
    const decrease = 0.1 * length < fit.length
      ? (fit.length - length) / fit.length * ((fit.length + length) / fit.length)
      : -1;
    const ratio = expected === 0 ? 0 : decrease / expected;
    const inRounding = Math.abs(decrease) <= fit.noise && expected <= fit.noise;
    return { step, moved, x, residuals, expected, slope: -(linear + damped), decrease, ratio, inRounding };
  }

  /** Shrinks or widens the region. */
  adapt({ moved, slope, decrease, ratio, inRounding }: Trial, taken: boolean): void {
    if (this.#first) this.radius = Math.min(this.radius, moved);
    this.#first = this.#first && !taken;
    if (inRounding) return;
    if (ratio <= 0.25 || !taken) {
      // The least point of the parabola through both values and the slope, if that lies far enough off.
      const least = decrease >= 0 ? 0.5 : 0.5 * slope / (slope + 0.5 * decrease);
      const shrink = decrease === -1 || !(least >= 0.1) ? 0.1 : least;
      this.radius = shrink * Math.min(this.radius, moved / 0.1);
      this.#damping /= shrink;
    } else if (this.#damping === 0 || ratio >= 0.75) {
      this.radius = moved / 0.5;
      this.#damping *= 0.5;
    }
  }
}

/** How far the residuals would change along a step if they were linear. */
function linearChange({ qr: { r, pivots } }: Fit, step: Float64Array): number {
  const n = pivots.length;
  const change = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) change[i]! += r[i * n + j]! * step[pivots[j]!]!;
  }
  return norm(change);
}

/** The largest cosine of the angle between the residuals and a column of the Jacobian. */
function largestCosine({ length, columns, gradient }: Fit): number {
  if (length === 0) return 0;
  let largest = 0;
  columns.forEach((column, j) => {
    const size = norm(column);
    if (size > 0) largest = Math.max(largest, Math.abs(gradient[j]!) / length / size);
  });
  return largest;
}
