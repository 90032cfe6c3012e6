// As matrices: Q (x - mu) = Q x - Q mu for all points and components is one product of the points and the stacked
// triangles, so the tape holds a few large rows rather than one for every multiplication; compile() fuses what is
// between the products.
import { compile, concat, constant, grad, lgamma, NdArray, type Variable } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

/** What is differentiated: k weights, means, and triangles by their diagonals' logarithms and their rest. */
interface Parameters<T> {
  readonly alpha: T;
  readonly mu: T;
  readonly q: T;
  readonly l: T;
}

/** The Wishart prior of the triangles. */
interface Prior {
  readonly m: number;
  readonly gamma: number;
}

/** @param x The points, `[n, d]` */
function logPosterior({ alpha, mu, q, l }: Parameters<Variable>, x: Variable, { m, gamma }: Prior): Variable {
  const [n, d] = x.shape as [number, number];
  const [k] = alpha.shape as [number];
  const diagonals = q.exp();
  const triangles = lowerTriangles(diagonals, l, k, d);
  const scales = q.sum({ axis: 1 });
  const points = x.matmul(triangles.reshape([k * d, d]).transpose());
  const means = triangles.matmul(mu.reshape([k, d, 1])).reshape([k * d]);
  const distances = points.sub(means).square().reshape([n, k, d]).sum({ axis: 2 });
  const fits = alpha.add(scales).sub(distances.mul(0.5)).logSumExp({ axis: 1 }).sum();
  const norms = diagonals.square().sum().add(l.square().sum());
  const prior = scales.sum().mul(m).sub(norms.mul(0.5 * gamma ** 2));
  return fits.sub(alpha.logSumExp().mul(n)).add(prior).add(constantPart(n, d, k, m, gamma));
}

/** Lower triangular matrices `[k, d, d]` of their diagonals and of what lies below, column by column. */
function lowerTriangles(diagonals: Variable, below: Variable, k: number, d: number): Variable {
  const places = new Float64Array(d * d);
  for (let column = 0, next = 1 + d; column < d; column++) {
    places[column * d + column] = 1 + column;
    for (let row = column + 1; row < d; row++) places[row * d + column] = next++;
  }
  const entries = concat([new NdArray(new Float64Array(k), [k, 1]), diagonals, below], { axis: 1 });
  return entries.gather(new NdArray(places, [d, d]), { axis: 1 });
}

/** The terms that depend on no parameter. */
function constantPart(n: number, d: number, k: number, m: number, gamma: number): number {
  const freedom = d + m + 1;
  let logGamma = 0.25 * d * (d - 1) * Math.log(Math.PI);
  for (let j = 1; j <= d; j++) logGamma += lgamma(freedom / 2 + (1 - j) / 2).item();
  return k * (freedom * d * Math.log(gamma / Math.SQRT2) - logGamma) - 0.5 * n * d * Math.log(2 * Math.PI);
}

function read(input: unknown): { parameters: Parameters<Variable>; x: Variable; prior: Prior } {
  const fields = new Input(input);
  const d = fields.integer("d", 1);
  const k = fields.integer("k", 1);
  return {
    parameters: {
      alpha: constant(fields.array("alpha", [k])),
      mu: constant(fields.array("mu", [k, d])),
      q: constant(fields.array("q", [k, d])),
      l: constant(fields.array("l", [k, d * (d - 1) / 2])),
    },
    x: constant(fields.array("x", [fields.integer("n", 1), d])),
    prior: { m: fields.number("m"), gamma: fields.number("gamma") },
  };
}

export const gmm: Evaluation = {
  objective: (input) => {
    const { parameters, x, prior } = read(input);
    const f = compile(logPosterior, { staticArgnums: [2] });
    return () => f(parameters, x, prior).item();
  },
  jacobian: (input) => {
    const { parameters, x, prior } = read(input);
    const gradient = compile(grad(logPosterior), { staticArgnums: [2] });
    return () => {
      const { alpha, mu, q, l } = gradient(parameters, x, prior);
      return { alpha: alpha.toArray(), mu: mu.toArray(), q: q.toArray(), l: l.toArray() };
    };
  },
};
