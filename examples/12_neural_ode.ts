/**
 * A neural ordinary differential equation: a network that learns how a swinging pendulum moves, from two seconds of its
 * path, and then predicts the next ones. `deno task example:neural-ode`
 */
import { compile, constant, scan, stack, valueAndGrad, type Variable } from "../mod.ts";
import { applyLayer, dense, initialize, sequential } from "../src/nn/mod.ts";
import { adam, cosineDecay, type Weights } from "../src/optim/mod.ts";
import { key, uniform } from "../src/random/mod.ts";
import { readCount, readFlags } from "./_command_line.ts";

const flags = readFlags(
  `Learns the law of motion of a damped pendulum from its path.

Usage: deno task example:neural-ode [options]
  --steps N        steps of the optimizer (default: 2000)
  --help           print this`,
  ["steps"],
);
const steps = readCount("steps", flags.steps, 2000);

// 1. A path: position and speed change by their law, dz/dt = law(z). One step of the classical Runge-Kutta method looks
//    at the law four times, and `scan` takes many steps, keeping every point on the way.
type Law = (z: Variable) => Variable; // [B, 2] -> [B, 2]
const dt = 0.05; // seconds
function rungeKutta(law: Law, z: Variable): Variable {
  const k1 = law(z);
  const k2 = law(z.add(k1.mul(dt / 2)));
  const k3 = law(z.add(k2.mul(dt / 2)));
  const k4 = law(z.add(k3.mul(dt)));
  return z.add(k1.add(k2.mul(2)).add(k3.mul(2)).add(k4).mul(dt / 6));
}
function follow(law: Law, start: Variable, count: number): Variable { // [B, 2] -> [count, B, 2]
  const [, path] = scan(
    (z: Variable, _: Variable) => {
      const next = rungeKutta(law, z);
      return [next, next] as const;
    },
    start,
    constant(new Float32Array(count)),
  );
  return path;
}

// 2. The truth, which the network never sees but for the paths: a pendulum with friction, from twelve starts. We give it
//    the first 40 steps, two seconds, and keep the next 60 to see whether it has understood.
const [paths, seen, all] = [12, 40, 100];
const pendulum: Law = (z) => {
  const [angle, speed] = [z.gather(0, { axis: 1 }), z.gather(1, { axis: 1 })];
  return stack([speed, angle.sin().mul(-4).sub(speed.mul(0.2))], { axis: 1 });
};
const starts = uniform(key(3), [paths, 2], { dtype: "float32" }).mul(4).sub(2); // angle and speed, each from -2 to 2

const truth = follow(pendulum, starts, all); // [100, 12, 2]
const known = truth.slice([0, 0, 0], [seen, paths, 2]);

// 3. The network is the law. Its derivatives go back through all the steps that the solver took.
const network = sequential([
  dense({ units: 32, activation: "tanh" }),
  dense({ units: 32, activation: "tanh" }),
  dense({ units: 2 }),
]);
const { parameters } = initialize(network, key(1), starts);
const law = (weights: Weights): Law => (z) =>
  applyLayer(network, { parameters: weights, state: {} }, z).output;
const lossOf = (weights: Weights): Variable => follow(law(weights), starts, seen).sub(known).square().mean();

const optimizer = adam({ learningRate: cosineDecay(0.01, { steps }) });
type State = ReturnType<typeof optimizer.init>;
const step = compile((weights: Weights, state: State) => {
  const [loss, gradient] = valueAndGrad(lossOf)(weights);
  return [optimizer.update(gradient, state, weights), loss] as const;
});
let weights: Weights = parameters;
let state = optimizer.init(weights);
for (let i = 0; i < steps; i++) {
  const [next, loss] = step(weights, state);
  weights = next.parameters;
  state = next.state;
  if (i === 0 || (i + 1) % (steps / 5) === 0) {
    console.log(`step ${String(i + 1).padStart(5)}  mean squared error ${loss.item().toExponential(2)}`);
  }
}

// 4. The first path: o is the pendulum, + the network where they differ. It has seen the part above the line.
const predicted = follow(law(weights), starts, all); // [100, 12, 2]
const angle = (path: Variable, i: number): number => path.data[2 * paths * i]!;
console.log("\n  time    angle, -2 to 2");
for (let i = 3; i < all; i += 4) {
  if (i === seen + 3) console.log(`        ${"-".repeat(65)}`);
  const line = Array<string>(65).fill(" ");
  for (const [path, mark] of [[predicted, "+"], [truth, "o"]] as const) {
    line[Math.max(0, Math.min(64, Math.round(32 + 16 * angle(path, i))))] = mark;
  }
  console.log(`${((i + 1) * dt).toFixed(2).padStart(5)} s  ${line.join("").trimEnd()}`);
}
const beyond = predicted.sub(truth).slice([seen, 0, 0], [all - seen, paths, 2]);
console.log(
  `\nroot mean squared error of the three seconds it has not seen: ${
    beyond.square().mean().sqrt().item().toFixed(4)
  }`,
);
