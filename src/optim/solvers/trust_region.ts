import { appendDiagonal, type QR, solveLower, solveUpper } from "./pivoted_qr.ts";
import { dot, norm } from "./vectors.ts";

/** A step of Levenberg and Marquardt. */
export interface DampedStep {
  /** The step, in the order of the parameters. */
  readonly step: Float64Array;
  /** The damping: `(J^T J + damping D^2) step = -J^T r`. */
  readonly damping: number;
}

/**
 * The step that decreases the linearised sum of squares most while `|D step|` stays within the radius, to a
 * tenth (More 1978, "The Levenberg-Marquardt algorithm: implementation and theory", section 5).
 *
 * @param qr Of the Jacobian and the residuals
 * @param scale The diagonal of D, in the order of the parameters
 * @param damping The last damping, to start from
 */
export function dampedStep(qr: QR, scale: Float64Array, radius: number, damping: number): DampedStep {
  const { r, pivots, qtb } = qr;
  const n = pivots.length;
  const d = Float64Array.from(pivots, (k) => scale[k]!);
  const times = (x: Float64Array): Float64Array => x.map((value, i) => value * d[i]!);
  const finish = (x: Float64Array, damping: number): DampedStep => {
    const step = new Float64Array(n);
    pivots.forEach((k, i) => step[k] = -x[i]!);
    return { step, damping };
  };

  // The Gauss-Newton step, if the region holds it.
  let x = solveUpper(r, qtb);
  let scaledStep = times(x);
  let length = norm(scaledStep);
  let excess = length - radius;
  if (excess <= 0.1 * radius) return finish(x, 0);

  // Bounds of the damping: Newton's method from 0, and the gradient.
  let low = 0;
  if (isRegular(r, n)) {
    const q = solveLower(r, times(scaledStep.map((value) => value / length)));
    low = excess / radius / dot(q, q);
  }
  const gradient = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i <= j; i++) gradient[j]! += r[i * n + j]! * qtb[i]!;
    gradient[j]! /= d[j]!;
  }
  let high = norm(gradient) / radius || Number.MIN_VALUE / Math.min(radius, 0.1);
  damping = Math.min(Math.max(damping, low), high) || norm(gradient) / length;

  for (let trial = 1;; trial++) {
    if (damping === 0) damping = Math.max(Number.MIN_VALUE, 0.001 * high);
    const root = Math.sqrt(damping);
    const augmented = appendDiagonal(qr, d.map((value) => root * value));
    x = solveUpper(augmented.r, augmented.qtb);
    scaledStep = times(x);
    length = norm(scaledStep);
    const before = excess;
    excess = length - radius;
    const settled = low === 0 && excess <= before && before < 0;
    if (Math.abs(excess) <= 0.1 * radius || settled || trial === 10) return finish(x, damping);
    const q = solveLower(augmented.r, times(scaledStep.map((value) => value / length)));
    const correction = excess / radius / dot(q, q);
    if (excess > 0) low = Math.max(low, damping);
    else high = Math.min(high, damping);
    damping = Math.max(low, damping + correction);
  }
}

function isRegular(r: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) if (r[i * n + i] === 0) return false;
  return true;
}
