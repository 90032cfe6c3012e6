import type { DirectionRule } from "./lbfgs.ts";
import { addScaled, allFinite, dot, norm, scaled } from "./vectors.ts";

/** The product of the Hessian at a point and a vector. */
export type HessianProduct = (x: Float64Array, v: Float64Array) => Float64Array;

/**
 * Newton's method with truncated conjugate gradients (Nocedal and Wright 2006, algorithm 7.1): the Newton
 * equations are solved the more exactly the smaller the gradient is, and left at a direction along which the
 * function curves downwards.
 */
export function newtonCG(product: HessianProduct): DirectionRule {
  return {
    direction: (x, gradient) => {
      const length = norm(gradient);
      const tolerance = Math.min(0.1, Math.sqrt(length)) * length;
      let solution: Float64Array = new Float64Array(gradient.length);
      let residual = gradient;
      let direction = scaled(-1, gradient);
      let square = dot(residual, residual);
      for (let k = 0; k < 2 * gradient.length + 10; k++) {
        const image = product(x, direction);
        const curvature = dot(direction, image);
        if (!allFinite(image) || !(curvature > 0)) {
          return k === 0 ? scaleDownhill(direction, square, curvature) : solution;
        }
        const distance = square / curvature;
        solution = addScaled(solution, distance, direction);
        residual = addScaled(residual, distance, image);
        if (norm(residual) <= tolerance) break;
        const before = square;
        square = dot(residual, residual);
        const next = square / before;
        direction = addScaled(scaled(next, direction), -1, residual);
      }
      return solution;
    },
    learn: () => {},
    forget: () => false,
    firstDistance: () => 1,
  };
}

/** Steepest descent, as far as the size of the curvature says, whatever its sign. */
function scaleDownhill(direction: Float64Array, square: number, curvature: number): Float64Array {
  const distance = square / Math.abs(curvature);
  return Number.isFinite(distance) && distance > 0 ? scaled(distance, direction) : direction;
}
