// The Hessian is diagonal, so its product with ones is that diagonal: forward over reverse, two walks whatever
// the number of centroids. The distances are mostly one matrix product, which is much less work than all the
// differences.
import { compile, constant, grad, jvp, ones, type Variable } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

/** The sum over all points `[n, d]` of the squared distance to the nearest centroid `[k, d]`. */
function cost(centroids: Variable, points: Variable): Variable {
  // |c - p|^2 = |c|^2 - 2 c p + |p|^2 around the middle of the points, where it loses least to rounding.
  const middle = points.mean({ axis: 0 });
  const c = centroids.sub(middle);
  const p = points.sub(middle);
  const nearest = c.square().sum({ axis: 1 }).sub(p.matmul(c.transpose()).mul(2)).min({ axis: 1 });
  return p.square().sum().add(nearest.sum());
}

/** The Newton direction. */
function direction(centroids: Variable, points: Variable): Variable {
  const slope = (c: Variable): Variable => grad(cost)(c, points);
  const [gradient, curvature] = jvp(slope)([centroids], [ones(centroids.shape)]);
  return gradient.div(curvature);
}

function read(input: unknown): { points: Variable; centroids: Variable } {
  const fields = new Input(input);
  const points = constant(fields.array("points", [undefined, undefined]));
  return { points, centroids: constant(fields.array("centroids", [undefined, points.shape[1]])) };
}

export const kmeans: Evaluation = {
  cost: (input) => {
    const { points, centroids } = read(input);
    const f = compile(cost);
    return () => f(centroids, points).item();
  },
  dir: (input) => {
    const { points, centroids } = read(input);
    const dir = compile(direction);
    return () => dir(centroids, points).toArray();
  },
};
