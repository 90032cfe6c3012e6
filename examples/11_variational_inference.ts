/**
 * Black-box variational inference: what is known about the weights of a linear model after some data, by gradients
 * through random draws. The exact answer is known here, and is compared. `deno task example:variational-inference`
 */
import { compile, constant, eye, valueAndGrad, type Variable } from "../mod.ts";
import { adam, cosineDecay, type Weights } from "../src/optim/mod.ts";
import { foldIn, type Key, key, normal, split } from "../src/random/mod.ts";
import { readCount, readFlags } from "./_command_line.ts";

const flags = readFlags(
  `Approximates a posterior distribution, and compares it with the exact one.

Usage: deno task example:variational-inference [options]
  --steps N        steps of the optimizer (default: 2000)
  --help           print this`,
  ["steps"],
);
const steps = readCount("steps", flags.steps, 2000);

// 1. The model: y = X w + noise, with weights that are drawn from a standard normal distribution.
const [rows, features, noise] = [50, 3, 0.5];
const [ofInputs, ofWeights, ofNoise, ofDraws] = split(key(2), 4) as [Key, Key, Key, Key];
const x = normal(ofInputs, [rows, features], { dtype: "float64" }); // [50, 3]
const trueWeights = normal(ofWeights, [features], { dtype: "float64" }); // [3]
const y = x.matmul(trueWeights).add(normal(ofNoise, [rows], { dtype: "float64" }).mul(noise)); // [50]

// The logarithm of prior times likelihood, but for a constant. It is all that the method needs to know of a model:
// hence "black box".
const logJoint = (w: Variable): Variable =>
  w.square().sum().add(x.matmul(w).sub(y).square().sum().div(noise ** 2)).div(-2);

// 2. The approximation: normal, with a mean and a triangular factor S of its covariance S S', whose diagonal is positive
//    as an exponential. A draw is mean + S e with e from a standard normal distribution, so its derivatives by mean and S
//    exist: that is the reparametrization trick.
interface Approximation {
  readonly mean: Variable; // [3]
  readonly logDiagonal: Variable; // [3]
  readonly below: Variable; // [3, 3], of which the part below the diagonal is used
}
const factorOf = (q: Approximation): Variable =>
  q.below.tril({ offset: -1 }).add(eye(features).mul(q.logDiagonal.exp()));

// 3. What is maximised is a lower bound of the evidence: the mean of log joint over draws, plus the entropy of the
//    approximation, which is the sum of log S[i, i] but for a constant (Kucukelbir et al., "Automatic differentiation
//    variational inference", 2017).
const draws = 8;
const negativeBound = (q: Approximation, key: Key): Variable => {
  const e = normal(key, [draws, features], { dtype: "float64" });
  const w = e.matmul(factorOf(q).transpose()).add(q.mean); // [draws, 3]
  const misfit = w.matmul(x.transpose()).sub(y).square().sum().div(noise ** 2);
  return w.square().sum().add(misfit).div(2 * draws).sub(q.logDiagonal.sum());
};

// 4. One compiled program takes a step: it draws, differentiates and updates.
const optimizer = adam({ learningRate: cosineDecay(0.05, { steps }) });
type State = ReturnType<typeof optimizer.init>;
const step = compile((q: Approximation, state: State, key: Key) => {
  const [value, gradient] = valueAndGrad(negativeBound)(q, key) as unknown as [Variable, Weights];
  return [optimizer.update(gradient, state, q as unknown as Weights), value] as const;
});
let q: Approximation = {
  mean: constant([0, 0, 0]),
  logDiagonal: constant([0, 0, 0]),
  below: constant([[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
};
let state = optimizer.init(q as unknown as Weights);
for (let i = 0; i < steps; i++) {
  const [next, value] = step(q, state, foldIn(ofDraws, i));
  q = next.parameters as unknown as Approximation;
  state = next.state;
  if (i === 0 || (i + 1) % (steps / 4) === 0) {
    console.log(`step ${String(i + 1).padStart(5)}  negative bound ${value.item().toFixed(3)}`);
  }
}

// 5. The exact posterior of a linear model is normal too: covariance (X'X / noise² + I)⁻¹, mean covariance X'y / noise².
const covariance = x.transpose().matmul(x).div(noise ** 2).add(eye(features)).inverse();
const mean = covariance.matmul(x.transpose().matmul(y)).div(noise ** 2);
const [exact, factor] = [covariance.diagonal().sqrt().data, factorOf(q)];
const approximate = factor.matmul(factor.transpose()).diagonal().sqrt().data;
console.log("\nweight   true    exact posterior    approximation");
for (let i = 0; i < features; i++) {
  const pair = (mean: number, deviation: number): string =>
    `${mean.toFixed(3).padStart(8)} ± ${deviation.toFixed(3)}`;
  console.log(
    `w${i + 1}     ${trueWeights.data[i]!.toFixed(3).padStart(6)}   ${pair(mean.data[i]!, exact[i]!)}   ${
      pair(q.mean.data[i]!, approximate[i]!)
    }`,
  );
}
console.log(
  `\nlog density at the mean, exact and approximate: ${
    [mean, q.mean].map((w) => logJoint(w).item().toFixed(3)).join(", ")
  }`,
);
const apart = Math.max(
  ...Array.from(exact, (deviation, i) => Math.abs(q.mean.data[i]! - mean.data[i]!) / deviation),
  ...Array.from(exact, (deviation, i) => Math.abs(approximate[i]! / deviation - 1)),
);
console.log(`largest difference, in standard deviations: ${apart.toFixed(3)}`);
