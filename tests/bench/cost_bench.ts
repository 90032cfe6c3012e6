/**
 * What a gradient costs in evaluations of its function, eager. Each group has the function without recording as
 * its baseline: the factor by which the gradient is slower should be at most 5.
 */
import {
  constant,
  lstmCell,
  NdArray,
  noGrad,
  softmaxCrossEntropy,
  valueAndGrad,
  type Variable,
} from "../../mod.ts";
import { key, normal, split } from "../../src/random/mod.ts";
import { logPosterior, type Mixture } from "../reference/gmm.ts";

let keys = key(1);

/** Normal numbers times `scale`. */
function draw(shape: readonly number[], dtype: "float32" | "float64", scale = 1): Variable {
  const [next, own] = split(keys);
  keys = next!;
  return constant(normal(own!, shape, { dtype })).mul(scale);
}

/** Benches a function of trees of Variables and its gradient. */
function compare<P>(group: string, f: (parameters: P) => Variable, parameters: P): void {
  const gradient = valueAndGrad(f as (p: unknown) => Variable);
  Deno.bench(`${group}: function`, { group, baseline: true }, () => void noGrad(() => f(parameters)));
  Deno.bench(`${group}: value and gradient`, { group }, () => void gradient(parameters));
}

{
  const [n, d, count] = [1000, 10, 25];
  const points = draw([n, d], "float64");
  const mixture: Mixture<Variable> = {
    alphas: draw([count], "float64"),
    means: draw([count, d], "float64"),
    icf: draw([count, d * (d + 1) / 2], "float64", 0.3),
  };
  const f = (m: Mixture<Variable>) => logPosterior(m, points, { gamma: 1, m: 0 });
  compare("Gaussian mixture, d = 10, K = 25, n = 1000", f, mixture);
}

{
  const [layers, steps, batch, units] = [2, 128, 32, 64];
  const inputs = Array.from({ length: steps }, () => draw([batch, units], "float32"));
  const zeros = constant(new NdArray(new Float32Array(batch * units), [batch, units]));
  const parameters = Array.from({ length: layers }, () => ({
    kernel: draw([units, 4 * units], "float32", 0.1),
    recurrentKernel: draw([units, 4 * units], "float32", 0.1),
    bias: draw([4 * units], "float32", 0.1),
  }));
  const f = (p: typeof parameters): Variable => {
    const states = p.map(() => ({ hidden: zeros, cell: zeros }));
    for (const input of inputs) {
      let x = input;
      p.forEach((layer, i) => x = (states[i] = lstmCell(x, states[i]!, layer)).hidden);
    }
    return states.at(-1)!.hidden.square().mean();
  };
  compare("LSTM, 2 layers, 128 steps, batch 32, 64 units", f, parameters);
}

{
  const [batch, sizes] = [64, [784, 128, 10]];
  const x = draw([batch, sizes[0]!], "float32");
  const labels = constant(Float32Array.from({ length: batch * 10 }, (_, i) => i % 10 === i % 7 ? 1 : 0))
    .reshape([batch, 10]);
  const parameters = [1, 2].map((i) => ({
    weights: draw([sizes[i - 1]!, sizes[i]!], "float32", 0.05),
    bias: draw([sizes[i]!], "float32", 0.1),
  }));
  const f = ([first, second]: typeof parameters): Variable =>
    softmaxCrossEntropy(
      labels,
      x.matmul(first!.weights).add(first!.bias).relu().matmul(second!.weights).add(second!.bias),
    );
  compare("MLP, 784-128-10, batch 64", f, parameters);
}
