import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import type { Gradient, Lowered } from "../../transforms/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import {
  evaluate,
  type Evaluation,
  hessianProduct,
  refuseNesting,
  type UserFunction,
} from "./derivatives.ts";
import { type DirectionRule, lbfgs } from "./lbfgs.ts";
import { type LinePoint, searchLine } from "./line_search.ts";
import { newtonCG } from "./newton_cg.ts";
import {
  Journal,
  type Limits,
  readLimits,
  type SearchSummary,
  type StopOptions,
  type StopReason,
} from "./stopping.ts";
import { tryPoint } from "./trial_points.ts";
import { Unknowns } from "./unknowns.ts";
import { addScaled, allFinite, dot, maxNorm, norm, scaled } from "./vectors.ts";

/** Options of {@linkcode minimize}. */
export interface MinimizeOptions<X = unknown> extends StopOptions<X> {
  /** `"lbfgs"` (the default), or `"newton-cg"`, which also uses products of the Hessian and vectors. */
  readonly method?: "lbfgs" | "newton-cg";
  /** How many steps L-BFGS remembers; 10 by default. */
  readonly historySize?: number;
  /** 10000 by default. */
  readonly maxIterations?: number;
  /** Converged if no number in the gradient is larger; 1e-8 by default, less for a function of small values. */
  readonly gradientTolerance?: number;
  /** Converged if 5 iterations lower the value by no more than this, times the value; 1e-15 by default. */
  readonly valueTolerance?: number;
  /** Converged if 5 steps are no longer than this, times the length of the point; 1e-15 by default. */
  readonly stepTolerance?: number;
}

/** What {@linkcode minimize} found. */
export interface MinimizeResult<X> extends SearchSummary {
  /** The last point, in the form of the start. */
  readonly x: X;
  /** The value there. */
  readonly value: number;
  /** The gradient there, in the form of the start. */
  readonly gradient: X;
  /** How often the function was differentiated: for each gradient and each product with the Hessian. */
  readonly evaluations: number;
}

const DEFAULTS: Limits = {
  maxIterations: 10000,
  gradientTolerance: 1e-8,
  valueTolerance: 1e-15,
  stepTolerance: 1e-15,
};

/** A single small change may be a step across a narrow valley: only so many in a row mean that the search is over. */
const WINDOW = 5;

/** A point of the search, on the line that led to it. */
interface Point extends LinePoint, Evaluation {
  readonly x: Float64Array;
}

/**
 * Finds a local minimum of a smooth function of any number of variables, in float64: by L-BFGS (Nocedal
 * 1980) or truncated Newton (Nocedal and Wright 2006, algorithm 7.1), both with a line search for the strong
 * Wolfe conditions. Points where the function is not finite, or throws anything but a TypeError, are
 * backed off from.
 *
 * @param f Returns a rank-0 Variable; must not be async
 * @param x0 Where to start: a number, an array, or a tree of them, as {@linkcode grad} takes it
 * @param options Method, limits and callback
 * @returns The point in the form of `x0`, and how the search went; look at `converged` and `reason`
 * @throws {TypeError} If f is no function or returns anything but a rank-0 Variable, or x0 holds no numbers, or
 *   f depends on what an enclosing {@linkcode grad} differentiates by
 * @throws {RangeError} If x0, or f or its gradient there, is not finite, or an option is out of range
 *
 * @example
 * ```ts
 * import type { Variable } from "@tapegrad/tapegrad";
 * import { minimize } from "@tapegrad/tapegrad/optim";
 *
 * const rosenbrock = ({ x, y }: { x: Variable; y: Variable }) =>
 *   x.sub(1).square().add(y.sub(x.square()).square().mul(100));
 * const { x, converged } = minimize(rosenbrock, { x: -1.2, y: 1 });
 * console.log(x.x.toFixed(6), x.y.toFixed(6), converged); // 1.000000 1.000000 true
 * ```
 */
export function minimize<P, B extends Lowered<P>>(
  f: (x: P) => Variable | number,
  x0: B,
  options?: MinimizeOptions<Gradient<B>>,
): MinimizeResult<Gradient<B>>;
/** From Variables. */
export function minimize<P>(
  f: (x: P) => Variable | number,
  x0: P,
  options?: MinimizeOptions<P>,
): MinimizeResult<P>;
export function minimize(
  f: UserFunction,
  x0: unknown,
  options: MinimizeOptions<never> = {},
): MinimizeResult<unknown> {
  const limits = readLimits("minimize", f, options as MinimizeOptions, DEFAULTS, ["method", "historySize"]);
  const unknowns = new Unknowns("minimize", x0);
  refuseNesting("minimize", f, unknowns);
  let evaluations = 0;
  const nowhere = new Float64Array(unknowns.size).fill(NaN);
  const pointOf = (
    { value, gradient }: Evaluation,
    x: Float64Array,
    distance: number,
    direction: Float64Array,
  ): Point => ({ x, value, gradient, distance, slope: dot(gradient, direction) });
  const at = (x: Float64Array, distance: number, direction: Float64Array): Point => {
    evaluations++;
    const found = tryPoint(() => evaluate(f, unknowns, x), { value: NaN, gradient: nowhere });
    return pointOf(found, x, distance, direction);
  };
  const rule = makeRule(options, (x, v) => {
    evaluations++;
    return tryPoint(() => hessianProduct(f, unknowns, x, v), nowhere);
  });
  const journal = new Journal(options.callback, (x) => unknowns.restore(x));
  evaluations++;
  const start = pointOf(evaluate(f, unknowns, unknowns.start), unknowns.start, 0, unknowns.start);
  checkStart(start);
  const { point, reason } = search(start, at, rule, limits, journal);
  return {
    x: unknowns.restore(point.x),
    value: point.value,
    gradient: unknowns.restore(point.gradient),
    evaluations,
    ...journal.summarize(reason),
  };
}

function makeRule(
  { method = "lbfgs", historySize = 10 }: MinimizeOptions<never>,
  product: (x: Float64Array, v: Float64Array) => Float64Array,
): DirectionRule {
  if (!Number.isInteger(historySize) || historySize < 1) {
    throw new RangeError(
      message`Cannot run minimize(): historySize is ${describeValue(historySize)}, use an integer from 1
      up`,
    );
  }
  if (method === "lbfgs") return lbfgs(historySize);
  if (method === "newton-cg") return newtonCG(product);
  throw new RangeError(
    message`Cannot run minimize(): the method is ${describeValue(method)}, use "lbfgs" or
    "newton-cg"`,
  );
}

function checkStart({ value, gradient }: Point): void {
  if (!Number.isFinite(value)) {
    throw new RangeError(message`Cannot start minimize() from x0: f is ${value} there, start where it is
      finite`);
  }
  if (!allFinite(gradient)) {
    throw new RangeError(
      `Cannot start minimize() from x0: the gradient of f is not finite there, start where it is`,
    );
  }
}

/** The loop of all methods: a direction, a step along it, until a reason to stop. */
function search(
  start: Point,
  at: (x: Float64Array, distance: number, direction: Float64Array) => Point,
  rule: DirectionRule,
  limits: Limits,
  journal: Journal,
): { point: Point; reason: StopReason } {
  let point = start;
  journal.add({ iteration: 0, value: point.value, gradientNorm: maxNorm(point.gradient), step: 0 }, point.x);
  for (let iteration = 1;; iteration++) {
    if (maxNorm(point.gradient) <= limits.gradientTolerance) {
      return { point, reason: "gradient within tolerance" };
    }
    if (iteration > limits.maxIterations) return { point, reason: "maximal number of iterations reached" };
    const next = takeStep(point, at, rule);
    if (next === undefined) return { point, reason: "no lower value found along the search direction" };
    const step = addScaled(next.x, -1, point.x);
    rule.learn(step, addScaled(next.gradient, -1, point.gradient));
    point = next;
    const length = norm(step);
    const entry = { iteration, value: point.value, gradientNorm: maxNorm(point.gradient), step: length };
    if (journal.add(entry, point.x)) return { point, reason: "stopped by callback" };
    // The gradient is asked first, at the top, for it says most.
    if (entry.gradientNorm <= limits.gradientTolerance) continue;
    const fallen = (journal.history.at(-1 - WINDOW)?.value ?? Infinity) - point.value;
    if (fallen <= limits.valueTolerance * Math.abs(point.value)) {
      return { point, reason: "change of value within tolerance" };
    }
    const longest = Math.max(...journal.history.slice(-WINDOW).map(({ step }) => step));
    if (iteration >= WINDOW && longest <= limits.stepTolerance * norm(point.x)) {
      return { point, reason: "step within tolerance" };
    }
  }
}

/** A step along the rule's direction; if that leads nowhere, along one found afresh. */
function takeStep(
  point: Point,
  at: (x: Float64Array, distance: number, direction: Float64Array) => Point,
  rule: DirectionRule,
): Point | undefined {
  do {
    let direction = rule.direction(point.x, point.gradient);
    let slope = dot(point.gradient, direction);
    if (!(slope < 0) || !allFinite(direction)) {
      if (rule.forget()) continue;
      direction = scaled(-1, point.gradient);
      slope = -dot(point.gradient, point.gradient);
    }
    const next = searchLine(
      (distance) => at(addScaled(point.x, distance, direction), distance, direction),
      { ...point, distance: 0, slope },
      rule.firstDistance(norm(point.gradient)),
    );
    if (next !== undefined) return next;
  } while (rule.forget());
  return undefined;
}
