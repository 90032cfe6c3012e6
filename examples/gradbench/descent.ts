import { constant, grad, jvp, stopGradient, type Variable, where, whileLoop } from "../../mod.ts";

/** A function of several numbers, and of others that do not change. */
export type Scalar = (x: readonly Variable[], fixed: readonly Variable[]) => Variable;

/** The gradient of such a function by its first numbers. */
type Slope = (x: readonly Variable[], fixed: readonly Variable[]) => readonly Variable[];

/** How a gradient is found. */
export type Mode = (f: Scalar) => Slope;

/** The modes by their letter: reverse is one walk back, forward one walk for each number. */
export const MODES: { readonly f: Mode; readonly r: Mode } = {
  f: (f) => (x, fixed) =>
    x.map((_, i) => {
      const directions = x.map((_, k) => k === i ? 1 : 0);
      return jvp((y: readonly Variable[]) => f(y, fixed))([x], [directions])[1] as Variable;
    }),
  r: (f) => grad(f),
};

/** The state of a descent. */
interface Descent {
  readonly x: readonly Variable[];
  readonly fixed: readonly Variable[];
  /** The value at x. */
  readonly value: Variable;
  /** How far a step goes. */
  readonly rate: Variable;
  /** How many steps have gone down since the rate was changed. */
  readonly good: Variable;
  /** 0 at the end. */
  readonly isMoving: Variable;
}

const isShort = (x: readonly Variable[]): Variable =>
  x.map((part) => part.square()).reduce((a, b) => a.add(b)).sqrt().le(1e-5);

/** One round of the descent: which way it goes depends on values only, which `where` chooses by. */
function descend(f: Scalar, slope: Slope): (state: Descent) => Descent {
  return ({ x, fixed, value, rate, good }) => {
    const g = slope(x, fixed);
    const isDoubled = good.eq(10);
    const length = where(isDoubled, rate.mul(2), rate);
    const next = x.map((part, i) => part.sub(g[i]!.mul(length)));
    const isAtEnd = isShort(g).maximum(isShort(next.map((part, i) => part.sub(x[i]!))));
    const reached = stopGradient(f(next, fixed));
    const isBetter = reached.lt(value);
    const isTaken = where(isAtEnd, 0, isBetter);
    return {
      x: x.map((part, i) => where(isTaken, next[i]!, part)),
      fixed,
      value: where(isTaken, reached, value),
      rate: where(isBetter, length, length.div(2)),
      good: where(isBetter, where(isDoubled, 0, good).add(1), 0),
      isMoving: isAtEnd.eq(0),
    };
  };
}

/**
 * Gradient descent with a rate that grows and shrinks.
 *
 * @param f What is to be small
 * @param mode How its gradient is found
 * @param isCompiled Whether all rounds run one compiled program; not where f itself holds a loop
 * @returns A function of the start and of the fixed numbers, which can be differentiated by both
 */
export function argmin(
  f: Scalar,
  mode: Mode,
  { isCompiled = true }: { readonly isCompiled?: boolean } = {},
): Slope {
  const round = descend(f, mode(f));
  const isMoving = (state: Descent): Variable => state.isMoving;
  const compiled = whileLoop(isMoving, round);
  const plain = (state: Descent): Descent => {
    while (isMoving(state).truthy()) state = round(state);
    return state;
  };
  return (x, fixed) => {
    const [rate, good, moving] = [1e-5, 0, 1].map((number) => constant(number)) as [
      Variable,
      Variable,
      Variable,
    ];
    const start: Descent = { x, fixed, value: stopGradient(f(x, fixed)), rate, good, isMoving: moving };
    return (isCompiled ? compiled : plain)(start).x;
  };
}

/** Gradient ascent. */
export function argmax(f: Scalar, mode: Mode): Slope {
  return argmin((x, fixed) => f(x, fixed).neg(), mode);
}
