import { message } from "../../_internal/message.ts";
import { NdArray } from "../../array/nd_array.ts";
import type { Gradient, Lowered } from "../../transforms/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { evaluateResiduals, jacobianColumns, refuseNesting, type UserFunction } from "./derivatives.ts";
import { type Fit, levenbergMarquardt, linearize, type Problem } from "./levenberg_marquardt.ts";
import { inverseOfNormal } from "./pivoted_qr.ts";
import { Journal, type Limits, readLimits, type SearchSummary, type StopOptions } from "./stopping.ts";
import { tryPoint } from "./trial_points.ts";
import { Unknowns } from "./unknowns.ts";

/** Options of {@linkcode leastSquares}. */
export interface LeastSquaresOptions<X = unknown> extends StopOptions<X> {
  /** 1000 by default. */
  readonly maxIterations?: number;
  /**
   * Converged if the cosine of the angle between the residuals and each column of the Jacobian is no larger;
   * 1e-15 by default.
   */
  readonly gradientTolerance?: number;
  /**
   * Converged if a step is expected to decrease the sum of squares by no more than this, times the sum, and
   * does not change it more, but for rounding; 1e-20 by default.
   */
  readonly valueTolerance?: number;
  /** Converged if no longer steps than this, times the scaled length of x, are trusted; 1e-14 by default. */
  readonly stepTolerance?: number;
}

/** What {@linkcode leastSquares} found. */
export interface LeastSquaresResult<X> extends SearchSummary {
  /** The parameters, in the form of the start. */
  readonly x: X;
  /** Half the sum of the squared residuals. */
  readonly cost: number;
  /** The residuals, shape `[m]`. */
  readonly residuals: NdArray;
  /** Their Jacobian, shape `[m, n]`, with the numbers of x in order. */
  readonly jacobian: NdArray;
  /** The gradient of the cost, in the form of the start. */
  readonly gradient: X;
  /**
   * The covariance of the parameters, shape `[n, n]`: `s^2 (J^T J)^-1` with the residual variance
   * `s^2 = 2 cost / (m - n)`. Null if m = n, or if the Jacobian has not full rank to rounding.
   */
  readonly covariance: NdArray | null;
  /** The roots of its diagonal, in the form of the start; null if it is. */
  readonly standardErrors: X | null;
  /** How often the residuals were computed, without the Jacobians. */
  readonly evaluations: number;
}

const DEFAULTS: Limits = {
  maxIterations: 1000,
  gradientTolerance: 1e-15,
  valueTolerance: 1e-20,
  stepTolerance: 1e-14,
};

/**
 * Fits parameters so that the sum of squared residuals is least, in float64: by the method of Levenberg and
 * Marquardt (More 1978, as in MINPACK's lmder), with the Jacobian by differentiation and QR factorisation.
 * Points where residuals or Jacobian are not finite, or f throws anything but a
 * TypeError, are backed off from. Fitting a model to data by this is
 * non-linear regression.
 *
 * @param residuals Returns the residuals, a Variable of shape `[m]`; must not be async
 * @param x0 Where to start: a number, an array, or a tree of them, with n numbers, n <= m
 * @param options Limits and callback
 * @returns The parameters in the form of `x0`, with standard errors; look at `converged` and `reason`
 * @throws {TypeError} If the residuals are no Variable of rank 1, or fewer than the parameters, or x0 holds no
 *   numbers, or they depend on what an enclosing {@linkcode grad} differentiates by
 * @throws {RangeError} If x0, or the residuals or their Jacobian there, are not finite, or an option is out of
 *   range
 *
 * @example
 * ```ts
 * import { constant, type Variable } from "@tapegrad/tapegrad";
 * import { leastSquares } from "@tapegrad/tapegrad/optim";
 *
 * const t = constant([0, 1, 2, 3]);
 * const y = [2, 1.2, 0.75, 0.44];
 * const { x } = leastSquares(
 *   ({ a, k }: { a: Variable; k: Variable }) => a.mul(t.mul(k).neg().exp()).sub(y),
 *   { a: 1, k: 1 },
 * );
 * console.log(x.a.toFixed(4), x.k.toFixed(4)); // 1.9971 0.4998
 * ```
 */
export function leastSquares<P, B extends Lowered<P>>(
  residuals: (x: P) => Variable,
  x0: B,
  options?: LeastSquaresOptions<Gradient<B>>,
): LeastSquaresResult<Gradient<B>>;
/** From Variables. */
export function leastSquares<P>(
  residuals: (x: P) => Variable,
  x0: P,
  options?: LeastSquaresOptions<P>,
): LeastSquaresResult<P>;
export function leastSquares(
  f: UserFunction,
  x0: unknown,
  options: LeastSquaresOptions<never> = {},
): LeastSquaresResult<unknown> {
  const limits = readLimits("leastSquares", f, options as LeastSquaresOptions, DEFAULTS);
  const unknowns = new Unknowns("leastSquares", x0);
  refuseNesting("leastSquares", f, unknowns);
  let evaluations = 0;
  let count = -1;
  const problem: Problem = {
    residuals: (x) => {
      evaluations++;
      if (count < 0) {
        const residuals = evaluateResiduals(f, unknowns, x);
        count = residuals.length;
        return residuals;
      }
      const residuals = tryPoint(() => evaluateResiduals(f, unknowns, x), new Float64Array(count).fill(NaN));
      if (residuals.length !== count) throw differentCount(count, residuals.length);
      return residuals;
    },
    columns: (x) =>
      x === unknowns.start
        ? jacobianColumns(f, unknowns, x)
        : tryPoint(() => jacobianColumns(f, unknowns, x), [new Float64Array([NaN])]),
  };
  const journal = new Journal(options.callback, (x) => unknowns.restore(x));
  const { fit, reason } = levenbergMarquardt(problem, firstFit(problem, unknowns), limits, journal);
  const covariance = covarianceOf(fit);
  const errors = covariance?.data.filter((_, i) => i % (unknowns.size + 1) === 0).map(Math.sqrt);
  return {
    x: unknowns.restore(fit.x),
    cost: 0.5 * fit.length ** 2,
    residuals: new NdArray(fit.residuals),
    jacobian: jacobianOf(fit),
    gradient: unknowns.restore(fit.gradient),
    covariance,
    standardErrors: errors === undefined ? null : unknowns.restore(errors as Float64Array),
    evaluations,
    ...journal.summarize(reason),
  };
}

function firstFit(problem: Problem, { start, size }: Unknowns): Fit {
  const residuals = problem.residuals(start);
  if (residuals.length < size) {
    throw new TypeError(
      message`Cannot fit by least squares: ${residuals.length} residuals don't determine
      ${size} parameters, use more data or fewer parameters`,
    );
  }
  const wrong = residuals.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new RangeError(
      message`Cannot start leastSquares() from x0: residual ${wrong} is
      ${residuals[wrong]} there, start where all are finite`,
    );
  }
  const fit = linearize(problem, start, residuals);
  if (fit !== undefined) return fit;
  throw new RangeError(
    "Cannot start leastSquares() from x0: the Jacobian of the residuals is not finite there, start where it is",
  );
}

function differentCount(before: number, now: number): TypeError {
  return new TypeError(
    message`Cannot fit by least squares: residuals returned ${before} numbers, then
    ${now}; return the same number at every point`,
  );
}

function jacobianOf({ columns, residuals }: Fit): NdArray {
  const [m, n] = [residuals.length, columns.length];
  const data = new Float64Array(m * n);
  columns.forEach((column, j) => column.forEach((value, i) => data[i * n + j] = value));
  return new NdArray(data, [m, n]);
}

function covarianceOf({ columns, length, residuals, x }: Fit): NdArray | null {
  const [m, n] = [residuals.length, x.length];
  const inverse = m > n ? inverseOfNormal(columns) : undefined;
  if (inverse === undefined) return null;
  return new NdArray(inverse.map((value) => value * length ** 2 / (m - n)), [n, n]);
}
