/**
 * A Gaussian process: a curve through a few noisy points, with a band that says how far it can be trusted. Its three
 * hyperparameters are found by gradients through a Cholesky decomposition. `deno task example:gaussian-process`
 */
import { constant, eye, type Variable } from "../mod.ts";
import { minimize } from "../src/optim/mod.ts";
import { key, normal, split, uniform } from "../src/random/mod.ts";
import { readCount, readFlags } from "./_command_line.ts";

const flags = readFlags(
  `Draws a curve through noisy points, and how sure it is.

Usage: deno task example:gaussian-process [options]
  --points N       how many points are measured (default: 40)
  --help           print this`,
  ["points"],
);
const count = readCount("points", flags.points, 40);

// 1. Points of a function that we pretend not to know, with noise. Nothing is measured between 4 and 6.
const truth = (x: Variable): Variable => x.sin().add(x.mul(3).cos().mul(0.3));
const noise = 0.1;
const [ofPlaces, ofNoise] = split(key(5));
const draws = uniform(ofPlaces!, [count], { dtype: "float64" }).mul(8); // [n], 0 to 8
const x = draws.add(draws.ge(4).mul(2)); // [n], 0 to 4 and 6 to 10
const y = truth(x).add(normal(ofNoise!, [count], { dtype: "float64" }).mul(noise)); // [n]

// 2. The prior. Values at two places are alike if the places are close: their covariance is
//    size² exp(-(distance / length)² / 2). All three numbers are positive, so their logarithms are searched for.
interface Hyperparameters<T> {
  readonly size: T;
  readonly length: T;
  readonly noise: T;
}
const covariance = (a: Variable, b: Variable, p: Hyperparameters<Variable>): Variable =>
  a.expandDims(1).sub(b.expandDims(0)).div(p.length.exp()).square().mul(-0.5).exp().mul(
    p.size.exp().square(),
  );
const factor = (p: Hyperparameters<Variable>): Variable =>
  // lower triangular, [n, n]
  covariance(x, x, p).add(eye(count).mul(p.noise.exp().square().add(1e-8))).cholesky();

// 3. Hyperparameters that make the measured points most likely. With K = L L' the logarithm of their density is
//    -|L⁻¹ y|² / 2 - sum log diag L + constant; the tape differentiates through all of it.
const surprise = (p: Hyperparameters<Variable>): Variable => {
  const lower = factor(p);
  return lower.triangularSolve(y).square().sum().div(2).add(lower.diagonal().log().sum());
};
const search = minimize(surprise, { size: 0, length: 0, noise: -1 });
console.log(`${search.reason} after ${search.iterations} iterations`);
for (const [name, value] of Object.entries(search.x)) {
  console.log(`${name.padEnd(6)} ${Math.exp(value).toFixed(3)}`);
}

// 4. What it says about new places: the mean and the variance that are left once the points are known.
const p: Hyperparameters<Variable> = {
  size: constant(search.x.size),
  length: constant(search.x.length),
  noise: constant(search.x.noise),
};
const places = constant(Array.from({ length: 41 }, (_, i) => i / 4)); // [m]
const lower = factor(p);
const across = lower.triangularSolve(covariance(x, places, p)); // [n, m]
const mean = lower.triangularSolve(y).matmul(across).data; // [m]
const deviation =
  across.square().sum({ axis: 0 }).neg().add(p.size.exp().square()).clip(0, Infinity).sqrt().data;
const actual = truth(places).data;

console.log("\n   x    -2 to +2:  * the mean, - two standard deviations around it, o the true function\n");
let inside = 0;
for (let i = 0; i < mean.length; i++) {
  const column = (value: number): number => Math.max(0, Math.min(64, Math.round(32 + 16 * value)));
  const line = Array<string>(65).fill(" ");
  line.fill("-", column(mean[i]! - 2 * deviation[i]!), column(mean[i]! + 2 * deviation[i]!) + 1);
  line[column(mean[i]!)] = "*";
  line[column(actual[i]!)] = "o";
  console.log(`${(i / 4).toFixed(2).padStart(6)}  ${line.join("").trimEnd()}`);
  // Numbers that rounding alone separates count as inside.
  if (Math.abs(mean[i]! - actual[i]!) <= 2 * deviation[i]! + 1e-3) inside++;
}
const widest = Math.max(...deviation);
console.log(`\nleast sure at x = ${(deviation.indexOf(widest) / 4).toFixed(2)}, where nothing was measured`);
console.log(
  `the true function lies in the band at ${(100 * inside / mean.length).toFixed(0)} % of the places`,
);
