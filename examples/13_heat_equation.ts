/**
 * A physics-informed network: the heat equation in a rod, solved without a grid, by a network whose derivatives obey the
 * equation. The exact solution is known here, and is compared. `deno task example:heat-equation`
 */
import { constant, grad, meshgrid, stack, type Variable, vmap } from "../mod.ts";
import { applyLayer, dense, initialize, sequential } from "../src/nn/mod.ts";
import { minimize, type Weights } from "../src/optim/mod.ts";
import { key, split, uniform } from "../src/random/mod.ts";
import { readCount, readFlags } from "./_command_line.ts";

const flags = readFlags(
  `Solves the heat equation by a network, and compares with the exact solution.

Usage: deno task example:heat-equation [options]
  --iterations N   of the search (default: 400)
  --help           print this`,
  ["iterations"],
);
const iterations = readCount("iterations", flags.iterations, 400);

// 1. The problem. The temperature u(x, t) of a rod of length 1 changes by u_t = k u_xx. Both ends are kept at 0, and at
//    first it is sin(pi x), so that the exact solution is exp(-k pi² t) sin(pi x).
const k = 0.2;
const exact = (x: number, t: number): number => Math.exp(-k * Math.PI ** 2 * t) * Math.sin(Math.PI * x);

// 2. The network, made so that what is known at the ends and at the beginning holds whatever its weights are:
//    u = sin(pi x) + t x (1 - x) N(x, t).
const network = sequential([
  dense({ units: 16, activation: "tanh" }),
  dense({ units: 16, activation: "tanh" }),
  dense({ units: 1 }),
]);
const example = constant([[0, 0]]);
const { parameters: start } = initialize(network, key(0), example);
const u = (weights: Weights, x: Variable, t: Variable): Variable => { // numbers -> a number
  const point = stack([x, t]).reshape([1, 2]);
  const { output } = applyLayer(network, { parameters: weights, state: {} }, point);
  return x.mul(Math.PI).sin().add(t.mul(x).mul(x.neg().add(1)).mul(output.reshape([])));
};

// 3. The equation. Derivatives by place and time are derivatives like any other: `grad` by the second and third argument,
//    twice by the second. `vmap` asks at all places at once.
const u_t = grad(u, { argnums: 2 });
const u_x = (weights: Weights, x: Variable, t: Variable): Variable => grad(u, { argnums: 1 })(weights, x, t);
const u_xx = grad(u_x, { argnums: 1 });
const left = (weights: Weights, x: Variable, t: Variable): Variable =>
  // what the equation leaves over, u_t - k u_xx
  u_t(weights, x, t).sub(u_xx(weights, x, t).mul(k));
const [ofPlaces, ofTimes] = split(key(1));
const [places, times] = [
  uniform(ofPlaces!, [200], { dtype: "float64" }),
  uniform(ofTimes!, [200], { dtype: "float64" }),
];
const residual = (weights: Weights): Variable =>
  vmap(left, { inAxes: [null, 0, 0] })(weights, places, times).square().mean();

// 4. The search: L-BFGS, on one more derivative of all this, by the weights.
const report = 100;
const { x: weights, iterations: taken } = minimize(residual, start, {
  maxIterations: iterations,
  callback: ({ iteration, value }) => {
    if (iteration % report === 0) {
      console.log(`iteration ${String(iteration).padStart(4)}  residual² ${value.toExponential(2)}`);
    }
  },
});
console.log(`stopped after ${taken} iterations`);

// 5. The temperature at four times, from the network, and how far it is from the exact solution anywhere.
console.log("\n  x      t = 0      0.25      0.5       1.0");
const solve = vmap(u, { inAxes: [null, 0, 0] });
const [xs, ts] = meshgrid([
  Array.from({ length: 21 }, (_, i) => i / 20),
  Array.from({ length: 21 }, (_, i) => i / 20),
]);
const found = solve(weights, xs!.reshape([441]), ts!.reshape([441])).data; // rows by t
for (let i = 0; i <= 20; i += 2) {
  const cells = [0, 5, 10, 20].map((row) => found[row * 21 + i]!.toFixed(5).padStart(10)).join("");
  console.log(`${(i / 20).toFixed(1).padStart(5)}${cells}`);
}
let worst = 0;
for (let at = 0; at < 441; at++) {
  worst = Math.max(worst, Math.abs(found[at]! - exact(xs!.data[at]!, ts!.data[at]!)));
}
console.log(`\nlargest difference from the exact solution at 441 places: ${worst.toExponential(1)}`);
