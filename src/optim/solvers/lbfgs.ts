import { addScaled, dot, scaled } from "./vectors.ts";

/** How a search chooses its directions. */
export interface DirectionRule {
  /** The direction to search along, downhill. */
  direction(x: Float64Array, gradient: Float64Array): Float64Array;
  /** Takes note of a step and how it changed the gradient. */
  learn(step: Float64Array, change: Float64Array): void;
  /** Drops what was learnt; false if there was nothing. */
  forget(): boolean;
  /** How far along the direction to try first. */
  firstDistance(gradientNorm: number): number;
}

/**
 * L-BFGS (Nocedal 1980; the two loops are algorithm 7.4 of Nocedal and Wright 2006): the inverse Hessian is
 * made up from the last steps and the changes of the gradient.
 *
 * @param historySize How many steps it remembers
 */
export function lbfgs(historySize: number): DirectionRule {
  let pairs: { readonly step: Float64Array; readonly change: Float64Array; readonly rho: number }[] = [];
  return {
    direction: (_, gradient) => {
      let q = scaled(-1, gradient);
      const weights: number[] = [];
      for (let i = pairs.length - 1; i >= 0; i--) {
        const { step, change, rho } = pairs[i]!;
        weights[i] = rho * dot(step, q);
        q = addScaled(q, -weights[i]!, change);
      }
      const last = pairs.at(-1);
      if (last !== undefined) q = scaled(1 / (last.rho * dot(last.change, last.change)), q);
      pairs.forEach(({ step, change, rho }, i) => q = addScaled(q, weights[i]! - rho * dot(change, q), step));
      return q;
    },
    learn: (step, change) => {
      const product = dot(step, change);
      // Without positive curvature the pair would spoil the matrix.
      if (!(product > 1e-16 * Math.sqrt(dot(step, step) * dot(change, change)))) return;
      pairs = [...pairs, { step, change, rho: 1 / product }].slice(-historySize);
    },
    forget: () => {
      const had = pairs.length > 0;
      pairs = [];
      return had;
    },
    // The first direction is the gradient, whose length says nothing about the distance.
    firstDistance: (gradientNorm) => pairs.length === 0 ? Math.min(1, 1 / gradientNorm) : 1,
  };
}
