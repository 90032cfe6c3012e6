/** The Gaussian mixture of ADBench: the log-likelihood of points with a Wishart prior on the precisions. */
import { concat, lgamma, NdArray, type Variable } from "../../mod.ts";

/** What is differentiated, for K components in d dimensions. */
export interface Mixture<T> {
  /** Logarithms of the weights up to a constant, `[K]`. */
  readonly alphas: T;
  /** `[K, d]`. */
  readonly means: T;
  /** Logarithms of the diagonals of the triangles, then their columns below it, `[K, d (d + 1) / 2]`. */
  readonly icf: T;
}

/** The Wishart prior. */
export interface Wishart {
  readonly gamma: number;
  readonly m: number;
}

/**
 * The logarithm of the posterior density up to a constant.
 *
 * @param x The points, `[n, d]`
 */
export function logPosterior(
  { alphas, means, icf }: Mixture<Variable>,
  x: Variable,
  { gamma, m }: Wishart,
): Variable {
  const [n, d] = x.shape as [number, number];
  const count = alphas.size;
  const q = icf.slice([0, 0], [count, d]);
  const below = icf.slice([0, d]);
  const diagonals = q.exp();
  const scales = q.sum(1);
  const triangles = lowerTriangles(diagonals, below);
  // Q (x - mean) is Q x - Q mean, and Q x for all points and components is one product of matrices.
  const centres = triangles.matmul(means.reshape([count, d, 1])).reshape([count * d]);
  const offsets = x.matmul(triangles.reshape([count * d, d]).transpose()).sub(centres);
  const distances = offsets.square().reshape([n, count, d]).sum(2);
  const fit = alphas.add(scales).sub(distances.mul(0.5)).logSumExp(1).sum().sub(alphas.logSumExp().mul(n));
  const size = diagonals.square().sum().add(below.square().sum());
  const prior = size.mul(gamma ** 2 / 2).sub(scales.sum().mul(m));
  return fit.add(prior).sub(constantPart(n, d, count, gamma, m));
}

/** `[K, d, d]`: the diagonals, and below them the rest, column after column. */
function lowerTriangles(diagonals: Variable, below: Variable): Variable {
  const [count, d] = diagonals.shape as [number, number];
  const places = new Float64Array(d * d);
  let next = 1 + d;
  for (let column = 0; column < d; column++) {
    places[column * d + column] = 1 + column;
    for (let row = column + 1; row < d; row++) places[row * d + column] = next++;
  }
  const zeros = new NdArray(new Float64Array(count), [count, 1]);
  return concat([zeros, diagonals, below], { axis: 1 }).gather(new NdArray(places, [d, d]), { axis: 1 });
}

/** What depends on no parameter. */
function constantPart(n: number, d: number, count: number, gamma: number, m: number): number {
  const freedom = d + m + 1;
  let logGamma = d * (d - 1) / 4 * Math.log(Math.PI);
  for (let j = 1; j <= d; j++) logGamma += lgamma(freedom / 2 + (1 - j) / 2).item();
  const normalization = freedom * d * (Math.log(gamma) - Math.LN2 / 2) - logGamma;
  return n * d / 2 * Math.log(2 * Math.PI) + count * normalization;
}
